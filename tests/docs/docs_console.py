"""Console blocks: commands after ``$ ``, each with what it prints.

A line ``...`` in the output stands for any lines. Run ids are compared as if they were all the
same.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from simsched import cli

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


OF_THE_TESTS = {"COLUMNS", "NO_COLOR", "PYTHONIOENCODING", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
"""Variables that a reader's shell does not have."""

QUIETLY = " 2>/dev/null"
"""What leaves out the errors, progress and notes of a command."""

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
FOR_A_SHELL = re.compile(r"[|&;<>*$]")
"""What only a shell understands, unless it is quoted."""


def run(command: str, directory: Path) -> tuple[int, tuple[str, ...]]:
    """Return the exit code of *command* and what it prints, with the simsched that is tested.

    What needs no shell runs in this process, which has imported everything already.
    """
    unquoted = QUOTED.sub("", command.removesuffix(QUIETLY))
    is_plain = command.startswith("simsched ") and not FOR_A_SHELL.search(unquoted)
    return printed_by(here if is_plain else in_a_shell, command, directory)


def printed_by(
    how: Callable[[str, Path], tuple[int, str]], command: str, directory: Path
) -> tuple[int, tuple[str, ...]]:
    """Return the exit code of *command* and its lines, without those of this machine."""
    code, text = how(command, directory)
    lines = RUN_ID.sub(ANY_RUN, text).splitlines()
    return code, tuple(line for line in lines if not OF_THE_MACHINE.match(line))


def here(command: str, directory: Path) -> tuple[int, str]:
    """Run *command* in this process."""
    printed = io.StringIO()
    noted = io.StringIO() if command.endswith(QUIETLY) else printed
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        patch.setattr(sys, "argv", shlex.split(command.removesuffix(QUIETLY)))
        patch.setattr(sys.modules["__main__"], "__package__", "", raising=False)  # not of pytest
        # What prints the same with any number of cores starts no processes for one.
        patch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
        for name in OF_THE_TESTS:
            patch.delenv(name, raising=False)
        with redirect_stdout(printed), redirect_stderr(noted), pytest.raises(SystemExit) as ended:
            cli.main()
    code = ended.value.code
    assert isinstance(code, int)
    return code, printed.getvalue()


def in_a_shell(command: str, directory: Path) -> tuple[int, str]:
    """Run *command* as a reader does, in processes of their own."""
    environment = {name: text for name, text in os.environ.items() if name not in OF_THE_TESTS}
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
    return done.returncode, done.stdout


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
