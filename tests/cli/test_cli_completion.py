"""Shells complete commands and options, as docs/command-line.md sets it up."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def ask(**settings: str) -> str:
    """Return what the command line answers a shell."""
    code = "import sys; sys.argv[0] = 'simsched'; from simsched.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_a_script(shell):
    said = ask(_SIMSCHED_COMPLETE=f"source_{shell}")
    assert "_SIMSCHED_COMPLETE=complete_" + shell in said


@pytest.mark.parametrize(
    ("words", "position", "completed"),
    [("simsched ca", "1", "capacity"), ("simsched run --rep", "2", "--replications")],
)
def test_a_word_is_completed(words, position, completed):
    said = ask(_SIMSCHED_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=position)
    assert said.split() == [completed]
