"""When requests arrive, for arrivals that wait for nobody.

Each process is an endless sequence of arrival times, handed out in blocks; a workload takes the
first so many of it, or all before a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from simsched.errors import RunError
from simsched.scenario.workload import OpenArrivals
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s
from simsched.workload.distributions import Law, checked, law, whole_nanoseconds
from simsched.workload.distributions.elementary import Constant, Exponential
from simsched.workload.size import check_size
from simsched.workload.streams import Streams

Clock = Callable[[int], Floats]
"""Called with n, it returns the next n arrival times, in nanoseconds and never decreasing."""

LATEST = 2.0**62
"""The latest arrival there may be, in nanoseconds: 146 years, half of what int64 holds."""

_BLOCK = 1 << 16


def between_arrivals(arrivals: OpenArrivals) -> Law:
    """Return the law of the time between two arrivals."""
    if arrivals.interarrival is not None:
        return law(arrivals.interarrival)
    if arrivals.rate is None:
        raise NotImplementedError("open arrivals without a rate")
    period = SECOND / arrivals.rate
    return Constant(period) if arrivals.arrivals == "constant" else Exponential(period)


def clock(arrivals: OpenArrivals, streams: Streams) -> Clock:
    """Return the arrivals; the first comes after one time between arrivals."""
    if arrivals.rate is not None and arrivals.arrivals == "constant":
        return regular(arrivals.rate)
    return renewal(between_arrivals(arrivals), streams)


def regular(rate: float) -> Clock:
    """Return arrivals of which number k comes after k/rate seconds, so that nothing adds up."""
    count = 0

    def following(n: int) -> Floats:
        nonlocal count
        numbers = np.arange(count + 1, count + n + 1, dtype=np.float64)
        count += n
        return numbers * SECOND / rate

    return following


def renewal(between: Law, streams: Streams) -> Clock:
    """Return arrivals with independent times between them, each of the law *between*."""
    draw, now = between.sampler(streams), 0.0

    def following(n: int) -> Floats:
        nonlocal now
        times = checked(draw(n), between)
        times[:1] += now
        np.cumsum(times, out=times)
        now = float(times[-1]) if n else now
        return times

    return following


def first(n: int, following: Clock) -> Int64s:
    """Return (n,) the first *n* arrivals, in nanoseconds.

    Raises:
        RunError: they go on for longer than :data:`LATEST`.
    """
    times = np.empty(n, dtype=np.int64)
    for start in range(0, n, _BLOCK):
        block = times[start : start + _BLOCK]
        block[:] = _whole(following(len(block)))
    return times


def before(end_ns: int, following: Clock, rows_per_request: float) -> Int64s:
    """Return the arrivals strictly before *end_ns*, in nanoseconds.

    Raises:
        InputError: there are more than fit, as :func:`simsched.workload.size.check_size` has it.
    """
    times = np.concatenate(list(_blocks_before(end_ns, following, rows_per_request)))
    return times[: np.searchsorted(times, end_ns)]


def _blocks_before(end_ns: int, following: Clock, rows_per_request: float) -> Iterator[Int64s]:
    count, last = 0, 0
    while last < end_ns:
        block = _whole(following(_BLOCK))
        count, last = count + len(block), int(block[-1])
        check_size(count, rows_per_request)
        yield block


def _whole(times: Floats) -> Int64s:
    if times.max(initial=0.0) > LATEST:
        raise RunError("the arrivals go on for more than 146 years; raise the rate or have fewer")
    return whole_nanoseconds(times)
