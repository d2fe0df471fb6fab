"""The scenarios that come with simsched, run with overrides."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

import simsched
from simsched.engine import Status
from simsched.engine.trace import Trace
from simsched.experiment.result import Result
from simsched.statistics.estimate import Estimate

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@cache
def outcome(name: str, *overrides: str, replications: int | None = None) -> Result:
    """Return the result of the scenario *name*, simulated once for all who ask."""
    path = SCENARIOS / f"{name}.yaml"
    return simsched.run(path, overrides=overrides, replications=replications)


def figure(result: Result, server: str, metric: str, request: str | None = None) -> Estimate:
    """Return a figure of a server, or of one class of its requests."""
    summary = result.servers[server]
    told = summary.estimates if request is None else summary.classes[request].estimates
    return told[metric]


def value(result: Result, server: str, metric: str, request: str | None = None) -> float:
    """Return the value of a figure that there is."""
    found = figure(result, server, metric, request).value
    assert found is not None
    return found


def spent(result: Result, server: str, activity: str) -> float:
    """Return the mean time, in seconds, that a request spends in *activity*."""
    found = result.servers[server].time_spent["all"][activity].value
    assert found is not None
    return found


def response_s(trace: Trace, request: str | None = None) -> np.ndarray:
    """Return the response times of those that were answered, of all classes or of one."""
    requests = trace.requests
    chosen = requests.status == Status.COMPLETED
    if request is not None:
        chosen &= requests.class_id == requests.classes.index(request)
    times: np.ndarray = (requests.finish_ns - requests.arrival_ns)[chosen] / 1e9
    return times


def share_over(result: Result, server: str, limit_s: float, request: str | None = None) -> float:
    """Return the share of answers that took longer than *limit_s*."""
    times = [response_s(trace, request) for trace in result.traces[server]]
    return float((np.concatenate(times) > limit_s).mean())
