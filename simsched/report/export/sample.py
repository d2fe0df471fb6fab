"""The requests that an export of spans shows: the first ones and the slowest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.report.timeline import Lane, lanes, stored_of

SLOWEST = 100
"""How many of the slowest requests are shown besides the first ones."""


def sample(trace: Trace) -> Iterator[Lane]:
    """Yield the requests of *trace* that are shown, in order of arrival.

    The slowest have no segments where these were not stored: they are shown as a whole.
    """
    last, first = trace.requests, stored_of(trace)
    yield from lanes(trace, np.arange(first))
    answered = np.flatnonzero(last.finish_ns[first:] != MISSING) + first
    response = last.finish_ns[answered] - last.arrival_ns[answered]
    slowest = answered[np.argsort(response, kind="stable")[-SLOWEST:]]
    yield from lanes(trace, np.sort(slowest))
