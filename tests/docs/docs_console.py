"""Console blocks: commands after ``$ ``, each with what it prints.

A line ``...`` in the output stands for any lines. Run ids are compared as if they were all the
same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

RUN_ID = re.compile(r"\b\d{8}-\d{6}-\d{3}\b")
ANY_RUN = "20261122-110441-274"
OF_THE_MACHINE = re.compile(
    "Compiling the engine for .* runs; it is kept for the next time|this takes (at least )?about "
)
"""Lines that depend on the machine: whether it has compiled the engine, and how fast it is."""

ENGINE = re.compile(r"\bengine (simpy|compiled)\b")
"""Which engine ``auto`` chooses depends on what is compiled already; the outcome does not."""


@dataclass(frozen=True)
class Exchange:
    """A command and the lines that it prints."""

    command: str
    printed: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in (f"$ {self.command}", *self.printed))


def exchanges(text: str) -> list[Exchange]:
    """Return the commands of a console block."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert starts[:1] == [0], "a console block begins with a command"
    return [
        Exchange(lines[start][2:], tuple(lines[start + 1 : end]))
        for start, end in pairwise([*starts, len(lines)])
    ]


def run(command: str, directory: Path) -> tuple[int, tuple[str, ...]]:
    """Return the exit code of *command* and what it prints, with the simsched that is tested."""
    unwanted = {"COLUMNS", "NO_COLOR", "PYTHONIOENCODING", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=directory,
        env={**environment, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    lines = RUN_ID.sub(ANY_RUN, done.stdout).splitlines()
    return done.returncode, tuple(line for line in lines if not OF_THE_MACHINE.match(line))


def fits(expected: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Say whether *printed* is what is *expected*, where ``...`` stands for any lines."""
    expected, printed = (
        tuple(ENGINE.sub("engine", line) for line in lines) for lines in (expected, printed)
    )
    if "..." not in expected:
        return expected == printed
    head, tail = _around(expected)
    long_enough = len(printed) >= len(head) + len(tail)
    return long_enough and (*printed[: len(head)], *_last(printed, len(tail))) == (*head, *tail)


def renewed(expected: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...]:
    """Return *printed*, with as many lines left out as in what was *expected*."""
    if "..." not in expected:
        return printed
    head, tail = _around(expected)
    return (*printed[: len(head)], "...", *_last(printed, len(tail)))


def _around(expected: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    gap = expected.index("...")
    return expected[:gap], expected[gap + 1 :]


def _last(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
    return lines[len(lines) - count :]
