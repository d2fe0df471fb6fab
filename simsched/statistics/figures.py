"""The metrics that are one figure of a replication: what is seen of it, and the estimate over all.

A metric is an entry here and one in the registry of :mod:`simsched.scenario.metrics`, which has its
name, unit, bounds and direction. Quantiles and parts of the time of requests are families of their
own: see :mod:`simsched.statistics.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from simsched.statistics import completion_order as order
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import (
    NOTHING_COMPLETED,
    Measurement,
    mean,
    ratio,
    refused,
    share,
)
from simsched.statistics.window import Window, taken
from simsched.units import SECOND
from simsched.workload.arrays import Floats, total

NO_TIME = "no time is left to observe"
NONE_COMPLETED = "nothing was completed, which does not show how seldom it is"
NO_DEMAND = "no completed request needs any time"
MAXIMUM = "a maximum grows with the length of the run, so it estimates nothing"

Seen = tuple[float, float]
"""What is seen of a replication: a sum and what it is divided by, or a value and its weight."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric that is one figure of each replication.

    Attributes:
        see: what is seen of a replication, or of a batch of it; NaN where it has no value.
        over: the estimate, from (R,) of each of the two that were seen.
        is_steady: whether only a system with a steady state has it.
    """

    see: Callable[[Window], Seen]
    over: Callable[[Floats, Floats], Measurement]
    is_steady: bool = False


def _completions(window: Window) -> Seen:
    # Whenever they arrived: throughput is what the server completes.
    return window.completions(), window.served_ns / SECOND


def _throughput(completions: Floats, lengths_s: Floats) -> Measurement:
    """Return completions per second, from (R,) counts; zero completions do not show how rare."""
    found = ratio(completions, lengths_s, NO_TIME)
    if found.value != 0:
        return found
    return Measurement(found.value, found.replications, reason=NONE_COMPLETED)


def _failed(window: Window) -> Seen:
    ended = int(np.count_nonzero(window.ended))
    # What the end of the run cut off has neither failed nor been answered.
    return ended - len(window.response_ns), ended


def _responses(window: Window) -> Seen:
    return float(total(window.response_ns)) / SECOND, len(window.response_ns)


def _longest(window: Window) -> Seen:
    return _largest(window.response_ns) / SECOND, 1


def _slowdowns(window: Window) -> Seen:
    return float(np.sum(window.slowdowns)), len(window.slowdowns)


def _slowdown(slowdowns: Floats, counts: Floats) -> Measurement:
    return ratio(slowdowns, counts, NO_DEMAND)


def _cpu(window: Window) -> Seen:
    return window.cpu_s(), window.trace.cores * (window.length_ns / SECOND)


def _utilisation(cpu_s: Floats, core_s: Floats) -> Measurement:
    return ratio(cpu_s, core_s, NO_TIME)


def _overtaken(window: Window) -> Seen:
    return int(np.count_nonzero(_among(window, order.overtaken))), len(window.response_ns)


def _displaced(window: Window) -> Seen:
    """Return the largest displacement in a whole run; batches show nothing of a maximum."""
    if window.stop_ns is not None:
        return np.nan, 1
    return _largest(_among(window, order.displacement)), 1


def _tau(window: Window) -> Seen:
    """Return Kendall's tau of a whole run; that of a part of one would be something else."""
    # Pairs of requests in different batches would be in none of them.
    found = order.kendall_tau(window.finish_ns) if window.stop_ns is None else None
    return np.nan if found is None else found, 1


def _among(window: Window, measured: order.PerRequest) -> order.Column:
    """Return what is *measured* among requests of every class for those that are looked at."""
    # Requests overtake those of other classes, too, so places are counted among all of them.
    found = measured(taken(window.requests.finish_ns, window.everyone))
    return found if window.group is None else found[window.ours[window.everyone]]


def _largest(column: order.Column) -> float:
    return float(np.max(column)) if len(column) else np.nan


def _maximum(values: Floats, _: Floats) -> Measurement:
    """Return the largest of (R,) maxima, NaN where a replication has none."""
    if np.isnan(values).all():
        return refused(values, NOTHING_COMPLETED)
    return Measurement(float(np.nanmax(values)), values, reason=MAXIMUM)


def _mean(values: Floats, _: Floats) -> Measurement:
    return mean(values)


def jain(shares: Floats) -> float | None:
    """Return Jain's index of *shares*: 1 if all are equal, 1/n if one has all; None of none.

    (sum x)^2 / (n sum x^2). Over slowdowns it asks whether each request is delayed in proportion to
    what it needs.

    Source: Jain, Chiu & Hawe, A quantitative measure of fairness and discrimination for resource
    allocation in shared computer systems, DEC Research Report TR-301, 1984.
    """
    squares = float(np.sum(shares**2))
    return float(np.sum(shares)) ** 2 / (len(shares) * squares) if squares else None


def _fairness(window: Window) -> Seen:
    found = jain(window.slowdowns)
    return np.nan if found is None else found, len(window.slowdowns)


@dataclass(frozen=True, eq=False)
class _Index(Measurement):
    """A mean of Jain's indices; none can be below its 1/n, of which *least* is the mean."""

    least: float = 0.0

    def estimate(self, confidence: float, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the value with its interval, cut to what it can be."""
        return super().estimate(confidence, max(low, self.least), high)


def _jain_index(indices: Floats, counts: Floats) -> Measurement:
    """Return the mean of (R,) indices, one for each replication, of so many shares each."""
    found = mean(indices)
    if found.value is None:
        return found
    # An interval that reaches below what the index can be would be no interval of it.
    least = float(np.mean(1 / counts))
    return _Index(found.value, found.replications, found.influence, least=least)


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "throughput_per_s": Figure(_completions, _throughput),
        "failed_fraction": Figure(_failed, share),
        "response_time_s.mean": Figure(_responses, ratio, is_steady=True),
        "response_time_s.max": Figure(_longest, _maximum),
        "slowdown": Figure(_slowdowns, _slowdown, is_steady=True),
        "cpu_utilisation": Figure(_cpu, _utilisation),
        "order.overtaken_fraction": Figure(_overtaken, ratio),
        "order.kendall_tau": Figure(_tau, _mean),
        "order.largest_displacement": Figure(_displaced, _maximum),
        "fairness.jain_index": Figure(_fairness, _jain_index, is_steady=True),
    }
)
"""Each figure by its name in ``summary.json``, in the order of that."""
