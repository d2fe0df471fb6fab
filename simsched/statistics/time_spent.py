"""Where time went: what requests, and the slowest of them, spent their time on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsched.engine.trace import Trace
from simsched.statistics import quantile
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement, ratio, refused
from simsched.statistics.window import Mask, Window
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

SLOWEST = {"slowest_5_percent": 0.95, "slowest_1_percent": 0.99}
"""The groups of slow requests, each beyond a quantile of response time."""

TimeSpent = Mapping[str, Mapping[str, Estimate]]
"""Mean seconds by group (``all``, then those of :data:`SLOWEST`) and by activity."""


def components(trace: Trace) -> dict[str, Int64s]:
    """Return what a request's time divides into, in the order in which it is first met.

    ``queue`` is the wait for a first worker, ``cpu_wait`` the wait for the loop, lock or core by a
    request that is ready (loop lag), ``io_wait`` the wait for a slot of a resource (a pool).
    """
    spent = {
        "queue": trace.queue_ns,
        "cpu_wait": trace.cpu_wait_ns,
        "cpu": trace.cpu_ns,
        "io_wait": trace.io_wait_ns,
        "io": trace.io_ns,
    }
    return spent if trace.retry_ns is None else {"retries": trace.retry_ns, **spent}


def time_spent(windows: Sequence[Window], confidence: float) -> TimeSpent:
    """Return the mean time in each activity, of all completed requests and of the slowest.

    The slowest 5 % are the requests at or beyond the 95th percentile of all replications together.
    The means are ratio estimates (see :func:`simsched.statistics.measurement.ratio`).
    """
    masks = [window.completed for window in windows]
    groups = {"all": _means(windows, masks)}
    for name, probability in SLOWEST.items():
        groups[name] = _of_slowest(windows, probability)
    return {
        group: {activity: found.estimate(confidence, 0.0) for activity, found in means.items()}
        for group, means in groups.items()
    }


def _of_slowest(windows: Sequence[Window], probability: float) -> dict[str, Measurement]:
    together = np.concatenate([window.response_ns for window in windows])
    reason = quantile.too_few(len(together), probability)
    if reason is not None:
        none = np.full(len(windows), np.nan)
        return dict.fromkeys(components(windows[0].requests), refused(none, reason))
    limit = quantile.quantiles(together, [probability])[0]
    return _means(windows, [_slow(window, limit) for window in windows])


def _slow(window: Window, limit_ns: float) -> Mask:
    mask = window.completed.copy()
    mask[mask] = window.response_ns >= limit_ns
    return mask


def _means(windows: Sequence[Window], masks: Sequence[Mask]) -> dict[str, Measurement]:
    counts = np.array([np.count_nonzero(mask) for mask in masks], dtype=np.float64)
    return {
        activity: ratio(_sums_s(windows, masks, activity), counts)
        for activity in components(windows[0].requests)
    }


def _sums_s(windows: Sequence[Window], masks: Sequence[Mask], activity: str) -> Floats:
    pairs = zip(windows, masks, strict=True)
    sums = [float(np.sum(components(w.requests)[activity][mask])) for w, mask in pairs]
    return np.array(sums) / SECOND
