"""The metrics of a server, in the order of ``summary.json``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from simsched.statistics import order, quantile
from simsched.statistics.measurement import NOTHING_COMPLETED, Measurement, mean, ratio, refused
from simsched.statistics.window import Window
from simsched.units import SECOND
from simsched.workload.columns import Floats

QUANTILES = (0.5, 0.9, 0.95, 0.99)
"""The quantiles of response time that are told unless others are asked for."""

MAXIMUM = "a maximum grows with the length of the run, so it estimates nothing"


def bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest value of *metric*, to which its interval is cut."""
    if metric == "order.kendall_tau":
        return -1.0, 1.0
    return 0.0, 1.0 if metric in {"cpu_utilisation", "order.overtaken_fraction"} else np.inf


def measure(
    windows: Sequence[Window], quantiles: Sequence[float] = QUANTILES
) -> dict[str, Measurement]:
    """Return every metric of one server, by dotted name, from one window per replication."""
    counts = _each(len(window.response_ns) for window in windows)
    lengths = _each(window.length_ns / SECOND for window in windows)
    cores = _each(window.trace.cores for window in windows)
    responses = [window.response_ns for window in windows]
    slowdowns = [window.slowdowns() for window in windows]
    return {
        "throughput_per_s": ratio(_each(window.completions() for window in windows), lengths),
        "response_time_s.mean": ratio(
            _each(float(np.sum(one)) / SECOND for one in responses), counts
        ),
        **_named(quantile.pooled(responses, quantiles), quantiles),
        "response_time_s.max": _maximum(_each(int(np.max(one, initial=-1)) for one in responses)),
        "slowdown": ratio(
            _each(float(np.sum(one)) for one in slowdowns), _each(map(len, slowdowns))
        ),
        "cpu_utilisation": ratio(_each(window.cpu_s() for window in windows), cores * lengths),
        "order.overtaken_fraction": ratio(
            _each(order.overtaken(w.finish_ns) for w in windows), counts
        ),
        "order.kendall_tau": mean(_each(_or_nan(order.kendall_tau(w.finish_ns)) for w in windows)),
    }


def _named(
    measurements: Sequence[Measurement], quantiles: Sequence[float]
) -> dict[str, Measurement]:
    names = [f"response_time_s.{quantile.name_of(probability)}" for probability in quantiles]
    return dict(zip(names, measurements, strict=True))


def _each(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _maximum(largest_ns: Floats) -> Measurement:
    """Return the largest response time; *largest_ns* is -1 where nothing was completed."""
    values = np.where(largest_ns < 0, np.nan, largest_ns / SECOND)
    if np.isnan(values).all():
        return refused(values, NOTHING_COMPLETED)
    return Measurement(float(np.nanmax(values)), values, reason=MAXIMUM)
