"""Drawing a workload a part at a time, for runs of more requests than memory holds.

The parts, one behind the other, are the workload that :func:`simsched.workload.drawing.draw` would
draw, to the last bit: every stream is one sequence, however much of it is taken at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from simsched.scenario.scenario import Scenario
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.columns import Workload
from simsched.workload.mix import drawing_classes
from simsched.workload.opened import arrival_blocks
from simsched.workload.programs import DrawingPrograms
from simsched.workload.requests import Arrivals, draw_requests
from simsched.workload.streams import Streams

CHUNK = 1 << 18
"""How many requests are drawn at a time unless told otherwise."""


def draw_chunks(scenario: Scenario, replication: int, size: int = CHUNK) -> Iterator[Workload]:
    """Yield the workload of one replication in parts of *size* requests, the last of fewer.

    Each part is a workload of its own, whose programs begin at row 0; times go on from part to
    part. A closed workload cannot be drawn so: who asks what next depends on the answers.

    Raises:
        InputError: the workload cannot be had as written.
        RunError: a draw, or those of a part together, are longer than simulated time can hold.
    """
    streams = Streams(scenario.run.seed, replication)
    if scenario.workload.closed is not None:
        raise NotImplementedError("parts of a closed workload")
    recorded: Mapping[str, Int64s] = {}
    if scenario.workload.open is not None:
        lots = _opened(scenario, streams, size)
    else:
        arrivals = draw_requests(scenario, streams)
        lots, recorded = _known(arrivals, size), arrivals.recorded
    programs = DrawingPrograms(scenario, recorded, streams)
    end_ns = scenario.workload.duration
    for arrival_ns, class_id in lots:
        yield Workload(**programs(class_id).columns(), arrival_ns=arrival_ns, end_ns=end_ns)


_Lot = tuple[Int64s, Int32s]
"""When requests arrive, and of which class each is."""


def _opened(scenario: Scenario, streams: Streams, size: int) -> Iterator[_Lot]:
    draw_classes = drawing_classes(scenario, streams.child("mix"))
    for arrival_ns in regrouped(arrival_blocks(scenario, streams.child("arrivals")), size):
        yield arrival_ns, draw_classes(len(arrival_ns))


def _known(arrivals: Arrivals, size: int) -> Iterator[_Lot]:
    for start in range(0, max(1, len(arrivals.arrival_ns)), size):
        part = slice(start, start + size)
        yield arrivals.arrival_ns[part], arrivals.class_id[part]


def regrouped(blocks: Iterable[Int64s], size: int) -> Iterator[Int64s]:
    """Yield what is in *blocks* in parts of *size*, the last of fewer; there is at least one."""
    held = np.empty(0, dtype=np.int64)
    some = False
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= size:
            yield held[:size]
            held, some = held[size:], True
    if len(held) or not some:
        yield held
