"""The metrics of a server, in the order of ``summary.json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simsched.scenario.metrics import parse_metric, quantile_name
from simsched.statistics import occupancy, order, quantile, time_spent
from simsched.statistics.fairness import jain, jain_index
from simsched.statistics.measurement import (
    NOTHING_COMPLETED,
    Measurement,
    mean,
    ratio,
    refused,
)
from simsched.statistics.share import share
from simsched.statistics.window import Window, taken
from simsched.units import SECOND
from simsched.workload.arrays import Floats, total

QUANTILES = (0.5, 0.9, 0.95, 0.99)
"""The quantiles of response time that are told unless others are asked for."""

NO_TIME = "no time is left to observe"
NONE_COMPLETED = "nothing was completed, which does not tell how seldom it is"

MAXIMUM = "a maximum grows with the length of the run, so it estimates nothing"

_FAMILIES = ("time_spent_s", occupancy.UTILISATION, occupancy.WAIT)
"""Figures on top of the metrics: they are grouped, and servers are not compared by them."""


def bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest value of *metric*, to which its interval is cut."""
    return parse_metric(metric).bounds


def is_compared(metric: str) -> bool:
    """Say whether *metric* is one that servers are compared by."""
    return metric.partition(".")[0] not in _FAMILIES


def measure(
    windows: Sequence[Window],
    quantiles: Sequence[float] = QUANTILES,
    parts: Sequence[time_spent.Part] = (),
) -> dict[str, Measurement]:
    """Return every metric of one server, by dotted name, from one window per replication.

    With it come the figures of where time went and of the resources; *parts* are the quantiles of
    parts of time that are asked for. A class has no resources of its own.
    """
    resources = occupancy.measure(windows) if windows[0].class_id is None else {}
    return _metrics(windows, quantiles) | time_spent.measure(windows, parts) | resources


def _metrics(windows: Sequence[Window], quantiles: Sequence[float]) -> dict[str, Measurement]:
    slowdowns = [_Slowdowns.of(window) for window in windows]
    return {
        "throughput_per_s": _throughput(windows),
        "failed_fraction": _failed(windows),
        "response_time_s.mean": _mean_response(windows),
        **_quantiles(windows, quantiles),
        "response_time_s.max": _maximum([window.response_ns for window in windows], SECOND),
        "slowdown": _slowdown(slowdowns),
        "cpu_utilisation": _utilisation(windows),
        **_order(windows),
        "fairness.jain_index": jain_index(
            _each(_or_nan(one.jain_index) for one in slowdowns),
            _each(one.count for one in slowdowns),
        ),
    }


def refuse_steady_state(found: Mapping[str, Measurement], reason: str) -> dict[str, Measurement]:
    """Return *found* without the means that only a steady state has, for *reason*."""
    return {
        metric: refused(one.replications, reason) if _is_steady_state(metric) else one
        for metric, one in found.items()
    }


def _is_steady_state(metric: str) -> bool:
    if metric == "response_time_s.max":
        return False
    times = ("response_time_s.", "time_spent_s.", f"{occupancy.WAIT}.")
    return metric.startswith(times) or metric in {"slowdown", "fairness.jain_index"}


def _throughput(windows: Sequence[Window]) -> Measurement:
    return throughput(_each(window.completions() for window in windows), _lengths_s(windows))


def throughput(completions: Floats, lengths_s: Floats) -> Measurement:
    """Return completions per second, from (R,) counts; none at all do not tell how few there are.

    Where all windows are empty there is no value.
    """
    found = ratio(completions, lengths_s, NO_TIME)
    if found.value != 0:
        return found
    return Measurement(found.value, found.replications, reason=NONE_COMPLETED)


def _failed(windows: Sequence[Window]) -> Measurement:
    ended = _each(int(np.count_nonzero(window.ended)) for window in windows)
    return share(ended - _counts(windows), ended)


def _mean_response(windows: Sequence[Window]) -> Measurement:
    sums = _each(float(total(window.response_ns)) / SECOND for window in windows)
    return ratio(sums, _counts(windows))


def _quantiles(windows: Sequence[Window], quantiles: Sequence[float]) -> dict[str, Measurement]:
    names = [f"response_time_s.{quantile_name(probability)}" for probability in quantiles]
    found = quantile.pooled([window.response_ns for window in windows], quantiles)
    return dict(zip(names, found, strict=True))


def _slowdown(sums: Sequence[_Slowdowns]) -> Measurement:
    return ratio(_each(one.total for one in sums), _each(one.count for one in sums))


@dataclass(frozen=True, slots=True)
class _Slowdowns:
    """What is told of the slowdowns in a window, which are many."""

    count: int
    total: float
    jain_index: float | None

    @classmethod
    def of(cls, window: Window) -> _Slowdowns:
        slowdowns = window.slowdowns()
        return cls(len(slowdowns), float(np.sum(slowdowns)), jain(slowdowns))


def _utilisation(windows: Sequence[Window]) -> Measurement:
    cores = _each(window.trace.cores for window in windows)
    spent = _each(window.cpu_s() for window in windows)
    return ratio(spent, cores * _lengths_s(windows), NO_TIME)


def _order(windows: Sequence[Window]) -> dict[str, Measurement]:
    taus = _each(_or_nan(_tau(window)) for window in windows)
    overtaken = _each(int(np.count_nonzero(_among(w, order.overtaken))) for w in windows)
    return {
        "order.overtaken_fraction": ratio(overtaken, _counts(windows)),
        "order.kendall_tau": mean(taus),
        "order.largest_displacement": _maximum([_among(w, order.displacement) for w in windows], 1),
    }


def _tau(window: Window) -> float | None:
    """Return Kendall's tau of a whole run; that of a part of one would be something else."""
    return order.kendall_tau(window.finish_ns) if window.stop_ns is None else None


def _among(window: Window, measured: order.PerRequest) -> order.Column:
    """Return what is *measured* among requests of every class for those that are looked at."""
    found = measured(taken(window.requests.finish_ns, window.everyone))
    return found if window.class_id is None else found[window.ours[window.everyone]]


def _counts(windows: Sequence[Window]) -> Floats:
    return _each(len(window.response_ns) for window in windows)


def _lengths_s(windows: Sequence[Window]) -> Floats:
    return _each(window.length_ns / SECOND for window in windows)


def _each(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _maximum(columns: Sequence[order.Column], unit: int) -> Measurement:
    """Return the largest of whole numbers of all replications, in units of *unit*."""
    values = _each(int(np.max(one)) / unit if len(one) else np.nan for one in columns)
    if np.isnan(values).all():
        return refused(values, NOTHING_COMPLETED)
    return Measurement(float(np.nanmax(values)), values, reason=MAXIMUM)
