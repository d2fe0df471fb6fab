"""Where time went: what requests, and the slowest of them, spent their time on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from simsched.engine.trace import Trace
from simsched.scenario.metrics import PARTS, SLOWEST, quantile_name, time_spent_name
from simsched.statistics import quantile
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement, ratio, refused
from simsched.statistics.sections import too_few
from simsched.statistics.window import Mask, Window, taken
from simsched.units import SECOND
from simsched.workload.arrays import Floats, Int64s, total

_BEYOND = dict(zip(SLOWEST, (0.95, 0.99), strict=True))
"""The quantile of response time from which on a request is of each group of slow ones."""

TimeSpent = Mapping[str, Mapping[str, Estimate]]
"""Seconds by group and by part: means of ``all`` and of the slowest requests, and quantiles."""

Part = tuple[str, float]
"""A part of requests' time, and a probability: a quantile that is asked for."""


def components(trace: Trace) -> dict[str, Int64s]:
    """Return what a request's time divides into, in the order in which it is first met.

    ``queue`` is the wait for a first worker, ``cpu_wait`` the wait for the loop, lock or core by a
    request that is ready (loop lag), ``io_wait`` the wait for a slot of a resource (a pool).
    """
    return {name: spent(trace, name) for name in PARTS if name != "retries" or _retried(trace)}


def spent(trace: Trace, part: str) -> Int64s:
    """Return (n,) the time that each request spent on *part*; on retries none where there are none.

    *trace* has one row per request.
    """
    if part == "retries" and trace.retry_ns is None:
        return np.zeros(len(trace), dtype=np.int64)
    column: Int64s = getattr(trace, "retry_ns" if part == "retries" else f"{part}_ns")
    return column


def _retried(trace: Trace) -> bool:
    return trace.retry_ns is not None


def measure(windows: Sequence[Window], asked: Iterable[Part] = ()) -> dict[str, Measurement]:
    """Return the time in each part, by the names that :func:`time_spent_name` gives.

    Means are of all completed requests, and of the slowest: the slowest 5 % are the requests at or
    beyond the 95th percentile of all replications together. They are ratio estimates (see
    :func:`simsched.statistics.measurement.ratio`). The quantiles that are *asked* for follow.
    """
    parts = [name for name in PARTS if name != "retries" or _any_retried(windows)]
    found = _means("all", windows, [window.completed for window in windows], parts)
    together = quantile.pool([window.response_ns for window in windows])
    limits = quantile.quantiles(together, [*_BEYOND.values()])
    for (group, probability), limit in zip(_BEYOND.items(), limits, strict=True):
        reason = too_few(len(together), probability)
        found |= _of_slowest(group, windows, parts, float(limit) if reason is None else reason)
    for part, probability in asked:
        name = time_spent_name(quantile_name(probability), part)
        (found[name],) = quantile.pooled(points_ns(windows, part), [probability])
    return found


def points_ns(windows: Sequence[Window], part: str) -> list[Int64s]:
    """Return what each completed request spent on *part*, for each of *windows*."""
    return [taken(spent(window.requests, part), window.completed) for window in windows]


def grouped(estimates: Mapping[str, Estimate]) -> TimeSpent:
    """Return those of *estimates* that are of time spent, by group and by part."""
    groups: dict[str, dict[str, Estimate]] = {}
    for name, estimate in estimates.items():
        family, _, rest = name.partition(".")
        if family == "time_spent_s":
            group, _, part = rest.rpartition(".")
            groups.setdefault(group, {})[part] = estimate
    return groups


def _any_retried(windows: Sequence[Window]) -> bool:
    return any(_retried(window.requests) for window in windows)


def _of_slowest(
    group: str, windows: Sequence[Window], parts: Sequence[str], limit_ns: float | str
) -> dict[str, Measurement]:
    """Return the means of those who took at least *limit_ns*, or why there is no such limit."""
    if isinstance(limit_ns, str):
        some = any(len(window.response_ns) for window in windows)
        none = refused(np.full(len(windows), np.nan), limit_ns, is_short=some)
        return {time_spent_name(group, part): none for part in parts}
    return _means(group, windows, [_slow(window, limit_ns) for window in windows], parts)


def _slow(window: Window, limit_ns: float) -> Mask:
    mask = window.completed.copy()
    mask[mask] = window.response_ns >= limit_ns
    return mask


def _means(
    group: str, windows: Sequence[Window], masks: Sequence[Mask], parts: Iterable[str]
) -> dict[str, Measurement]:
    rows = [_rows(mask) for mask in masks]
    counts = np.array([np.count_nonzero(mask) for mask in masks], dtype=np.float64)
    return {
        time_spent_name(group, part): ratio(_sums_s(windows, rows, part), counts) for part in parts
    }


def _rows(mask: Mask) -> Int64s | slice:
    return slice(None) if mask.all() else np.flatnonzero(mask)


def _sums_s(windows: Sequence[Window], rows: Sequence[Int64s | slice], part: str) -> Floats:
    pairs = zip(windows, rows, strict=True)
    return np.array([float(total(spent(w.requests, part)[one])) for w, one in pairs]) / SECOND
