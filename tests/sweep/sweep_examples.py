"""Small sweeps, and ways to run them, that the tests of this folder share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from simsched.experiment.record import Record
from simsched.experiment.store import Store
from simsched.experiment.sweep import Plan, Point, SweepResult, plan, sweep
from simsched.experiment.sweep.result import MEAN
from simsched.experiment.workers import Here
from simsched.statistics.stability import Load
from simsched.statistics.summary import SummaryRow
from simsched.workload.offered import Station

BASE = """
name: small
requests:
  page: [{cpu: {exponential: 2ms}}, {io: 5ms}]
workload:
  open: {rate: 50/s}
  requests: 60
servers:
  serial: {model: serial}
  cooperative: {model: cooperative}
run: {replications: 3}
"""
"""A scenario that is simulated in milliseconds."""

RATES = """
sweep:
  matrix:
    workload.open.rate: [20/s, 50/s, 90/s]
    servers.serial.workers: [1, 2]
"""
"""Six points."""


def write(folder: Path, sweep_text: str = RATES, base: str = BASE, name: str = "s.yaml") -> Path:
    """Write a sweep beside its scenario, and return its file."""
    file = folder / name
    file.write_text(base + textwrap.dedent(sweep_text), encoding="utf-8")
    return file


def planned(folder: Path, sweep_text: str = RATES, base: str = BASE, **given: Any) -> Plan:
    """Return the plan of such a sweep."""
    return plan(write(folder, sweep_text, base), **given)


def settings(found: Plan) -> list[dict[str, str]]:
    """Return what each point sets, as it is written."""
    return [{each.name: each.text for each in point.settings} for point in found.points]


def simulated(found: Plan, folder: Path, workers: Any = None, said: Any = None) -> SweepResult:
    """Return the result of a plan, by default simulated in this process."""
    return sweep(found, Store(folder / "store"), workers or Here(), said or (lambda _: None))


def known(
    found: Plan, means: Callable[[Point], float | None], *, unknown: bool = False
) -> SweepResult:
    """Return a result of *found* in which the serial server's mean response time is known.

    Where there is no mean the server is overloaded, or it is just *unknown*.
    """
    records = {point.number: _record(means(point), unknown) for point in found.points}
    return SweepResult(found, records, {})


def _record(mean: float | None, unknown: bool) -> Record:
    ends = (None,) * 3 if mean is None else (mean, mean * 0.99, mean * 1.01)
    demand_s = 0.5 if mean is not None or unknown else 2.0
    return Record(
        rows=(SummaryRow("serial", MEAN, *ends),),
        servers=("serial",),
        replications=3,
        confidence=0.95,
        costs={},
        reasons={},
        loads={"serial": Load("serial", Station("workers", 1.0, demand_s, 1))},
    )


class Threads:
    """Workers in threads of this process."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count)

    def submit(self, work: Any, *arguments: Any) -> Any:
        return self._pool.submit(work, *arguments)

    def restart(self) -> None:
        raise AssertionError("threads do not die")

    def close(self, *, now: bool) -> None:
        self._pool.shutdown(cancel_futures=now)
