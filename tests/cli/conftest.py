"""The command line as a user calls it: in this process, or as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from simsched import cli

ROOT = Path(__file__).parents[2]
SIMSCHED = [sys.executable, "-c", "from simsched.cli import main; main()"]


@dataclass(frozen=True)
class Outcome:
    """How a call ended, and what it printed."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def scenarios() -> Path:
    """The scenarios that come with simsched."""
    return ROOT / "scenarios"


@pytest.fixture
def lecture(scenarios: Path) -> Path:
    return scenarios / "lecture.yaml"


@pytest.fixture
def simsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
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


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call the command line as a process of its own in an empty directory."""

    def call(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        streams = {"capture_output": True} if "stdout" not in options else {}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            [*SIMSCHED, *map(str, arguments)],
            cwd=tmp_path,
            text=True,
            timeout=60,
            check=False,
            **(streams | options),
        )

    return call
