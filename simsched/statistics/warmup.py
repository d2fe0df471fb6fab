"""The warm-up: what a run leaves out because it started empty.

A rule that looks for the cut in the very series it then averages is drawn to what it averages: an
early busy spell is cut off as if it were a transient, a calm one is kept, and the mean comes out
too small (for M/M/1 at load 0.8, ten replications of 5,000 requests, by 3.5 %, so that 95 %
intervals cover in 84 % of experiments). So each replication is cut where the mean series of the
*other* replications settles.
Its own luck then has no say, and several series together show the transient better than one
(Welch's reason to average: Law, 2015, section 9.5.1). A single replication has only itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simsched.engine.trace import Trace
from simsched.statistics.mser import BATCH, batch_sums, settled
from simsched.statistics.window import Window
from simsched.units import format_duration
from simsched.workload.columns import Floats

Rule = int | Literal["auto", "none"]
"""A time in nanoseconds; ``auto`` for MSER-5; or ``none``."""

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the warm-up of one replication ends.

    Attributes:
        time_ns: requests that arrive before are left out of the statistics.
        requests: how many that are.
        share: how much of the run lies before the cut, in [0, 1]: of its completed requests where
            the cut was found, of its time where it was given.
    """

    time_ns: int = 0
    requests: int = 0
    share: float = 0.0


def cuts(traces: Sequence[Trace], rule: Rule) -> tuple[Cut, ...]:
    """Return the end of the warm-up in each of *traces* under *rule*.

    A cut that was found beyond half of a run is made at the half: its ``share`` says where it was
    found, for :func:`warning`.
    """
    if rule == "auto":
        return _found([Window(trace) for trace in traces])
    time_ns = 0 if rule == "none" else rule
    return tuple(_given(trace, time_ns) for trace in traces)


def together(
    found: Sequence[Sequence[Cut]], traces: Sequence[Sequence[Trace]]
) -> list[tuple[Cut, ...]]:
    """Return the cuts of several servers, each replication cut at the latest of its cuts.

    So servers are held against each other over the same requests. Each cut keeps the ``share`` at
    which its own server was found to settle.
    """
    latest = [max(cut.time_ns for cut in ends) for ends in zip(*found, strict=True)]
    return [
        tuple(
            Cut(time_ns, _before(trace, time_ns), cut.share)
            for cut, trace, time_ns in zip(ends, of_one, latest, strict=True)
        )
        for ends, of_one in zip(found, traces, strict=True)
    ]


def warning(server: str, ends: Sequence[Cut], rule: Rule) -> str | None:
    """Return a sentence if a warm-up under *rule* takes more than half of its run, else None."""
    longest = max(ends, key=lambda cut: cut.share)
    if longest.share <= HALF:
        return None
    where = format_duration(longest.time_ns / 1e9)
    if rule != "auto":
        return (
            f"{server}: the warm-up takes {longest.share:.0%} of the run; simulate longer, or "
            "leave out less"
        )
    return (
        f"{server}: the run settles after {longest.share:.0%} of it, if at all, and its warm-up is "
        f"cut at the half ({where}); simulate longer"
    )


def _given(trace: Trace, time_ns: int) -> Cut:
    share = min(1.0, time_ns / trace.end_ns) if trace.end_ns else 0.0
    return Cut(time_ns, _before(trace, time_ns), share)


def _before(trace: Trace, time_ns: int) -> int:
    return int(np.searchsorted(trace.arrival_ns, time_ns))


def _found(windows: Sequence[Window]) -> tuple[Cut, ...]:
    batches = min(len(window.response_ns) for window in windows) // BATCH
    series = np.array([batch_sums(window.response_ns, batches) for window in windows])
    return tuple(_cut(one, settled(others(series, i))) for i, one in enumerate(windows))


def others(series: Floats, own: int) -> Floats:
    """Return the sum of all *series*, (R, n), but the one in row *own*; a single one as it is."""
    others: Floats = series.sum(axis=0) - (series[own] if len(series) > 1 else 0)
    return others


def _cut(window: Window, found: int) -> Cut:
    count = len(window.response_ns)
    if not found:
        return Cut()
    made = min(found, count // 2)
    time_ns = int(window.requests.arrival_ns[window.completed][made])
    return Cut(time_ns, _before(window.trace, time_ns), found / count)
