"""When requests arrive, for arrivals that wait for nobody.

Each process is an endless sequence of numbers, handed out in blocks: first the times at which
arrivals would happen at rate 1, which a changing rate then stretches. A workload takes the first so
many of them, or all before a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt
from typing import Protocol

import numpy as np

from simsched.errors import InputError, RunError
from simsched.workload.arrays import Floats, Int64s
from simsched.workload.distributions import Law, checked, whole_nanoseconds
from simsched.workload.size import check_size
from simsched.workload.streams import Streams

Clock = Callable[[int], Floats]
"""Called with n, it returns the next n times, which never decrease."""

LATEST = 2.0**62
"""The latest arrival there may be, in nanoseconds: 146 years, half of what int64 holds."""

_BLOCK = 1 << 16


class Stretching(Protocol):
    """What turns the times of arrivals at rate 1 into nanoseconds."""

    def when(self, expected: Floats) -> Floats:
        """Return the time of each; infinity for never."""
        ...


def regular(between: float) -> Clock:
    """Return arrivals at once, twice, three times *between*, and so on."""
    count = 0

    def following(n: int) -> Floats:
        nonlocal count
        numbers = np.arange(count + 1, count + n + 1, dtype=np.float64)
        count += n
        return numbers * between

    return following


def renewal(between: Law, streams: Streams) -> Clock:
    """Return arrivals with independent times between them, each of the law *between*.

    The first comes after one such time.
    """
    draw, now = between.sampler(streams), 0.0

    def following(n: int) -> Floats:
        nonlocal now
        times = checked(draw(n), between)
        times[:1] += now
        np.cumsum(times, out=times)
        now = float(times[-1]) if n else now
        return times

    return following


def stretched(process: Clock, rate: Stretching) -> Clock:
    """Return the arrivals of *process* at a changing rate."""
    latest = 0.0

    def following(n: int) -> Floats:
        nonlocal latest
        if not n:
            return np.empty(0)
        times = rate.when(process(n))
        times[0] = max(times[0], latest)
        np.maximum.accumulate(times, out=times)  # where rounding would put one before another
        latest = float(times[-1])
        return times

    return following


def first(n: int, following: Clock) -> Int64s:
    """Return (n,) the first *n* arrivals, in nanoseconds.

    Raises:
        InputError: the rate falls to 0 before there are as many.
        RunError: they go on for longer than :data:`LATEST`.
    """
    times = np.empty(n, dtype=np.int64)
    start = 0
    for block in blocks_of_first(n, following):
        times[start : start + len(block)] = block
        start += len(block)
    return times


def blocks_of_first(n: int, following: Clock) -> Iterator[Int64s]:
    """Yield the first *n* arrivals a few at a time, as :func:`first` has them."""
    for start in range(0, n, _BLOCK):
        block = following(min(_BLOCK, n - start))
        _check_latest(block, start)
        yield whole_nanoseconds(block)


def _check_latest(times: Floats, start: int) -> None:
    if np.isinf(times[-1]):
        count = start + int(np.searchsorted(times, np.inf))
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
    count, blocks = 0, []
    for block in blocks_before(end_ns, following, expected):
        count += len(block)
        check_size(count, rows_per_request)
        blocks.append(block)
    return np.concatenate(blocks)


def blocks_before(end_ns: int, following: Clock, expected: float) -> Iterator[Int64s]:
    """Yield the arrivals before *end_ns* a few at a time, as :func:`before` has them."""
    size = min(_BLOCK, int(expected + 4 * sqrt(expected)) + 16)
    last = 0.0
    while last < end_ns:
        times = np.rint(following(size))
        last, size = float(times[-1]), min(_BLOCK, 2 * size)
        yield times[times < end_ns].astype(np.int64)
