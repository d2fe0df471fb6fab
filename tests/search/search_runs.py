"""Searches without an engine: probes with a known margin, and the queue of the benchmarks."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Trial, margin
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics import slo
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import half_width

LIMIT = parse_limit("response_time.mean < 50ms")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

MM1 = """
name: mm1
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 80/s}, requests: 2000}
servers: {serial: {model: serial}}
"""


def benchmark(name: str) -> ModuleType:
    """Return the benchmark of that *name* as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        return importlib.import_module(name)


def rate() -> Parameter:
    return Parameter("workload.open.rate", "rate", 50.0)


def workers(start: float = 1.0) -> Parameter:
    return Parameter("servers.serial.workers", "count", start)


class Curve:
    """A mean response that is *response* at each value, with noise that all values share.

    The noise of a replication multiplies the response by 1 plus *spread* times a normal number, the
    same at every value: common random numbers. It remembers the values that were tried.
    """

    def __init__(
        self, response: Callable[[float], float], spread: float = 0.0, seed: int = 1
    ) -> None:
        self.response = response
        self.spread = spread
        self.noise = np.random.default_rng(seed).standard_normal(100_000)
        self.tried: list[tuple[float, int]] = []

    def __call__(self, value: float, replications: int) -> Trial | None:
        response = self.response(value)
        if value <= 0:
            return None
        self.tried.append((value, replications))
        factors = 1 + self.spread * self.noise[:replications]
        mean = response * float(factors.mean())
        half = half_width(response * factors - mean, 0.95) or 0.0
        figure = Estimate(mean, mean - half, mean + half)
        verdict = {"pass": "kept", "fail": "missed", "inconclusive": "open"}
        return Trial(
            value,
            replications,
            replications * 1000,
            LIMIT.allows(mean),
            verdict[slo.outcome(LIMIT, figure)],
            margin(LIMIT, figure),
        )


def of_mm1(value: float) -> float:
    """The mean response of M/M/1 that can do 100 requests a second; very long beyond."""
    return 1 / (100 - value) if value < 100 else 1e6
