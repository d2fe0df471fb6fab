"""How many there are of something over time, as an export tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import Trace
from simsched.statistics.presence import in_queue, in_system
from simsched.statistics.resource_use import Stays, holders, waiters
from simsched.statistics.step_function import count_steps, mean_count
from simsched.units import SECOND

MOST_STEPS = 20_000
"""What changes more often is told as means over so many intervals."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A number over time: its name, what it counts, and instants in µs with the number from each.

    It ends with the run.
    """

    name: str
    unit: str
    steps: tuple[tuple[float, float], ...]


def counters(trace: Trace) -> Iterator[Counter]:
    """Yield the numbers of those in the system and in the queue, and the use of resources."""
    yield _counter(trace, "in the system", "requests", in_system(trace))
    yield _counter(trace, "in the queue", "attempts", in_queue(trace))
    for position, one in enumerate(trace.resources):
        yield _counter(trace, f"{one.name}: in use", "slots", holders(trace, position))
        yield _counter(trace, f"{one.name}: waiting", "requests", waiters(trace, position))


def _counter(trace: Trace, name: str, unit: str, stays: Stays) -> Counter:
    came, went = stays
    if len(came) * 2 <= MOST_STEPS:
        times_s, steps = count_steps(came, went)
        counts = steps.astype(np.float64)
    else:
        edges = np.linspace(0, trace.end_ns, MOST_STEPS + 1)
        times_s, counts = edges[:-1] / SECOND, mean_count(came, went, edges)
    instants_us = np.round(times_s * 1e6, 3).tolist()
    return Counter(name, unit, tuple(zip(instants_us, counts.tolist(), strict=True)))
