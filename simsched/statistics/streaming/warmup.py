"""The warm-up of runs whose requests are not kept: cut at the edge of a stretch.

Where each replication settles is found as in :mod:`simsched.statistics.warmup`, from the response
times of fives of requests, or, in long runs, of twice as many, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.statistics.mser import BATCH, settled
from simsched.statistics.streaming.stream import Stream
from simsched.statistics.streaming.stretches import Stretches
from simsched.statistics.streaming.tally import Tally, merged
from simsched.statistics.warmup import Cut, Rule, others


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
    size = max(stream.settling.size for stream in streams)
    series = [stream.settling.sums(size) for stream in streams]
    shortest = min(map(len, series))
    together = np.array([one[:shortest] for one in series])
    return tuple(
        _cut(stream, settled(others(together, i)) // BATCH, len(series[i]), size)
        for i, stream in enumerate(streams)
    )


def _cut(stream: Stream, found: int, count: int, size: int) -> Cut:
    if not found:
        return at(stream, stream.every.origin_ns, 0.0)
    made = min(found, count // 2)
    return at(stream, stream.settling.time_ns(made, size), found / count)
