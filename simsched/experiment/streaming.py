"""Simulations of which only statistics are kept: each request is counted and forgotten."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from simsched.engine import Trace, choose, simulate
from simsched.engine.conditions import Conditions
from simsched.statistics.contender import Contender
from simsched.statistics.streaming import Stream
from simsched.statistics.streaming.appraisal import stream_of
from simsched.workload import Workload, draw, draw_chunks
from simsched.workload.chunks import CHUNK

COUNTED = (
    "Requests were counted and not kept: quantiles, and the limits beyond which requests are among "
    "the slowest, are within 0.1 % of the exact ones."
)
"""What a reader must know of such figures."""

Streams = dict[str, list[Stream]]
"""What was counted of each server's replications, by its name in the comparison."""


def count(
    replications: Sequence[int],
    contenders: Sequence[Contender],
    streams: Streams,
    progress: Callable[[int, int], None] | None,
    chunk: int = CHUNK,
) -> None:
    """Add to *streams* those of *replications*, in which every server meets the same requests.

    Requests come *chunk* at a time where the engine can forget them. Where it cannot, a replication
    is simulated whole, and forgotten before the next.
    """
    total = len(contenders) * replications[-1]
    done = itertools.count(len(contenders) * (replications[0] - 1) + 1)
    for replication in replications:
        for each in contenders:
            streams[each.label].append(_counted(each, replication, chunk))
            if progress is not None:
                progress(next(done), total)


def _counted(contender: Contender, replication: int, chunk: int) -> Stream:
    scenario = contender.scenario
    stream = stream_of(contender, tuple(scenario.requests))
    conditions = Conditions.of(scenario, contender.name)
    parts = _parts(contender, replication, conditions, chunk)
    if parts is not None:
        for part in parts:
            stream.add_part(part)
        stream.finish(part.end_ns)
        return stream
    whole = draw(scenario, replication)
    engine = scenario.run.engine
    stream.add(simulate(whole, contender.server, conditions, timeline=0, engine=engine))
    return stream


def _parts(
    contender: Contender, replication: int, conditions: Conditions, chunk: int
) -> Iterator[Trace] | None:
    """Return what happens, part by part; None where requests cannot be forgotten."""
    if contender.scenario.workload.closed is not None:
        return None
    chunks = draw_chunks(contender.scenario, replication, chunk)
    first = next(chunks)
    if not _can_forget(contender, first, conditions):
        return None
    from simsched.engine.compiled.parts import simulate_parts

    return simulate_parts(itertools.chain([first], chunks), contender.server, conditions)


def _can_forget(contender: Contender, first: Workload, conditions: Conditions) -> bool:
    engine = contender.scenario.run.engine
    if choose(engine, first, contender.server, conditions).engine != "compiled":
        return False
    from simsched.engine.compiled.parts import has_parts

    return has_parts(first, contender.server, conditions)
