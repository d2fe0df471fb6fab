"""How busy the resources were: the share of their slots that was in use.

The time average of the slots in use is their integral over the length of the run, exactly. It is of
the whole run, warm-up included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import ratio

NO_TIME = "no time passed"


def utilisation(traces: Sequence[Trace], confidence: float) -> Mapping[str, Estimate]:
    """Return the utilisation of each resource, by name, from one trace per replication."""
    lengths = np.array([trace.end_ns for trace in traces], dtype=np.float64)
    found = {}
    for position, one in enumerate(traces[0].resources):
        busy = np.array([float(_busy_ns(trace, position)) for trace in traces])
        measured = ratio(busy, lengths * one.capacity, NO_TIME)
        found[one.name] = measured.estimate(confidence, 0.0, 1.0)
    return found


def _busy_ns(trace: Trace, resource: int) -> int:
    """Return the integral of the slots in use over the run."""
    visits = trace.visits
    used = (visits.resource == resource) & (visits.granted_ns != MISSING)
    released = visits.released_ns[used]
    until = np.where(released == MISSING, trace.end_ns, released)
    return int((until - visits.granted_ns[used]).sum())
