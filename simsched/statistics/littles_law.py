"""Little's law, exactly: the number in the system integrates to the sum of the times in it.

On a finished sample path it is an identity, not a statistic (Stidham, Operations Research 22,
1974): a trace that breaks it has lost or invented time, and nothing computed from it can be
trusted.
"""

from __future__ import annotations

from simsched.engine.trace import Trace
from simsched.errors import SimschedError
from simsched.statistics.presence import left
from simsched.workload.arrays import Int64s, total


class LittlesLawError(SimschedError):
    """A trace breaks Little's law: an internal error."""


def check(trace: Trace) -> None:
    """Check Little's law on *trace*, in whole nanoseconds.

    What branches do side by side adds up to more than the time in the system; it is never less.

    Raises:
        LittlesLawError: the two sides differ; the message gives both.
    """
    area, total = area_ns(trace), time_in_system_ns(trace)
    if total < area or (total > area and not trace.concurrent):
        raise LittlesLawError(
            "internal error: a trace breaks Little's law: the number in the system integrates to "
            f"{area} ns, but requests spent {total} ns in it; "
            "please report it with the scenario and its seed"
        )


def area_ns(trace: Trace) -> int:
    """Return the integral of the number in the system, from arrival and finish times alone.

    Whoever is there from one moment to another adds the time between them.
    """
    return sum(total(left(block) - block.arrival_ns) for block in trace.blocks())


def time_in_system_ns(trace: Trace) -> int:
    """Return the sum over requests of what they spent their time on."""
    return sum(total(column) for block in trace.blocks() for column in _spent(block))


def _spent(trace: Trace) -> tuple[Int64s, ...]:
    return trace.queue_ns, trace.cpu_ns, trace.cpu_wait_ns, trace.io_ns, trace.io_wait_ns
