"""From the stretches an engine recorded to the timeline's segments, with their labels.

An engine computes consecutive CPU phases, and the server's overhead before them, as one burst. Here
a burst is cut into its phases again, so that each segment has one label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simsched.engine.trace import Activity, Segments
from simsched.workload.columns import StepKind, Workload

OVERHEAD = "overhead"
"""The label of the CPU time that a server adds by itself."""


class Stretch(NamedTuple):
    """A request in one activity, from ``start`` to ``finish`` (ns).

    ``row`` is the row of the workload where the CPU burst or the I/O begins; ``overhead`` is the
    CPU time that the server adds before a burst.
    """

    request: int
    activity: Activity
    start: int
    finish: int
    worker: int
    row: int
    overhead: int


class _Segment(NamedTuple):
    request: int
    activity: Activity
    start: int
    finish: int
    worker: int
    label: str


def label_segments(stretches: Iterable[Stretch], workload: Workload) -> Segments:
    """Return the timeline, in order of request and time."""
    segments = sorted(
        (segment for stretch in stretches for segment in _segments_of(stretch, workload)),
        key=lambda segment: (segment.request, segment.start),
    )
    return _columns(segments)


def _segments_of(stretch: Stretch, workload: Workload) -> Iterator[_Segment]:
    request, activity, start, finish, worker = stretch[:5]
    for label, length in _parts(stretch, workload):
        end = min(start + length, finish)  # the run may have ended within the burst
        if end > start:
            yield _Segment(request, activity, start, end, worker, label)
        start = end


def _parts(stretch: Stretch, workload: Workload) -> Iterator[tuple[str, int]]:
    if stretch.activity is Activity.CPU:
        yield from _parts_of_burst(stretch, workload)
    else:
        label = _label(stretch.row, workload) if stretch.activity is Activity.IO else ""
        yield label, stretch.finish - stretch.start


def _parts_of_burst(stretch: Stretch, workload: Workload) -> Iterator[tuple[str, int]]:
    yield OVERHEAD, stretch.overhead
    for row in range(stretch.row, int(workload.first_row[stretch.request])):
        if workload.steps[workload.step_id[row]].kind is not StepKind.CPU:
            return
        yield _label(row, workload), int(workload.duration_ns[row])


def _label(row: int, workload: Workload) -> str:
    return workload.steps[workload.step_id[row]].label or ""


def _columns(segments: Sequence[_Segment]) -> Segments:
    numbers = np.array([segment[:5] for segment in segments], np.int64).reshape(-1, 5)
    return Segments(
        request=numbers[:, 0],
        activity=numbers[:, 1].astype(np.int8),
        start_ns=numbers[:, 2],
        finish_ns=numbers[:, 3],
        worker=numbers[:, 4].astype(np.int32),
        label=tuple(segment.label for segment in segments),
    )
