"""The warm-up: what a run leaves out because it started empty.

A rule that looks for the cut in the very series it then averages is drawn to what it averages: an
early busy spell is cut off as if it were a transient, a calm one is kept, and the mean comes out
too small (for M/M/1 at load 0.8, ten replications of 5,000 requests, by 3.5 %, so that 95 %
intervals cover in 84 % of experiments). So each replication is cut where the mean series of the
*other* replications settles. Its own luck then has no say, and several series together show the
transient better than one (Welch's reason to average: Law, 2015, section 9.5.1). A single
replication has only itself.

Where a series settles is found by MSER-5: cut as many batch means d as leave the rest, of m - d,
with the best estimate of its mean, that is with the least squared standard error,
sum((Y - mean)^2) / (m - d)^2.

Sources: White, An effective truncation heuristic for bias reduction in simulation output,
Simulation 69 (6), 1997 (batches of five: White, Cobb & Spratt, Winter Simulation Conference 2000);
Franklin & White, Stationarity tests and MSER-5, Winter Simulation Conference 2008.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simsched.engine.trace import Trace
from simsched.statistics.window import Window, taken
from simsched.statistics.words import warnings as words
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

BATCH = 5
"""Points in a batch."""

FEWEST = 10
"""Fewer batches than this are not divided into a start and a rest: some agree by chance."""

Rule = int | Literal["auto", "none"]
"""A time in nanoseconds; ``auto`` for MSER-5; or ``none``."""

HALF = 0.5

MOST = 1 << 17
"""In so many batches at most a replication shows where it settles."""

_ROUNDING = 1e-10


def batch_sums(series: Floats | Int64s, batches: int, size: int = BATCH) -> Floats:
    """Return the sums of the first *batches* batches of *size* points of *series*."""
    sums = np.zeros(batches)
    for first in range(size):
        sums += series[first : batches * size : size]
    return sums


def settled(sums: Floats, size: int = BATCH) -> int:
    """Return how many points to leave out at the start, whole batches, given the *sums* of each.

    A cut in the second half means that the series never settled. The last five batches are never
    candidates: so few points agree by chance.
    """
    if len(sums) < FEWEST:
        return 0
    return int(np.argmin(squared_errors(sums / size)[:-BATCH])) * size


def squared_errors(values: Floats) -> Floats:
    """Return, for each d in 0..m-1, the squared standard error of the mean of ``values[d:]``."""
    backwards = (values - values.mean())[::-1]  # centred, so that the squares keep their digits
    count = np.arange(1, len(values) + 1)
    sums, squares = np.cumsum(backwards), np.cumsum(backwards**2)
    spread = squares - sums**2 / count
    spread[spread <= _ROUNDING * squares] = 0.0  # a constant rest, up to rounding
    errors: Floats = (spread / count**2)[::-1]
    return errors


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the warm-up of one replication ends.

    Attributes:
        time_ns: requests that arrive before are left out of the statistics.
        requests: how many that are, where it is known.
        share: how much of the run lies before the cut, in [0, 1]: of its completed requests where
            the cut was found, of its time where it was given.
    """

    time_ns: int = 0
    requests: int = 0
    share: float = 0.0


@dataclass(frozen=True, eq=False)
class Settling:
    """What shows where a replication settles: its response times, batch by batch.

    Attributes:
        end_ns: when it ended.
        count: how many requests it completed.
        size: how many of them are in a batch, five times a power of two.
        sums: (b,) the sums of the response times of each whole batch, in order of arrival.
        starts_ns: (b,) when the first request of each batch arrived.
    """

    end_ns: int
    count: int
    size: int
    sums: Floats
    starts_ns: Int64s

    @property
    def half_ns(self) -> int:
        """When the second half of its requests begins to arrive, in whole batches."""
        return int(self.starts_ns[self.count // 2 // self.size]) if len(self.starts_ns) else 0

    def coarser(self, size: int) -> Settling:
        """Return the same in batches of *size*, a power of two times as many requests."""
        several = size // self.size
        batches = len(self.sums) // several
        sums = self.sums[: batches * several].reshape(batches, several).sum(axis=1)
        return replace(self, size=size, sums=sums, starts_ns=self.starts_ns[::several][:batches])


def settling(trace: Trace) -> Settling:
    """Return what shows where *trace* settles, in at most :data:`MOST` batches."""
    window = Window(trace)
    count = len(window.response_ns)
    size = BATCH
    # Where a long run settles shows as well in coarser batches, in bounded memory.
    while count // size > MOST:
        size *= 2
    batches = count // size
    arrivals = taken(window.requests.arrival_ns, window.completed)
    starts = arrivals[: batches * size : size].copy()
    return Settling(
        trace.end_ns, count, size, batch_sums(window.response_ns, batches, size), starts
    )


def cuts(runs: Sequence[Settling], rule: Rule) -> tuple[Cut, ...]:
    """Return the end of the warm-up in each of *runs*, replications of one server, under *rule*.

    A cut that was found beyond half of a run is made at the half: its ``share`` says where it was
    found, for :func:`warning`.
    """
    if rule == "auto":
        return _found(runs)
    time_ns = 0 if rule == "none" else rule
    return tuple(_given(run, time_ns) for run in runs)


def together(
    found: Sequence[Sequence[Cut]], runs: Sequence[Sequence[Settling]]
) -> list[tuple[Cut, ...]]:
    """Return the cuts of several servers, each replication cut at the latest of its cuts.

    So servers are compared over the same requests. Where users wait for answers, a server that is
    faster may have ended by then: half of its own run, one of *runs*, is always kept. Each cut
    keeps the ``share`` at which its own server was found to settle.
    """
    # The later cut is safe for both; the earlier one would leave a transient in one of them.
    latest = [max(cut.time_ns for cut in ends) for ends in zip(*found, strict=True)]
    return [
        tuple(
            replace(cut, time_ns=max(cut.time_ns, min(time_ns, run.half_ns)))
            for cut, time_ns, run in zip(ends, latest, own, strict=True)
        )
        for ends, own in zip(found, runs, strict=True)
    ]


def warning(server: str, ends: Sequence[Cut], rule: Rule) -> str | None:
    """Return a sentence if a warm-up under *rule* takes more than half of its run, else None."""
    longest = max(ends, key=lambda cut: cut.share)
    if longest.share <= HALF:
        return None
    if rule == "auto":
        return words.unsettled(server, longest.share, longest.time_ns / SECOND)
    return words.long_warmup(server, longest.share)


def _given(run: Settling, time_ns: int) -> Cut:
    return Cut(time_ns, share=min(1.0, time_ns / run.end_ns) if run.end_ns else 0.0)


def _found(runs: Sequence[Settling]) -> tuple[Cut, ...]:
    size = max(run.size for run in runs)
    runs = [run if run.size == size else run.coarser(size) for run in runs]
    # Beyond the shortest replication the mean would be of fewer series, and noisier.
    batches = min(len(run.sums) for run in runs)
    series = np.array([run.sums[:batches] for run in runs])
    return tuple(_cut(run, settled(others(series, i), size)) for i, run in enumerate(runs))


def others(series: Floats, own: int) -> Floats:
    """Return the sum of all *series*, (R, n), but the one in row *own*; a single one as it is."""
    others: Floats = series.sum(axis=0) - (series[own] if len(series) > 1 else 0)
    return others


def _cut(run: Settling, found: int) -> Cut:
    if not found:
        return Cut()
    # Half of the run is kept whatever the rule finds, since a shorter rest has no intervals.
    made = min(found // run.size, run.count // 2 // run.size)
    return Cut(int(run.starts_ns[made]), share=found / run.count)
