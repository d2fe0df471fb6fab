"""Independent replications of a scenario, and what they tell of a mean.

An estimate is the mean over replications at a fixed seed with its 99 % interval (Student's t). It
has to hold the exact answer, and to be narrow enough to notice a model that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Status
from simsched.scenario import Scenario, loads
from simsched.scenario.model.run import Engine
from simsched.workload import draw

CONFIDENCE = 0.99

Measure = Callable[[Trace], float]
"""What one replication tells."""


@dataclass(frozen=True)
class Interval:
    """The mean of independent values, and half the width of its 99 % interval."""

    mean: float
    half_width: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval:
        """Return the interval of the mean of *values*."""
        spread = np.std(values, ddof=1) / len(values) ** 0.5
        quantile = student.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
        return cls(float(np.mean(values)), float(quantile * spread))

    @property
    def low(self) -> float:
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        return self.mean + self.half_width

    def holds(self, exact: float, within: float) -> bool:
        """Return whether *exact* is inside, and the interval as narrow as *within* of it."""
        return abs(self.mean - exact) < self.half_width < within * exact


def scenario_text(
    requests: str,
    server: str,
    workload: str,
    *,
    resources: str = "{}",
) -> str:
    """Return a scenario with one server; *requests* is the mapping of its classes."""
    return f"""
        name: theory
        requests: {requests}
        workload: {workload}
        resources: {resources}
        servers: {{server: {server}}}
        run: {{seed: 20}}
        """


def traces(text: str, replications: int) -> list[Trace]:
    """Return so many runs of the only server of the scenario in *text*.

    The compiled engine simulates them all in the time that the reference needs for the first, on
    which both have to agree.
    """
    scenario = loads(text)
    runs = [simulated(scenario, number, "compiled") for number in range(1, replications + 1)]
    reference = simulated(scenario, 1, "simpy")
    assert np.array_equal(runs[0].finish_ns, reference.finish_ns)
    assert np.array_equal(runs[0].status, reference.status)
    return runs


def simulated(scenario: Scenario, replication: int, engine: Engine) -> Trace:
    """Return one run of the only server of *scenario*."""
    server, conditions = scenario.servers["server"], Conditions.of(scenario, "server")
    return simulate(draw(scenario, replication), server, conditions, timeline=0, engine=engine)


def estimate(runs: Sequence[Trace], measure: Measure) -> Interval:
    """Return what *measure* tells of *runs*."""
    return Interval.of([measure(each) for each in runs])


def mean_response(warmup: int, of_class: int | None = None) -> Measure:
    """Measure the mean response (s) of the answered requests after the first *warmup*."""

    def measure(trace: Trace) -> float:
        wanted = trace.status == Status.COMPLETED
        wanted[:warmup] = False
        if of_class is not None:
            wanted &= trace.class_id == of_class
        return float((trace.finish_ns - trace.arrival_ns)[wanted].mean() / 1e9)

    return measure


def throughput(start: float, end: float) -> Measure:
    """Measure the completions per second between *start* and *end* (s)."""

    def measure(trace: Trace) -> float:
        finish = trace.finish_ns[trace.status == Status.COMPLETED] / 1e9
        return float(((finish >= start) & (finish < end)).sum() / (end - start))

    return measure


def birth_death(births: Sequence[float], deaths: Sequence[float]) -> NDArray[np.float64]:
    """Return the stationary distribution of a birth-death chain.

    *births* are the rates from each state but the last to the next, *deaths* those back.

    Source: Kleinrock, Queueing Systems 1, 1975, 3.1.
    """
    weights = np.cumprod([1.0, *(up / down for up, down in zip(births, deaths, strict=True))])
    return np.asarray(weights / weights.sum())


def rising(values: Sequence[Interval]) -> bool:
    """Return whether each interval lies above the one before it, without touching it."""
    return all(before.high < after.low for before, after in pairwise(values))
