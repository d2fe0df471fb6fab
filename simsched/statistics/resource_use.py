"""Who has a slot of a resource and who waits for one: from when to when, from the trace's visits."""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.workload.columns import Int64s

Stays = tuple[Int64s, Int64s]
"""(v,) when each came and (v,) when it went, in ns."""


def holders(trace: Trace, resource: int) -> Stays:
    """Return the stays on the slots of *resource*, which is a position in ``trace.resources``.

    What was never given back is in use to the end of the run.
    """
    visits = trace.visits
    had = (visits.resource == resource) & (visits.granted_ns != MISSING)
    return visits.granted_ns[had], _or_end(visits.released_ns[had], trace)


def waiters(trace: Trace, resource: int) -> Stays:
    """Return the stays in the line for *resource*: until the slot is had, or the place given up."""
    visits = trace.visits
    asked = visits.resource == resource
    granted, left = visits.granted_ns[asked], _or_end(visits.released_ns[asked], trace)
    return visits.asked_ns[asked], np.where(granted == MISSING, left, granted)


def _or_end(instants_ns: Int64s, trace: Trace) -> Int64s:
    return np.where(instants_ns == MISSING, trace.end_ns, instants_ns)
