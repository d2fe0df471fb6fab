"""How well a simulation agrees with what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simsched.statistics import completion_order
from simsched.workload.arrays import Floats, Int64s

Curves = Mapping[str, tuple[list[float], list[float]]]
"""For some classes of requests, and for all under "", evenly spaced quantiles of the measured and
of the simulated response times, in seconds."""

Course = tuple[list[float], list[float], list[float]]
"""The middles of equal parts of the time, and of the requests that arrive in each the mean measured
and the mean simulated response time, in seconds; parts without any are left out."""

MOST_PARTS = 40
"""In how many parts of the time means are compared, at most."""

_PER_PART = 20

_LEVELS = (np.arange(200) + 0.5) / 200

FIGURES: Mapping[str, float | None] = {"mean": None, "p50": 0.5, "p95": 0.95, "p99": 0.99}
"""The figures of the response time that are compared, each with its quantile."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of the response time as it was measured and as it is predicted, in seconds."""

    measured_s: float
    predicted_s: float

    @property
    def error(self) -> float | None:
        """How far the prediction is above the measurement, as a ratio to it; None to 0."""
        return self.predicted_s / self.measured_s - 1 if self.measured_s else None


@dataclass(frozen=True)
class Agreement:
    """The figures of some requests, measured and predicted.

    Attributes:
        requests: how many requests they are of.
        unanswered: how many more have no answer in the simulation, and are left out.
        figures: mean and quantiles, by name.
        kendall_tau: Kendall's tau between the measured and the predicted order of completion.
        curves: the distributions of all requests.
        course: their means over time.
    """

    requests: int
    unanswered: int
    figures: Mapping[str, Pair]
    kendall_tau: float
    curves: Curves
    course: Course


def compare(arrival_ns: Int64s, measured_ns: Int64s, predicted_ns: Floats) -> Agreement:
    """Return how *predicted* response times agree with *measured* ones.

    Args:
        arrival_ns: (n,) when each request arrived, never decreasing.
        measured_ns: (n,) its measured response time.
        predicted_ns: (n,) its predicted response time; NaN if it has no answer there.
    """
    answered = ~np.isnan(predicted_ns)
    arrival, measured, predicted = (
        column[answered].astype(np.int64) for column in (arrival_ns, measured_ns, predicted_ns)
    )
    return Agreement(
        requests=len(measured),
        unanswered=int(np.count_nonzero(~answered)),
        figures={
            name: Pair(_figure(measured, quantile), _figure(predicted, quantile))
            for name, quantile in FIGURES.items()
        },
        kendall_tau=tau(arrival, measured, predicted),
        curves={"": (curve(measured), curve(predicted))},
        course=course(arrival, measured, predicted),
    )


def tau(arrival_ns: Int64s, measured_ns: Int64s, predicted_ns: Int64s) -> float:
    """Return Kendall's tau between two orders of completion: 1 if they are the same.

    Args:
        arrival_ns: (n,) when each request arrived.
        measured_ns: (n,) its measured response time.
        predicted_ns: (n,) its predicted one.
    """
    found = completion_order.agreement(arrival_ns + measured_ns, arrival_ns + predicted_ns)
    return 1.0 if found is None else found


def course(arrival_ns: Int64s, measured_ns: Floats | Int64s, simulated: Floats | Int64s) -> Course:
    """Return how the mean response times were over time.

    Args:
        arrival_ns: (n,) when each request arrived, never decreasing.
        measured_ns: (n,) its measured response time.
        simulated: (n,) or (runs, n) its simulated response times in nanoseconds, NaN for none.
    """
    parts = max(1, min(MOST_PARTS, len(arrival_ns) // _PER_PART))
    if not len(arrival_ns):
        return [], [], []
    edges = np.linspace(arrival_ns[0], arrival_ns[-1], parts + 1)
    part = np.searchsorted(edges[1:-1], arrival_ns, "right")
    runs = np.atleast_2d(simulated)
    found = []
    for i in range(parts):
        rows = part == i
        if rows.any() and not np.isnan(runs[:, rows]).all():
            middle = (edges[i] + edges[i + 1]) / 2
            means = measured_ns[rows].mean(), np.nanmean(runs[:, rows])
            found.append([float(each) / 1e9 for each in (middle, *means)])
    times, measured, predicted = map(list, zip(*found, strict=True)) if found else ([], [], [])
    return times, measured, predicted


def curve(response_ns: Floats | Int64s) -> list[float]:
    """Return evenly spaced quantiles of response times, in seconds; none of those that are NaN."""
    known = response_ns[~np.isnan(response_ns)]
    if not len(known):
        return []
    quantiles: list[float] = (np.quantile(known, _LEVELS) / 1e9).tolist()
    return quantiles


def _figure(response_ns: Int64s, quantile: float | None) -> float:
    if not len(response_ns):
        return float("nan")
    found = response_ns.mean() if quantile is None else np.quantile(response_ns, quantile)
    return float(found) / 1e9
