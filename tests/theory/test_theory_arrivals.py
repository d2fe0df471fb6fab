"""Arrivals at a changing rate, held against the non-homogeneous Poisson process.

The numbers that arrive in windows that do not overlap are independent, and each is Poisson with the
integral of the rate over its window as its mean.

Source: Çinlar, Introduction to Stochastic Processes, 1975, 4.7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, pi

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, poisson

from simsched.scenario import loads
from simsched.workload import Workload, draw

REPLICATIONS = 40
SECONDS = 10

Expected = Callable[[float], float]
"""How many arrive until a moment (s), on average."""


def daily(moment: float) -> float:
    """The integral of 50 + 30 cos(2 pi (t - 3) / 10) from 0."""
    return 50 * moment + 30 * 10 / (2 * pi) * (
        cos(2 * pi * (moment - 3) / 10 - pi / 2) - cos(-2 * pi * 3 / 10 - pi / 2)
    )


RATES: dict[str, tuple[str, str, Expected]] = {
    "steady": ("50/s", "[]", lambda t: 50 * t),
    "steps": (
        "{steps: [{at: 0s, rate: 20/s}, {at: 4s, rate: 90/s}]}",
        "[]",
        lambda t: 20 * min(t, 4) + 90 * max(0, t - 4),
    ),
    "a ramp": (
        "{ramp: [{at: 0s, rate: 10/s}, {at: 10s, rate: 110/s}]}",
        "[]",
        lambda t: 10 * t + 5 * t**2,
    ),
    "a daily curve": (
        "{daily: {mean: 50/s, peak: 80/s, peak_at: 3s, period: 10s}}",
        "[]",
        daily,
    ),
    "a surge": (
        "50/s",
        "[{at: 3s, for: 2s, arrivals: 3}]",
        lambda t: 50 * t + 100 * min(max(0, t - 3), 2),
    ),
}


def arrivals(text: str) -> Iterator[NDArray[np.float64]]:
    """Yield when requests arrive (s), in each replication."""
    for number in range(1, REPLICATIONS + 1):
        workload = draw(loads(text), number)
        assert isinstance(workload, Workload)
        yield workload.arrival_ns / 1e9


@pytest.mark.parametrize("name", RATES)
def test_counts_in_windows_are_poisson_with_the_integral_of_the_rate(name: str) -> None:
    rate, events, expected = RATES[name]
    text = f"""
        name: counts
        requests: {{any: [{{io: 1ms}}]}}
        workload: {{open: {{rate: {rate}}}, duration: {SECONDS}s}}
        events: {events}
        servers: {{server: {{model: cooperative}}}}
        run: {{seed: 20}}
        """
    edges = np.arange(SECONDS + 1)
    counts = np.array([np.histogram(each, edges)[0] for each in arrivals(text)])
    means = np.diff([expected(float(edge)) for edge in edges])
    low, high = poisson.interval(1 - 0.01 / SECONDS, REPLICATIONS * means)
    assert np.all((low <= counts.sum(axis=0)) & (counts.sum(axis=0) <= high))
    dispersion = ((counts - means) ** 2 / means).sum()
    low, high = chi2.interval(0.99, counts.size)
    assert low < dispersion < high
    early, late = counts[:, ::2].sum(axis=1), counts[:, 1::2].sum(axis=1)
    assert abs(np.corrcoef(early, late)[0, 1]) < 0.4  # 99 % of 40 independent pairs
