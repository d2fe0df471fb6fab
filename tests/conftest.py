"""Options and settings of the whole suite, and the command line in this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from simsched import cli

# Hundreds of tests start a process, each of which would compile all of simsched to bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long one example takes says more about what else the machine does than about simsched.
settings.register_profile("simsched", deadline=None)
settings.load_profile("simsched")


LONG = (
    "killed",
    "browser",
    "packaging",
    "measured",
    "calibrate",
    "theory",
    "effects",
    "scenarios",
    "compiled",
)
"""The folders of tests that are marked as long, in the order in which they are run.

They come before all others, so that no processor idles at the end, and first those
that do not have to wait for the engine to be compiled.
"""


@pytest.hookimpl(tryfirst=True)  # before -m selects by the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in LONG:
            item.add_marker(pytest.mark.long)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    folder = item.path.parent.name
    if folder in LONG:
        return LONG.index(folder)
    return len(LONG) + (item.get_closest_marker("long") is None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="write what is generated into the files kept in git, instead of comparing",
    )


@dataclass(frozen=True)
class Outcome:
    """How a call of the command line ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def simsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """Call the command line in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["simsched", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, *capsys.readouterr())

    return call
