"""How long the runs of a search are: as the load needs it, whatever the file says of its end."""

from __future__ import annotations

from dataclasses import replace

from simsched.scenario.model.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.run_length import requests_needed
from simsched.units import SECOND
from simsched.workload.arrivals import arrival_rate_per_s

FIRST = 10
"""How many replications every value that is tried is given."""

PRECISION = 0.10
"""How well :data:`FIRST` replications tell the mean wait. More would do, as near saturation a small
change of the rate changes it by much more; but runs that were shorter would be spent on settling,
and overrate the server."""

FEWEST = 2_000
"""A run of fewer requests is spent on its warm-up."""

TAIL = 0.04
"""The share of a run beyond a quantile from which on it is told as well as the mean.

The requests beyond a p99 come in a few crowds. Where a run has one or two of them, its p99 is so
skewed that intervals over 20 runs cover the truth in 89 % of experiments (M/M/1 at load 0.82, 5,300
requests each); four times as long, in 94 %.
"""

MOST = 50_000
"""Requests of one run: near saturation more would be needed than anybody waits for."""


def planned(contender: Contender) -> Contender:
    """Return *contender* with runs that end after as many requests as its load needs.

    :data:`FIRST` replications together tell the mean wait within :data:`PRECISION` of it (see
    :mod:`simsched.statistics.run_length`); a limit on a quantile in the tail takes longer. Where no
    formula tells how many requests that is, a run is as long as the file has it, and at least
    :data:`FEWEST` requests. What is no open workload with a steady state keeps its end.
    """
    scenario = contender.scenario
    if contender.is_certain or not contender.is_steady or scenario.workload.open is None:
        return contender
    workload = scenario.workload.model_copy(
        update={"requests": _requests(contender), "duration": None}
    )
    return replace(contender, scenario=scenario.model_copy(update={"workload": workload}))


def _requests(contender: Contender) -> int:
    queue, times = contender.queue(), _tail(contender)
    if queue is None:
        return max(round(FEWEST * times), round(_as_written(contender.scenario)))
    needed = max(FEWEST, -(-requests_needed(queue, PRECISION) // FIRST))
    return min(round(needed * times), MOST) + _of_warmup(contender.scenario)


def _tail(contender: Contender) -> float:
    """Return how many times as long as for a mean a run is, for the quantiles of the limits."""
    quantiles = [each.limit.metric.quantile for each in contender.objectives()]
    return max([1.0, *(TAIL / (1 - each) for each in quantiles if each is not None)])


def _as_written(scenario: Scenario) -> float:
    workload = scenario.workload
    if workload.requests is not None:
        return workload.requests
    return arrival_rate_per_s(scenario) * (workload.duration or 0) / SECOND


def _of_warmup(scenario: Scenario) -> int:
    """Return how many requests arrive in a warm-up that the file gives as a time."""
    time_ns = scenario.run.warmup
    if not isinstance(time_ns, int):
        return 0
    return round(arrival_rate_per_s(scenario) * time_ns / SECOND)
