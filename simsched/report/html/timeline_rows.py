"""The rows of a timeline: requests, and below them the workers that served them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import Activity, Trace
from simsched.experiment.result import Result
from simsched.report.html.figure import RowBlock
from simsched.report.lanes import Lane, Stretch, stretches_at
from simsched.report.timeline import Timeline
from simsched.report.tracks import packed, tracks

MOST_WORKERS = 8
"""More workers than these are not drawn one by one."""

BAR = 0.72
"""How much of a row its bar is thick; the rest is the gap to the next."""

_MOST_STRETCHES = 400
"""A worker with more stretches than this in a view is not drawn: they would merge."""

_PER_TRACK, _MOST_HIGH = 0.62, 5.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch at the height *y*, *width* thick."""

    stretch: Stretch
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A request of one server in a row around *y*; heights count down from the top."""

    server: str
    lane: Lane
    y: float
    bars: tuple[Bar, ...]
    ends: tuple[float, ...]
    """The height of each attempt's last bar."""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker of one server in a row around *y*, and what it did for requests."""

    server: str
    worker: int
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a timeline shows, from the top to *height*; headings are servers by their height.

    The blocks are what can be hidden: a server's heading and workers, and each of its requests.
    """

    lanes: tuple[LaneRow, ...]
    workers: tuple[WorkerRow, ...]
    headings: dict[float, str]
    blocks: tuple[RowBlock, ...]
    height: float


def rows_of(result: Result, shown: Timeline, *, workers: bool) -> Rows:
    """Return the rows of requests, and of *workers* if they are wanted, server by server."""
    lanes: list[LaneRow] = []
    busy: list[WorkerRow] = []
    headings: dict[float, str] = {}
    blocks: list[RowBlock] = []
    top = 0.0
    for position, (server, found) in enumerate(shown.lanes.items()):
        headings[top + 0.5] = server
        blocks.append(RowBlock(top, top + 1, position))
        top += 1
        for lane in found:
            above = top
            row, top = _lane_row(server, lane, top)
            lanes.append(row)
            blocks.append(RowBlock(above, top, position, lane.kind))
        above = top
        for worker, lines in _busy(result.traces[server][0], shown) if workers else ():
            bars, y, top = _stacked(lines, top)
            busy.append(WorkerRow(server, worker, y, bars))
        top += 0.5
        blocks.append(RowBlock(above, top, position))
    return Rows(tuple(lanes), tuple(busy), headings, tuple(blocks), top)


def _lane_row(server: str, lane: Lane, top: float) -> tuple[LaneRow, float]:
    found = tracks(lane.stretches)
    bars, y, bottom = _stacked([track.stretches for track in found], top)
    lowest = {bar.stretch.attempt: bar.y for bar in bars}
    ends = tuple(lowest.get(attempt, y) for attempt in range(1, len(lane.attempts) + 1))
    return LaneRow(server, lane, y, bars, ends), bottom


def _stacked(
    lines: Sequence[Sequence[Stretch]], top: float
) -> tuple[tuple[Bar, ...], float, float]:
    """Return the bars of *lines* under each other from *top* on, their middle and their end."""
    height = min(max(1.0, len(lines) * _PER_TRACK), _MOST_HIGH)
    each = (height - 1 + BAR) / max(len(lines), 1)
    first = top + (1 - BAR) / 2 + each / 2
    width = each if len(lines) == 1 else each * 0.9
    bars = tuple(
        Bar(stretch, first + n * each, width) for n, line in enumerate(lines) for stretch in line
    )
    return bars, top + height / 2, top + height


def _busy(trace: Trace, shown: Timeline) -> Iterator[tuple[int, list[list[Stretch]]]]:
    """Yield the activity of each worker during *shown*, as far as segments are stored.

    A worker that serves one request at a time is busy with it while that waits for I/O; of others
    only the CPU is shown.
    """
    # Segments in the queue have no worker yet.
    segments = trace.segments
    kept = (segments.worker >= 0) & (segments.activity != Activity.QUEUE)
    if not all(_one_at_a_time(trace, kept & (segments.worker == n)) for n in range(trace.workers)):
        kept &= segments.activity == Activity.CPU
    there = kept & (segments.start_ns < shown.finish_ns) & (segments.finish_ns > shown.start_ns)
    if not there.any() or trace.workers > MOST_WORKERS:
        return
    for worker in range(trace.workers):
        rows = np.flatnonzero(there & (segments.worker == worker))
        if len(rows) <= _MOST_STRETCHES:
            yield worker, packed(stretches_at(trace, rows))


def _one_at_a_time(trace: Trace, there: NDArray[np.bool_]) -> bool:
    """Return whether no segment of those *there* goes on into the next."""
    order = np.argsort(trace.segments.start_ns[there], kind="stable")
    starts, finishes = (
        column[there][order] for column in (trace.segments.start_ns, trace.segments.finish_ns)
    )
    return bool(np.all(finishes[:-1] <= starts[1:]))
