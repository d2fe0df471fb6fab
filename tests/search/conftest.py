"""The command line in this process, in an empty directory with a few scenarios."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from search_runs import MM1

from simsched import cli

FILES = {
    "mm1.yaml": MM1,
    "slo.yaml": MM1 + "slo: {fast: response_time.mean < 50ms}\n",
    "two.yaml": MM1.replace("{serial: {model: serial}}", "{a: {model: serial}, b: {model: serial}}")
    .replace("b: {model: serial}", "b: {model: serial, workers: 2}")
    .replace("2000", "500"),
    "sweep.yaml": MM1.replace("2000", "500")
    + "sweep: {matrix: {servers.serial.workers: [1, 2, 4]}}\n",
    "schedule.yaml": MM1.replace(
        "{open: {rate: 80/s}, requests: 2000}", "{schedule: [{at: 0s, request: page}]}"
    ),
}


@dataclass(frozen=True)
class Outcome:
    """How a call ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def simsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["simsched", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, *capsys.readouterr())

    return call
