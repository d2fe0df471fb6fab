"""Where the rows of a timeline stand: requests, then the workers that they took turns on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import Activity, Trace
from simsched.experiment.result import Result
from simsched.report.timeline import Lane, Stretch, Timeline

MOST_WORKERS = 8
"""More workers than these are not drawn one by one."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A request of one server at the height *y*; heights count down from the top of the figure."""

    server: str
    lane: Lane
    y: int


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker of one server at the height *y*, and the requests that computed on it."""

    server: str
    worker: int
    stretches: tuple[tuple[int, Stretch], ...]
    y: int


Rows = tuple[list[LaneRow], list[WorkerRow], dict[int, str]]


def rows_of(result: Result, shown: Timeline) -> Rows:
    """Return the rows of requests and of workers, and the servers' headings by height."""
    lanes: list[LaneRow] = []
    workers: list[WorkerRow] = []
    headings: dict[int, str] = {}
    y = 0
    for server, found in shown.lanes.items():
        headings[y] = server
        lanes.extend(LaneRow(server, lane, y + n) for n, lane in enumerate(found, start=1))
        y += len(found) + 1
        busy = _busy(result.traces[server][0], shown)
        workers.extend(
            WorkerRow(server, worker, stretches, y + n)
            for n, (worker, stretches) in enumerate(busy.items())
        )
        y += len(busy) + 1
    return lanes, workers, headings


def _busy(trace: Trace, shown: Timeline) -> dict[int, tuple[tuple[int, Stretch], ...]]:
    """Return who computed on each worker while *shown* lasts, as far as segments are stored."""
    if trace.workers > MOST_WORKERS:
        return {}
    segments = trace.segments
    there = (
        (segments.activity == Activity.CPU)
        & (segments.start_ns < shown.finish_ns)
        & (segments.finish_ns > shown.start_ns)
    )
    found: dict[int, list[tuple[int, Stretch]]] = {n: [] for n in range(trace.workers)}
    for row in np.flatnonzero(there).tolist():
        stretch = Stretch(Activity.CPU, int(segments.start_ns[row]), int(segments.finish_ns[row]))
        found.setdefault(int(segments.worker[row]), []).append(
            (int(segments.request[row]), stretch)
        )
    return {worker: tuple(stretches) for worker, stretches in found.items()}
