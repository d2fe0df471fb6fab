"""Whether calls wait for each other where they are served, as queries do for a database's core.

A call that begins while others are in flight takes longer if they occupy what it needs. By how much
each kind of call in flight delays another is found by linear regression of the calls' durations on
how many of each kind are in flight when they begin. A kind that occupies a single server delays by
what is left of it: half of its duration, if that varies little. Calls of the kinds that do are then
served one after the other, in the order in which they begin.
"""

from __future__ import annotations

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

_OCCUPIES = 0.4
"""What part of the delay by a whole single server is taken for one."""

_SURE = 3.0
"""How many standard errors a delay must be above 0."""

_LEAST_MET = 20
"""How many calls must have started while one of a kind was in flight."""


def occupying(start_ns: Int64s, duration_ns: Floats, kind: Int32s) -> tuple[int, ...]:
    """Return the kinds of calls that occupy a single server together.

    Args:
        start_ns: (n,) when each call began.
        duration_ns: (n,) how long it took.
        kind: (n,) its kind.
    """
    kinds = np.unique(kind)
    met = np.stack([_in_flight(start_ns, duration_ns, kind == each) for each in kinds], axis=1)
    usual = (met.sum(axis=0) >= _LEAST_MET) & (len(start_ns) > 3 * len(kinds))
    if not usual.any():
        return ()
    own = (kind[:, None] == kinds[None, :]).astype(float)
    design = np.concatenate([own, met[:, usual]], axis=1)
    # A few calls that take very long would decide alone.
    most = np.array([np.quantile(duration_ns[kind == each], 0.99) for each in kinds])
    bounded = np.minimum(duration_ns, most[np.searchsorted(kinds, kind)])
    delay, error = _regression(design, bounded)
    delay, error = delay[len(kinds) :], error[len(kinds) :]
    left = np.array([_left(duration_ns[kind == each]) for each in kinds[usual]])
    occupies = (delay > _SURE * error) & (delay > _OCCUPIES * left)
    if not occupies.any():
        return ()
    # Short ones delay hardly anything; they wait in the same line if they are delayed themselves.
    before = met[:, usual][:, occupies].sum(axis=1)
    usual_left = float(left[occupies].mean())
    short = [
        each
        for each, by, deviation, rest in zip(kinds[usual], delay, error, left, strict=True)
        if by + _SURE * deviation > _OCCUPIES * rest
        and _is_delayed(before[kind == each], bounded[kind == each], usual_left)
    ]
    return tuple(sorted({int(each) for each in (*kinds[usual][occupies], *short)}))


def _is_delayed(before: Floats, duration_ns: Floats, left: float) -> bool:
    """Say whether calls take longer the more others are *before* them, by about what is *left*."""
    if before.sum() < _LEAST_MET or before.std() == 0:
        return False
    design = np.stack([np.ones(len(before)), before], axis=1)
    (_, by), (_, error) = _regression(design, duration_ns)
    return bool(by > _SURE * error and by > _OCCUPIES * left)


def _left(duration_ns: Floats) -> float:
    """Return about what is left of a call in service when another begins, if it varies little.

    The median is hardly longer for the waiting of some.
    """
    return float(np.median(duration_ns)) / 2


def _in_flight(start_ns: Int64s, duration_ns: Floats, rows: Bools) -> Floats:
    """Return (n,) how many of the calls *rows* are in flight when each call begins."""
    starts = np.sort(start_ns[rows])
    ends = np.sort(start_ns[rows] + duration_ns[rows].astype(np.int64))
    started = np.searchsorted(starts, start_ns, "left")
    count: Floats = (started - np.searchsorted(ends, start_ns, "right")).astype(float)
    return np.maximum(count, 0.0)


def _regression(design: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the least-squares coefficients and their standard errors."""
    found: Floats = np.linalg.lstsq(design, values, rcond=None)[0].astype(float)
    rest = values - design @ found
    freedom = max(1, len(values) - design.shape[1])
    inverse = np.linalg.pinv(design.T @ design)
    errors: Floats = np.sqrt(np.maximum(np.diag(inverse) * (rest @ rest) / freedom, 0.0))
    return found, errors


def while_full(
    start_ns: Int64s, end_ns: Int64s, held_from: Int64s, held_to: Int64s, capacity: int
) -> Bools:
    """Return (n,) whether a pool was full at some time during each interval.

    Args:
        start_ns: (n,) when each interval began.
        end_ns: (n,) when it ended.
        held_from: (k,) when each slot was taken.
        held_to: (k,) when it was given back.
        capacity: how many slots there are.
    """
    times = np.concatenate([held_to, held_from])
    change = np.repeat([-1, 1], len(held_from))
    order = np.argsort(times, kind="stable")
    times, held = times[order], np.cumsum(change[order])
    # A slot that is taken at the end of an interval is its own.
    until = np.searchsorted(times, end_ns, "left")
    since = np.searchsorted(times, start_ns, "right")
    before = np.concatenate([[0], held])[since] >= capacity
    full = np.concatenate([[0], np.cumsum(held >= capacity)])
    during: Bools = before | (full[np.maximum(until, since)] > full[since])
    return during


def held_before(held_from: Int64s, held_to: Int64s) -> Int64s:
    """Return (k,) how many other slots were held when each was taken."""
    began, over = np.sort(held_from), np.sort(held_to)
    found: Int64s = np.arange(len(began)) - np.searchsorted(over, began, "right")
    return found


def most_held(held_from: Int64s, held_to: Int64s) -> int:
    """Return how many slots were held at once, at most."""
    return int(held_before(held_from, held_to).max()) + 1


def served_alone(start_ns: Int64s, duration_ns: Floats) -> Floats:
    """Return (n,) how long each call takes without those before it.

    The calls are served one at a time in the order in which they began; each ends when it was
    served. So it was served from its beginning, or from when the last one before ended.
    """
    order = np.argsort(start_ns, kind="stable")
    start = start_ns[order].astype(float)
    end = start + duration_ns[order]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(end)[:-1]])
    # One that ended before those that began before it was not behind them in the line.
    last = np.where(before < end, before, start)
    need = np.empty(len(start))
    need[order] = end - np.maximum(start, last)
    return need
