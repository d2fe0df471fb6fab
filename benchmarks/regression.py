"""How many times as fast as plain SimPy is simsched? Run it before and after a change.

Each round, plain SimPy and the parts of simsched take turns on one core, and their rates of CPU
time are divided: a ratio hardly depends on the machine, or on what else it does.

    python benchmarks/regression.py [--rounds 5] [--scale 1]
"""

from __future__ import annotations

import argparse
import sys

from contestants.turns import Contestant, Turns
from contestants.work import FEEDBACK
from peers import ENGINE, FEWEST, OWN, PLAIN, ratios
from this_machine import machine, spread, use_one_core

REFERENCE = Contestant("simsched, reference engine", "simsched_reference", 30_000, ours=True)
WHOLE = Contestant("simsched run, compiled", None, 2_000_000, engine="compiled", ours=True)
SMALL = Contestant("simsched run, 1,000 requests", None, 1_000, engine="simpy", ours=True)
OURS = (REFERENCE, ENGINE, SMALL, OWN, WHOLE)


def table(rounds: int, scale: float) -> list[str]:
    """Return the rows of the table: who, and how many times as fast as plain SimPy."""
    every = {one: Turns(one, max(FEWEST, round(one.requests * scale))) for one in (PLAIN, *OURS)}
    for one in OURS:  # what is compiled once is kept from now on
        Turns(one, FEWEST).take(FEEDBACK, 1, sys.executable, "cpu")
    for seed in range(1, rounds + 1):
        for turns in every.values():
            turns.take(FEEDBACK, seed, sys.executable, "cpu")
    plain = every[PLAIN]
    rows = []
    for one in OURS:
        turns = every[one]
        if one.module is None:
            times = ratios(turns.whole, plain.whole)
        else:
            times = ratios(turns.simulated, plain.simulated)
        rows.append(f"| {one.label} | {turns.requests:,} | {spread(times, '.3g')} |")
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="times as many requests")
    asked = parser.parse_args()
    use_one_core()
    print(f"{machine()}\n{FEEDBACK}, {asked.rounds} rounds\n")
    print("| part | requests | times as fast as plain SimPy |\n| --- | --- | --- |")
    print(*table(asked.rounds, asked.scale), sep="\n")


if __name__ == "__main__":
    main()
