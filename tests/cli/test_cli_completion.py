"""Shells complete commands and options, as docs/command-line.md sets it up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

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
    ("shell", "line"),
    [
        ("bash", 'eval "$(_SIMSCHED_COMPLETE=source_bash simsched)"'),
        ("zsh", 'eval "$(_SIMSCHED_COMPLETE=source_zsh simsched)"'),
        ("fish", "_SIMSCHED_COMPLETE=source_fish simsched | source"),
    ],
)
def test_the_line_to_add_is_documented_and_the_shell_takes_it(shell, line, tmp_path):
    page = Path(__file__).parents[2] / "docs" / "command-line.md"
    assert f"$ {line}\n" in page.read_text(encoding="utf-8")
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    script = tmp_path / "script"
    script.write_text(ask(_SIMSCHED_COMPLETE=f"source_{shell}"), encoding="utf-8")
    subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.parametrize(
    ("words", "position", "completed"),
    [("simsched ca", "1", "capacity"), ("simsched run --rep", "2", "--replications")],
)
def test_a_word_is_completed(words, position, completed):
    said = ask(_SIMSCHED_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=position)
    assert said.split() == [completed]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_offered_the_same_commands_with_what_they_do(shell):
    settings = {
        "_TYPER_COMPLETE_ARGS": "simsched ca",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": "simsched ca",
        "COMP_CWORD": "1",
    }
    said = ask(_SIMSCHED_COMPLETE=f"complete_{shell}", **settings)
    assert "capacity" in said
    assert "Find the largest load" in said
