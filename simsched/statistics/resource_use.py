"""Who has a slot of a resource and who waits for one, and from when to when."""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.workload.columns import Int64s

Stays = tuple[Int64s, Int64s]
"""(v,) when each came and (v,) when it went, in ns."""


def holders(trace: Trace, resource: int, end_ns: int | None = None) -> Stays:
    """Return the stays on the slots of *resource*, which is a position in ``trace.resources``.

    What was never given back is in use until *end_ns*, the end of the run unless given.
    """
    visits = trace.visits
    had = (visits.resource == resource) & (visits.granted_ns != MISSING)
    end = trace.end_ns if end_ns is None else end_ns
    return visits.granted_ns[had], _or_end(visits.released_ns[had], end)


def waiters(trace: Trace, resource: int, end_ns: int | None = None) -> Stays:
    """Return the stays in the line for *resource*: until the slot is had, or the place given up.

    Who has neither waits until *end_ns*, the end of the run unless given.
    """
    visits = trace.visits
    asked = visits.resource == resource
    end = trace.end_ns if end_ns is None else end_ns
    granted, left = visits.granted_ns[asked], _or_end(visits.released_ns[asked], end)
    return visits.asked_ns[asked], np.where(granted == MISSING, left, granted)


def _or_end(instants_ns: Int64s, end_ns: int) -> Int64s:
    return np.where(instants_ns == MISSING, end_ns, instants_ns)
