"""Who is served first, and how irregular arrivals and services are: what theory says of the wait.

All of these servers take one request at a time and finish it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from theory_runs import (
    Interval,
    estimate,
    mean_response,
    rising,
    scenario_text,
    traces,
)

REPLICATIONS = 10


def cobham(
    rates: Sequence[float], means: Sequence[float], second_moments: Sequence[float]
) -> list[float]:
    """Return the mean wait of each class, the first to be served first, without pre-emption.

    Source: Cobham, Operations Research 2, 1954; Kleinrock, Queueing Systems 2, 1976, 3.3.
    """
    residual = sum(rate * moment / 2 for rate, moment in zip(rates, second_moments, strict=True))
    waits, above = [], 0.0
    for rate, mean in zip(rates, means, strict=True):
        below = above + rate * mean
        waits.append(residual / ((1 - above) * (1 - below)))
        above = below
    return waits


@pytest.mark.parametrize(
    "server",
    [
        "{model: serial, discipline: priority}",
        "{model: threaded, threads: 1, discipline: priority}",
        "{model: cooperative, discipline: priority}",
    ],
)
def test_two_classes_of_priority_wait_as_long_as_cobham_says(server: str) -> None:
    """Urgent requests are slower to serve here, so that shortest first would be told apart."""
    text = scenario_text(
        "{later: {priority: 2, phases: [{cpu: {exponential: 6ms}}]},"
        " first: {priority: 1, phases: [{cpu: {exponential: 12ms}}]}}",
        server,
        "{open: {rate: 90/s}, mix: {later: 2, first: 1}, requests: 5000}",
    )
    first, later = cobham([30, 60], [0.012, 0.006], [2 * 0.012**2, 2 * 0.006**2])
    runs = traces(text, REPLICATIONS)
    assert estimate(runs, mean_response(500, of_class=1)).holds(first + 0.012, within=0.12)
    assert estimate(runs, mean_response(500, of_class=0)).holds(later + 0.006, within=0.25)


def test_two_classes_of_preemptive_priority_take_as_long_as_theory_says() -> None:
    """M/M/1 with preemptive resume, where equals share the core in time slices: that changes no
    mean, since exponential service has no memory.

    Source: Kleinrock, Queueing Systems 2, 1976, 3.4.
    """
    rates, means = (30.0, 40.0), (0.010, 0.012)
    found = traces(
        scenario_text(
            "{first: {phases: [{cpu: {exponential: 10ms}}], priority: 0},"
            " then: {phases: [{cpu: {exponential: 12ms}}], priority: 1}}",
            "{model: threaded, threads: 200, interpreter_lock: false, cores: 1,"
            " time_slice: 20ms, discipline: preemptive}",
            f"{{open: {{rate: {sum(rates)}/s}}, mix: {{first: 3, then: 4}}, requests: 2000}}",
        ),
        REPLICATIONS,
    )
    residual, above = 0.0, 0.0
    for number, (rate, mean) in enumerate(zip(rates, means, strict=True)):
        residual += rate * mean**2
        below = above + rate * mean
        exact = mean / (1 - above) + residual / ((1 - above) * (1 - below))
        assert estimate(found, mean_response(200, number)).holds(exact, within=0.25)
        above = below


def test_shortest_first_is_a_priority_of_the_short() -> None:
    """Source: Phipps, Operations Research 4, 1956."""
    text = scenario_text(
        "{long: [{cpu: 24ms}], short: [{cpu: 4ms}]}",
        "{model: serial, discipline: shortest}",
        "{open: {rate: 75/s}, mix: {long: 1, short: 4}, requests: 5000}",
    )
    short, long = cobham([60, 15], [0.004, 0.024], [0.004**2, 0.024**2])
    runs = traces(text, REPLICATIONS)
    assert estimate(runs, mean_response(500, of_class=1)).holds(short + 0.004, within=0.12)
    assert estimate(runs, mean_response(500, of_class=0)).holds(long + 0.024, within=0.25)


def wait(load: float, arrivals_cv: float, service_cv: float) -> Interval:
    """Return the mean time in queue, in mean services of 10 ms, of GI/G/1."""
    text = scenario_text(
        f"{{any: [{{cpu: {{gamma: {{mean: 10ms, cv: {service_cv}}}}}}}]}}",
        "{model: serial}",
        f"{{open: {{rate: {load * 100}/s, cv: {arrivals_cv}}}, requests: 9000}}",
    )
    runs = traces(text, REPLICATIONS)
    return estimate(runs, lambda trace: float(trace.queue_ns[1500:].mean() / 1e7))


def bound(load: float, arrivals_cv: float, service_cv: float) -> float:
    """Return Kingman's bound of the wait of GI/G/1, in mean services; in heavy traffic it is near.

    Source: Kingman, Journal of the Royal Statistical Society B 24, 1962; Kleinrock, Queueing
    Systems 2, 1976, 2.2.
    """
    return (arrivals_cv**2 / load + load * service_cv**2) / (2 * (1 - load))


def test_in_heavy_traffic_the_wait_grows_with_irregularity_and_load_up_to_kingmans_bound() -> None:
    cases = [(0.7, 0.3, 0.3), (0.95, 0.3, 0.3), (0.95, 0.7, 0.5), (0.95, 0.9, 1.2)]
    waits = [wait(*case) for case in cases]
    assert rising(waits)
    for found, case in zip(waits, cases, strict=True):
        assert found.low < bound(*case)
    for found, case in zip(waits[1:], cases[1:], strict=True):
        assert found.high > 0.9 * bound(*case)
        assert found.half_width < 0.5 * bound(*case)
