"""The command line in a directory with a few scenarios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from search_runs import MM1

FILES = {
    "mm1.yaml": MM1,
    "slo.yaml": MM1 + "slo: {fast: response_time.mean < 50ms}\n",
    "two.yaml": MM1.replace("{serial: {model: serial}}", "{a: {model: serial}, b: {model: serial}}")
    .replace("b: {model: serial}", "b: {model: serial, workers: 2}")
    .replace("2000", "500"),
    "sweep.yaml": MM1.replace("2000", "500")
    + "sweep: {matrix: {servers.serial.workers: [1, 2, 4]}}\n",
    "close.yaml": MM1.replace("2000", "500")
    + "sweep: {matrix: {servers.serial.workers: [1, 5, 6]}}\n",
    "impossible.yaml": MM1.replace("exponential: 10ms", "uniform: {low: 1ms, high: 5ms}")
    + "sweep: {matrix: {'requests.page[0].cpu.uniform.low': [1ms, 10ms], "
    "'requests.page[0].cpu.uniform.high': [5ms, 20ms]}}\n",
    "untold.yaml": MM1.replace("2000", "500") + "sweep: {matrix: {run.warmup: [0s, 100s]}}\n",
    "streams.yaml": MM1.replace(
        "{open: {rate: 80/s}, requests: 2000}",
        "{once: {schedule: [{at: 0s, request: page}]},"
        " 'all day.': {closed: {users: 2}, requests: 9}}",
    ),
    "schedule.yaml": MM1.replace(
        "{open: {rate: 80/s}, requests: 2000}", "{schedule: [{at: 0s, request: page}]}"
    ),
}


@pytest.fixture
def simsched(
    simsched: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., object]:
    monkeypatch.setenv("COLUMNS", "100")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return simsched
