"""How long does a user wait before anything is simulated?

Whole processes, from the command to the prompt: the help, the lecture, and the first and the later
runs of the compiled engine. For the first one the folder in which Numba keeps what it compiled is
empty.

    python benchmarks/startup.py
    python benchmarks/startup.py --rounds 20 --clock cpu
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from this_machine import machine, run, simsched_program, spread

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LECTURE = str(SCENARIOS / "lecture.yaml")


@dataclass(frozen=True)
class Command:
    """Something a user enters.

    Attributes:
        name: what the table calls it.
        arguments: of ``simsched``; None for a Python that does nothing.
        cache: the folder of what is compiled: none, a new one each time, or one that is kept.
        bound_s: how long it may take at most.
    """

    name: str
    arguments: tuple[str, ...] | None
    cache: str = ""
    bound_s: float | None = None


COMPILED = ("run", LECTURE, "--set", "run.engine=compiled")
COMMANDS = (
    Command("python -c pass", None),
    Command("simsched --help", ("--help",), bound_s=0.3),
    Command("simsched run scenarios/lecture.yaml", ("run", LECTURE), bound_s=1.5),
    Command("the same, compiled: later runs", COMPILED, cache="kept"),
    Command("the same, compiled: the first run", COMPILED, cache="new"),
)


def seconds(command: Command, folder: Path, clock: str) -> float:
    """Return how long the command takes."""
    if command.arguments is None:
        return run([sys.executable, "-c", "pass"])[1][clock]
    line = [simsched_program(), *command.arguments]
    if command.arguments[0] == "run":
        line += ["--out", str(folder / "reports")]
    cache = tempfile.mkdtemp(dir=folder) if command.cache == "new" else str(folder / "cache")
    return run(line, {"NUMBA_CACHE_DIR": cache})[1][clock]


def row(command: Command, times: Sequence[float]) -> str:
    """Return a row of the table."""
    bound = command.bound_s
    verdict = "" if bound is None else "met" if statistics.median(times) < bound else "missed"
    limit = "" if bound is None else f"{bound} s"
    return f"| {command.name} | {spread(times, '.2f')} | {limit} | {verdict} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    asked = parser.parse_args()
    times: dict[Command, list[float]] = {command: [] for command in COMMANDS}
    with tempfile.TemporaryDirectory() as name:
        for command in COMMANDS:
            seconds(command, Path(name), asked.clock)  # so that all is in the disk's cache
        for _ in range(asked.rounds):
            for command, found in times.items():
                found.append(seconds(command, Path(name), asked.clock))
    print(f"{machine()}\n{asked.rounds} rounds, seconds by the {asked.clock} clock\n")
    print("| command | seconds | bound | |\n| --- | --- | --- | --- |")
    for command, found in times.items():
        print(row(command, found))


if __name__ == "__main__":
    main()
