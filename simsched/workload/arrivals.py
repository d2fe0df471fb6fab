"""When requests arrive, for arrivals that wait for nobody.

Each process is an endless sequence of times, handed out in blocks. Evenly spaced ones are computed;
random ones happen at rate 1 first, and a rate then stretches them. A workload takes the first so
many of them, or all before a moment.

Every process is in equilibrium from time 0 on, so that the number of arrivals until any moment has
the mean *rate x time*, in a short run as in a long one. A process that began with a whole interval
would bring (1 - cv**2) / 2 requests too few (Cox, Renewal Theory (1962), 4.2 and 4.6).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from typing import Protocol

import numpy as np

from simsched.errors import InputError, RunError
from simsched.workload.arrays import Floats, Int64s
from simsched.workload.distributions import Law, checked
from simsched.workload.distributions.elementary import Exponential
from simsched.workload.size import check_size
from simsched.workload.streams import Streams

Process = Callable[[int], Floats]
"""Called with n, it returns the next n times of arrival at rate 1, which never decrease."""

Clock = Callable[[int], Int64s]
"""Called with n, it returns the next n times in nanoseconds, which never decrease.

One after :data:`LATEST` is not exact; :data:`NEVER` stands for an arrival that does not happen.
"""

LATEST = 2**62
"""The latest arrival there may be, in nanoseconds: 146 years, half of what int64 holds."""

NEVER = 2**63 - 1
"""The time of an arrival that the rate never brings."""

_BLOCK = 1 << 16


class Stretching(Protocol):
    """What turns the times of arrivals at rate 1 into nanoseconds."""

    def when(self, expected: Floats) -> Floats:
        """Return the time of each; infinity for never."""
        ...


def evenly(period: Fraction) -> Clock:
    """Return arrivals at 0 and, from then on, after each *period* (ns), rounded but not drifting.

    Before any whole number of periods there are exactly that many.
    """
    whole, part = divmod(period, 1)
    # Later ones are not asked for; the products below would not fit int64.
    last = int(LATEST // period) + 1
    count = 0

    def following(n: int) -> Int64s:
        nonlocal count
        numbers = np.minimum(np.arange(count, count + n, dtype=np.int64), last)
        count += n
        return numbers * int(whole) + _rounded(numbers * float(part))

    return following


def renewal(between: Law, streams: Streams) -> Process:
    """Return arrivals with independent times between them, each of the law *between*."""
    draw = between.sampler(streams)
    now = float(checked(_first(between, draw, streams), between)[0])

    def following(n: int) -> Floats:
        nonlocal now
        times = np.append(now, checked(draw(n), between))
        np.cumsum(times, out=times)
        now = float(times[-1])
        return times[:-1]

    return following


def _first(between: Law, draw: Callable[[int], Floats], streams: Streams) -> Floats:
    """Return (1,) the time until the first arrival: the rest of an interval that time 0 falls into.

    Of an exponential interval the rest is like the whole. Of any other, time 0 is equally likely to
    be anywhere in an interval that is the more likely, the longer it is (Cox, Renewal Theory
    (1962), 5.4).
    """
    if isinstance(between, Exponential):
        return draw(1)
    first = streams.child("first")
    rest = first.child("rest").generator().random()
    return np.array([rest * between.length_biased(first.child("interval"))])


def stretched(process: Process, rate: Stretching) -> Clock:
    """Return the arrivals of *process* at a changing rate."""
    latest = 0.0

    def following(n: int) -> Int64s:
        nonlocal latest
        if not n:
            return np.empty(0, dtype=np.int64)
        times = rate.when(process(n))
        times[0] = max(times[0], latest)
        np.maximum.accumulate(times, out=times)  # where rounding would put one before another
        latest = float(times[-1])
        return _rounded(times)

    return following


def _rounded(times: Floats) -> Int64s:
    """Return *times* in whole nanoseconds; those beyond :data:`LATEST` as any after it."""
    rounded = np.rint(np.minimum(times, 2.0 * LATEST - 1024)).astype(np.int64)
    rounded[np.isinf(times)] = NEVER
    return rounded


def first(n: int, following: Clock) -> Int64s:
    """Return (n,) the first *n* arrivals, in nanoseconds.

    Raises:
        InputError: the rate falls to 0 before there are as many.
        RunError: they go on for longer than :data:`LATEST`.
    """
    times = np.empty(n, dtype=np.int64)
    for start in range(0, n, _BLOCK):
        block = following(min(_BLOCK, n - start))
        _check_latest(block, start)
        times[start : start + len(block)] = block
    return times


def _check_latest(times: Int64s, start: int) -> None:
    if times[-1] == NEVER:
        count = start + int(np.searchsorted(times, NEVER))
        raise InputError(
            f"the rate falls to 0 for ever after {count:,} arrivals; ask for no more requests than"
            f" that, or give a duration instead"
        )
    if times[-1] > LATEST:
        raise RunError("the arrivals go on for more than 146 years; raise the rate or have fewer")


def before(end_ns: int, following: Clock, rows_per_request: float, expected: float) -> Int64s:
    """Return the arrivals strictly before *end_ns*, in nanoseconds; about as many as *expected*.

    Raises:
        InputError: there are more than fit, as :func:`simsched.workload.size.check_size` has it.
    """
    size = min(_BLOCK, int(expected + 4 * sqrt(expected)) + 16)
    last, count, blocks = 0, 0, []
    while last < end_ns:
        times = following(size)
        last, size = int(times[-1]), min(_BLOCK, 2 * size)
        blocks.append(times[times < end_ns])
        count += len(blocks[-1])
        check_size(count, rows_per_request)
    return np.concatenate(blocks)
