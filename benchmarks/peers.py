"""How fast is simsched beside other simulators, at the same work on the same machine?

Two workloads: *feedback*, requests that arrive at random and go through cpu, io, cpu on one event
loop; and *mm1*, the M/M/1 queue. Every contestant (``benchmarks/contestants``) runs each of them in
a process of its own, on one core, in rounds: all contestants take a turn in every round, so that
what disturbs the machine disturbs all. Rates are medians over the rounds, with the least and the
largest; ratios are taken within each round. That everybody does the same work is checked by the
mean response.

    python -m venv /tmp/peers && /tmp/peers/bin/pip install -r benchmarks/peers-requirements.txt
    python benchmarks/peers.py --python /tmp/peers/bin/python
    python benchmarks/peers.py --python /tmp/peers/bin/python --scale 0.01 --rounds 1

simsched itself runs with the Python that runs this. On a machine that others use too, ``--clock
cpu`` counts the seconds that a process computed; on an idle machine it is the same.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from math import sqrt

from contestants.turns import AbsentError, Contestant, Turns
from contestants.work import WORKS, Work
from scipy.special import stdtrit
from this_machine import machine, spread, use_one_core

CONFIDENCE = 0.999
"""With which the mean response over all rounds is held against theory."""

ENGINE = Contestant("simsched, compiled engine", "simsched_compiled", 2_000_000, ours=True, times=5)
WHOLE = Contestant("simsched run, compiled", None, 10_000_000, engine="compiled", ours=True)
OWN = Contestant("simsched run, simpy", None, 30_000, engine="simpy", ours=True)
PLAIN = Contestant("SimPy, processes", "simpy_processes", 100_000)
CIMBA = Contestant("cimba", "cimba_compiled", 1_000_000, times=5)
LOOP = Contestant("Numba loop by hand", "numba_loop", 2_000_000, times=5)
CONTESTANTS = (
    ENGINE,
    WHOLE,
    Contestant("simsched, reference engine", "simsched_reference", 30_000, ours=True),
    OWN,
    PLAIN,
    Contestant("SimPy, callbacks", "simpy_callbacks", 200_000),
    Contestant("Ciw", "ciw_network", 50_000),
    Contestant("salabim", "salabim_components", 10_000),
    Contestant("AsyncFlow (durations do not vary)", "asyncflow_server", 20_000, varying=False),
    CIMBA,
    Contestant("heap loop by hand", "heap_loop", 500_000),
    LOOP,
)

FEWEST = 1000
"""How many requests every contestant can be given."""


def compete(
    work: Work, contestants: Sequence[Contestant], asked: argparse.Namespace
) -> tuple[dict[str, Turns], dict[str, str]]:
    """Return what those did who can run, and why the others cannot."""
    playing, absent = {}, {}
    for one in contestants:
        count = round(one.requests * asked.scale * (2 if work.visits == 1 else 1))
        try:
            # What is compiled once and kept on disk is there from now on.
            Turns(one, FEWEST).take(work, 1, asked.python, asked.clock)
            playing[one.label] = Turns(one, max(FEWEST, count))
        except AbsentError as reason:
            absent[one.label] = str(reason)
    for seed in range(1, asked.rounds + 1):
        for turns in playing.values():
            turns.take(work, seed, asked.python, asked.clock)
    return playing, absent


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean, and half of its interval by Student's t over the rounds."""
    if len(values) == 1:
        return values[0], float("inf")
    error = statistics.stdev(values) / sqrt(len(values))
    return statistics.mean(values), float(stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2)) * error


HEADER = (
    "| contestant | requests | simulated per second | the first time | drawn and simulated "
    "| whole process | mean response | expected |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
)


def row(turns: Turns, work: Work) -> tuple[str, bool]:
    """Return a row of the table, and whether the mean response is what it ought to be."""
    expected = turns.contestant.expected_s(work)
    mean, half = interval(turns.mean_s)
    agrees = abs(mean - expected) <= half
    cells = [
        f"{turns.contestant.label} {turns.version}".strip(),
        f"{turns.requests:,}",
        spread(turns.simulated),
        spread(turns.first) if turns.contestant.times > 1 else "—",
        f"{statistics.median(turns.drawn):,.0f}" if turns.drawn else "—",
        spread(turns.whole),
        f"{1e3 * mean:.2f} ± {1e3 * half:.2f} ms",
        f"{1e3 * expected:.2f} ms" + ("" if agrees else " **differs**"),
    ]
    return f"| {' | '.join(cells)} |", agrees


def ratios(of: Sequence[float], to: Sequence[float]) -> list[float]:
    """Return how many times as fast, round by round."""
    return [one / other for one, other in zip(of, to, strict=True)]


def told(goal: str, bound: float, values: Sequence[float], form: str) -> str:
    """Return a row that says whether the median meets the bound."""
    met = "met" if statistics.median(values) >= bound else "missed"
    return f"| {goal} | {spread(values, form)} | {met} |"


def goals(work: Work, playing: dict[str, Turns]) -> list[str]:
    """Return a row for each goal that can be told of."""
    engine, whole, own, plain, cimba, loop = (
        playing.get(one.label) for one in (ENGINE, WHOLE, OWN, PLAIN, CIMBA, LOOP)
    )
    rows = []
    if work.visits > 1 and engine:
        rows.append(told("engine: 5,000,000 requests/s", 5e6, engine.simulated, ",.0f"))
    if work.visits > 1 and engine and loop:
        times = ratios(engine.simulated, loop.simulated)
        rows.append(told("engine: half as fast as the loop by hand", 0.5, times, ".2f"))
    if work.visits == 1 and engine and cimba:
        times = ratios(engine.simulated, cimba.simulated)
        rows.append(told("engine: 2 times cimba", 2, times, ".2f"))
        times = ratios(engine.drawn, cimba.drawn)
        rows.append(told("drawing and engine: 2 times cimba", 2, times, ".2f"))
    if work.visits > 1 and whole:
        rows.append(told("end to end: 1,000,000 requests/s", 1e6, whole.whole, ",.0f"))
    if work.visits > 1 and whole and plain:
        times = ratios(whole.whole, plain.whole)
        rows.append(told("end to end: 70 times plain SimPy", 70, times, ".1f"))
    if work.visits > 1 and whole and own:
        times = ratios(whole.whole, own.whole)
        rows.append(told("end to end: 70 times simsched with SimPy", 70, times, ".1f"))
    return rows


def options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="which has the other simulators")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="times as many requests")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--only", nargs="*", default=[], help="parts of contestants' names")
    parser.add_argument("--work", nargs="*", choices=WORKS, default=list(WORKS))
    return parser.parse_args()


def main() -> int:
    """Print the tables; return 1 if somebody did not do the same work."""
    asked = options()
    use_one_core()
    chosen = [
        one
        for one in CONTESTANTS
        if not asked.only or any(part in one.label for part in asked.only)
    ]
    print(f"{machine()}\n{asked.rounds} rounds, seconds by the {asked.clock} clock, one core")
    same = True
    for work in map(WORKS.__getitem__, asked.work):
        playing, absent = compete(work, chosen, asked)
        print(f"\n{work}\n\n{HEADER}")
        for turns in playing.values():
            line, agrees = row(turns, work)
            same = same and agrees
            print(line)
        for label, reason in absent.items():
            print(f"| {label} | absent: {reason} | | | | | | |")
        rows = goals(work, playing)
        if rows:
            print("\n| goal | found | |\n| --- | --- | --- |", *rows, sep="\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
