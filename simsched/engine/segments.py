"""The segments of a timeline, with their labels, from the stretches that an engine recorded.

An engine runs consecutive CPU phases, and the server's overhead before them, as one burst. Here a
burst is cut into its phases again, so that each segment has one label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simsched.engine.conditions import lasting
from simsched.engine.trace import Activity, Segments
from simsched.workload.columns import Requests
from simsched.workload.steps import StepKind

OVERHEAD = "overhead"
"""The label of the CPU time that a server adds."""


class Stretch(NamedTuple):
    """A request in one activity, from ``start`` to ``finish`` (ns).

    ``row`` is the row of the workload where the CPU burst or the I/O starts. Of a burst,
    ``executed`` ns ran before this stretch; in this one, ``overhead`` ns of the server's own come
    first. Its worker computes at this ``speed``.
    """

    request: int
    activity: Activity
    start: int
    finish: int
    worker: int
    row: int
    executed: int
    overhead: int
    speed: float = 1.0


class _Segment(NamedTuple):
    request: int
    activity: Activity
    start: int
    finish: int
    worker: int
    attempt: int
    label: str
    service: str


def label_segments(stretches: Iterable[tuple[Stretch, Requests, int]]) -> Segments:
    """Return the timeline, in order of request, attempt and time.

    Each stretch comes with the columns that its ``row`` refers to, and its attempt.
    """
    segments = sorted(
        (segment for stretch in stretches for segment in _segments_of(*stretch)),
        key=lambda segment: (segment.request, segment.attempt, segment.start),
    )
    return _columns(segments)


def _segments_of(stretch: Stretch, workload: Requests, attempt: int) -> Iterator[_Segment]:
    request, activity, start, finish, worker = stretch[:5]
    service = _service(stretch.row, workload) if activity is Activity.IO else ""
    for label, length in _parts(stretch, workload):
        end = min(start + length, finish)  # the stretch may be only a part of the burst
        if end > start:
            yield _Segment(request, activity, start, end, worker, attempt, label, service)
        start = end
        if start == finish:
            return


def _parts(stretch: Stretch, workload: Requests) -> Iterator[tuple[str, int]]:
    if stretch.activity is Activity.CPU:
        yield from _parts_of_burst(stretch, workload)
    else:
        label = _label(stretch.row, workload) if stretch.activity is Activity.IO else ""
        yield label, stretch.finish - stretch.start


def _parts_of_burst(stretch: Stretch, workload: Requests) -> Iterator[tuple[str, int]]:
    yield OVERHEAD, stretch.overhead
    skip = stretch.executed
    for row in range(stretch.row, len(workload.step_id)):
        kind = workload.steps[workload.step_id[row]].kind
        if kind is StepKind.IO:
            return
        if kind is StepKind.CPU:
            length = lasting(int(workload.duration_ns[row]), stretch.speed)
            yield _label(row, workload), max(0, length - skip)
            skip = max(0, skip - length)


def _label(row: int, workload: Requests) -> str:
    return workload.steps[workload.step_id[row]].label or ""


def _service(row: int, workload: Requests) -> str:
    """Return the service that the step of *row* calls, or ""."""
    position = workload.steps[workload.step_id[row]].service
    return "" if position is None else workload.services[position]


def _columns(segments: Sequence[_Segment]) -> Segments:
    numbers = np.array([segment[:6] for segment in segments], np.int64).reshape(-1, 6)
    return Segments(
        request=numbers[:, 0],
        activity=numbers[:, 1].astype(np.int8),
        start_ns=numbers[:, 2],
        finish_ns=numbers[:, 3],
        worker=numbers[:, 4].astype(np.int32),
        label=tuple(segment.label for segment in segments),
        service=tuple(segment.service for segment in segments),
        attempt=numbers[:, 5].astype(np.int32),
    )
