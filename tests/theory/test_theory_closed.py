"""Users who wait for their answers, held against the theory of closed networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from theory_runs import birth_death, estimate, mean_response, scenario_text, throughput, traces

from simsched.engine.trace import Status, Trace

REPLICATIONS = 12
SECONDS = 30
WARMUP = 5


def repairman(users: int, think: float, service: float) -> float:
    """Return the throughput of the machine repairman, M/M/1//N, by its chain.

    Source: Kleinrock, Queueing Systems 1, 1975, 3.8.
    """
    states = birth_death(
        [(users - waiting) / think for waiting in range(users)], [1 / service] * users
    )
    return float((1 - states[0]) / service)


@pytest.mark.parametrize("users", [2, 15])
@pytest.mark.parametrize("thinks", [True, False], ids=["thinking", "waiting"])
def test_users_of_one_loop_are_machines_with_one_repairman(users: int, thinks: bool) -> None:
    """It is the same to the loop whether a user thinks for 100 ms or a request waits as long."""
    pause = "{exponential: 100ms}"
    phases = "{cpu: {exponential: 10ms}}" + ("" if thinks else f", {{io: {pause}}}")
    text = scenario_text(
        f"{{any: [{phases}]}}",
        "{model: cooperative}",
        f"{{closed: {{users: {users}, think: {pause if thinks else 0}}}, duration: {SECONDS}s}}",
    )
    runs = traces(text, REPLICATIONS)
    exact = repairman(users, 0.1, 0.01)
    assert estimate(runs, throughput(WARMUP, SECONDS)).holds(exact, within=0.05)
    think = 0.1 if thinks else 0.0  # the response time law: N = X (R + Z)
    within = 0.15 if thinks else 0.05
    assert estimate(runs, mean_response(200)).holds(users / exact - think, within=within)


Servers = Callable[[int], float]
"""How many of its servers are busy where so many are at a station."""


def mean_value_analysis(
    users: int, stations: list[tuple[float, Servers]], delay: float
) -> tuple[float, list[float]]:
    """Return the throughput of a closed product-form network, and the time at each station.

    Each station has its demand and how its speed depends on how many are there.

    Source: Reiser & Lavenberg, J. ACM 27 (2), 1980; Lazowska, Zahorjan, Graham & Sevcik,
    Quantitative System Performance, 1984, 8.2.
    """
    places = [np.array([1.0]) for _ in stations]
    speed, stays = 0.0, [0.0]
    for count in range(1, users + 1):
        at = range(1, count + 1)
        stays = [
            demand * sum(j / busy(j) * found[j - 1] for j in at)
            for (demand, busy), found in zip(stations, places, strict=True)
        ]
        speed = count / (delay + sum(stays))
        for number, (demand, busy) in enumerate(stations):
            higher = [speed * demand / busy(j) * places[number][j - 1] for j in at]
            places[number] = np.array([1 - sum(higher), *higher])
    return speed, stays


def servers(count: int) -> Servers:
    return lambda here: float(min(here, count))


def test_mean_value_analysis_agrees_with_the_chain_where_there_is_one() -> None:
    speed, _ = mean_value_analysis(10, [(0.01, servers(1))], 0.1)
    assert speed == pytest.approx(repairman(10, 0.1, 0.01))
    chain = birth_death(
        [(10 - k) / 0.1 for k in range(10)], [min(k, 3) / 0.04 for k in range(1, 11)]
    )
    speed, _ = mean_value_analysis(10, [(0.04, servers(3))], 0.1)
    assert speed == pytest.approx(sum(p * min(k, 3) for k, p in enumerate(chain)) / 0.04)


def in_line(trace: Trace) -> float:
    """Measure how long (s) the answered requests waited for a connection."""
    return float(trace.io_wait_ns[trace.status == Status.COMPLETED][200:].mean() / 1e9)


@pytest.mark.parametrize(("users", "pool"), [(8, 2), (24, 4)])
def test_a_loop_with_a_pool_is_a_product_form_network(users: int, pool: int) -> None:
    """A request computes, waits for a connection and uses it, computes again, and waits elsewhere.

    The loop is visited twice, and all times are exponential. (Between two waits in a row it would
    be visited once more, for no time: the loop has to begin the second one.)
    """
    text = scenario_text(
        "{any: [{cpu: {exponential: 4ms}}, {io: {exponential: 40ms}, on: pool},"
        " {cpu: {exponential: 4ms}}, {io: {exponential: 30ms}}]}",
        "{model: cooperative}",
        f"{{closed: {{users: {users}, think: {{exponential: 70ms}}}}, duration: {SECONDS}s}}",
        resources=f"{{pool: {{capacity: {pool}}}}}",
    )
    speed, stays = mean_value_analysis(
        users, [(0.008, servers(1)), (0.040, servers(pool))], 0.030 + 0.070
    )
    runs = traces(text, REPLICATIONS)
    assert estimate(runs, throughput(WARMUP, SECONDS)).holds(speed, within=0.04)
    assert estimate(runs, mean_response(200)).holds(sum(stays) + 0.030, within=0.06)
    assert estimate(runs, in_line).holds(stays[1] - 0.040, within=0.2)
