"""Where time went: what requests, and the slowest of them, spent their time on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simsched.engine.trace import Trace
from simsched.scenario.metrics import PARTS
from simsched.statistics.estimate import Estimate
from simsched.workload.columns import Int64s

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


def grouped(estimates: Mapping[str, Estimate]) -> TimeSpent:
    """Return those of *estimates* that are of time spent, by group and by part."""
    groups: dict[str, dict[str, Estimate]] = {}
    for name, estimate in estimates.items():
        family, _, rest = name.partition(".")
        if family == "time_spent_s":
            group, _, part = rest.rpartition(".")
            groups.setdefault(group, {})[part] = estimate
    return groups
