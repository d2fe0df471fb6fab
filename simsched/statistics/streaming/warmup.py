"""The warm-up of runs whose requests are not kept: cut at the edge of a stretch.

Where each replication settles is found as in :mod:`simsched.statistics.warmup`, from the mean
response times of stretches in place of those of five requests.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.statistics.mser import squared_errors
from simsched.statistics.streaming.stream import Stream
from simsched.statistics.streaming.stretches import Stretches
from simsched.statistics.streaming.tally import Tally, merged
from simsched.statistics.warmup import HALF, Cut, Rule
from simsched.workload.columns import Floats

FEWEST = 10
"""Fewer stretches than this have no start and no rest to tell apart."""


def origin_ns(rule: Rule) -> int:
    """Return where the warm-up ends, as far as it is known before the run."""
    return rule if isinstance(rule, int) else 0


def cuts(streams: Sequence[Stream], rule: Rule) -> tuple[Cut, ...]:
    """Return the end of the warm-up in each replication under *rule*."""
    if rule == "auto":
        return _found(streams)
    return tuple(_given(stream, origin_ns(rule)) for stream in streams)


def at(stream: Stream, time_ns: int, share: float) -> Cut:
    """Return a cut at *time_ns*, or at the first edge of a stretch after it."""
    stretches = stream.every
    number = -(-(time_ns - stretches.origin_ns) // stretches.length_ns)
    before = [stretches.early, *stretches.tallies[:number]]
    start, _ = stretches.bounds(number)
    return Cut(start, sum(tally.arrived for tally in before), share)


def window(stretches: Stretches, cut: Cut) -> Tally:
    """Return what was counted from *cut* on."""
    return merged(stretches.tallies[_number(stretches, cut) :])


def stretches_after(stretches: Stretches, cut: Cut) -> list[Tally]:
    """Return what was counted in each stretch from *cut* on."""
    return stretches.tallies[_number(stretches, cut) :]


def _number(stretches: Stretches, cut: Cut) -> int:
    return int(-(-(cut.time_ns - stretches.origin_ns) // stretches.length_ns))


def _given(stream: Stream, time_ns: int) -> Cut:
    share = min(1.0, time_ns / stream.end_ns) if stream.end_ns else 0.0
    return at(stream, time_ns, share)


def _found(streams: Sequence[Stream]) -> tuple[Cut, ...]:
    length_ns = max(stream.every.length_ns for stream in streams)
    series = [_means(stream.every, length_ns) for stream in streams]
    shortest = min(map(len, series))
    together = np.array([one[:shortest] for one in series])
    return tuple(
        _cut(stream, _settled(_others(together, i)), shortest, length_ns)
        for i, stream in enumerate(streams)
    )


def _others(series: Floats, own: int) -> Floats:
    others: Floats = series.sum(axis=0) - (series[own] if len(series) > 1 else 0)
    return others


def _settled(means: Floats) -> int:
    """Return how many stretches to leave out; the last five are never candidates."""
    if len(means) < FEWEST:
        return 0
    return int(np.argmin(squared_errors(means)[:-5]))


def _cut(stream: Stream, found: int, count: int, length_ns: int) -> Cut:
    made = min(found, int(count * HALF))
    return at(stream, made * length_ns, found / count if found else 0.0)


def _means(stretches: Stretches, length_ns: int) -> Floats:
    """Return the mean response time in each *length_ns* of the run; the last may be cut off.

    Where nobody was answered it is that of the stretch before.
    """
    every = length_ns // stretches.length_ns
    tallies = stretches.tallies
    starts = range(0, len(tallies) - len(tallies) % every, every)
    joined = [merged(tallies[start : start + every]) for start in starts][:-1]
    means: list[float] = []
    for one in joined:
        last = means[-1] if means else 0.0
        means.append(one.response_ns / one.completed if one.completed else last)
    return np.array(means)
