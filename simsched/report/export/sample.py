"""The requests that an export of spans shows: the first ones and the slowest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simsched.engine.trace import Trace
from simsched.report.lanes import Lane, lanes
from simsched.report.timeline import stored_of
from simsched.statistics.slowest import slowest


def sample(trace: Trace) -> Iterator[Lane]:
    """Yield the requests of *trace* that are shown, in order of arrival.

    A request whose timeline is not stored is shown as a whole.
    """
    first = stored_of(trace)
    late = slowest(trace)
    yield from lanes(trace, np.arange(first))
    yield from lanes(trace, np.sort(late[late >= first]))
