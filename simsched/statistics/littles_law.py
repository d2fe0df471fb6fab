"""Little's law, exactly: the number in the system integrates to the sum of the times in it.

On a finished sample path it is an identity, not a statistic (Stidham, Operations Research 22,
1974): a trace that breaks it has lost or invented time, and nothing computed from it can be
trusted.
"""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.errors import SimschedError
from simsched.workload.columns import Int64s

_LOW = 20
_MASK = (1 << _LOW) - 1


class LittlesLawError(SimschedError):
    """A trace breaks Little's law: an internal error."""


def check(trace: Trace) -> None:
    """Check Little's law on *trace*, in whole nanoseconds.

    Raises:
        LittlesLawError: the two sides differ; the message gives both.
    """
    if trace.concurrent:  # what goes on side by side adds up to more than the time in the system
        return
    area, total = area_ns(trace), time_in_system_ns(trace)
    if area != total:
        raise LittlesLawError(
            "internal error: a trace breaks Little's law: the number in the system integrates to "
            f"{area} ns, but requests spent {total} ns in it; "
            "please report it with the scenario and its seed"
        )


def area_ns(trace: Trace) -> int:
    """Return the integral of the number in the system, from arrival and finish times alone."""
    finish = np.where(trace.finish_ns == MISSING, trace.end_ns, trace.finish_ns)
    times = np.concatenate((trace.arrival_ns, finish))
    change = np.repeat(np.array([1, -1]), len(trace))
    order = np.argsort(times, kind="stable")
    number = np.cumsum(change[order])[:-1]
    return _dot(number, np.diff(times[order]))


def time_in_system_ns(trace: Trace) -> int:
    """Return the sum over requests of what they spent their time on."""
    columns = (trace.queue_ns, trace.cpu_ns, trace.cpu_wait_ns, trace.io_ns, trace.io_wait_ns)
    return sum(_dot(np.ones(len(column), dtype=np.int64), column) for column in columns)


def _dot(counts: Int64s, durations: Int64s) -> int:
    """Return the exact sum of products; int64 alone would overflow in a long, overloaded run."""
    return (int(np.sum(counts * (durations >> _LOW))) << _LOW) + int(
        np.sum(counts * (durations & _MASK))
    )
