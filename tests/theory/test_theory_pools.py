"""Pools of slots: one for each process, waits that end in failure, and who is next."""

from __future__ import annotations

import math

import pytest
from theory_runs import Measure, estimate, mean_response, scenario_text, traces

from simsched.engine import Trace
from simsched.engine.trace import Status
from simsched.scenario import loads
from simsched.statistics.theory.matching import known
from simsched.statistics.theory.queues import mmc_mean_response

REQUESTS, REPLICATIONS, WARMUP = 5000, 10, 300
QUERY = "{any: [{io: {exponential: 10ms}, on: pool}]}"


def pool_runs(rate: float, pool: str, server: str = "{model: cooperative}") -> list[Trace]:
    workload = f"{{open: {{rate: {rate}/s}}, requests: {REQUESTS}}}"
    text = scenario_text(QUERY, server, workload, resources=f"{{pool: {pool}}}")
    return traces(text, REPLICATIONS)


def wait(power: int = 1) -> Measure:
    """Measure a moment of the wait for a slot (s)."""

    def measure(trace: Trace) -> float:
        return float(((trace.io_wait_ns[WARMUP:] / 1e9) ** power).mean())

    return measure


def failed(trace: Trace) -> float:
    return float((trace.status[WARMUP:] == Status.FAILED).mean())


def test_pools_of_processes_that_requests_are_dealt_to_are_queues_of_their_own() -> None:
    runs = pool_runs(640, "{capacity: 2, per: worker}", "{model: cooperative, workers: 4}")
    exact = mmc_mean_response(160, 100, 2) - 0.01
    assert exact > 5 * (mmc_mean_response(640, 100, 8) - 0.01)
    assert estimate(runs, wait()).holds(exact, within=0.2)


def test_connections_are_a_queue_of_their_own_where_the_server_has_none() -> None:
    """M/M/4: A. K. Erlang, Post Office Electrical Engineers' Journal 10, 1917."""
    workload = f"{{open: {{rate: 320/s}}, requests: {REQUESTS}}}"
    text = scenario_text("{any: [{io: {exponential: 10ms}}]}", "{model: cooperative}", workload)
    runs = traces(f"{text}client: {{connections: {{max: 4}}}}", REPLICATIONS)
    assert estimate(runs, mean_response(WARMUP)).holds(mmc_mean_response(320, 100, 4), within=0.1)


@pytest.mark.parametrize("load", [0.5, 0.9, 1.5])
def test_as_many_give_up_the_wait_for_a_slot_as_theory_says(load: float) -> None:
    """D. Y. Barrer, Queuing with Impatient Customers and Ordered Service, Oper. Res. 5, 1957."""
    patience_s, service_s = 0.015, 0.01
    passed = load * math.exp(-(1 - load) * patience_s / service_s)
    exact = (1 - load) * passed / (1 - load * passed)
    runs = pool_runs(load / service_s, "{capacity: 1, acquire_timeout: 15ms}")
    assert estimate(runs, failed).holds(exact, within=0.2)


@pytest.mark.parametrize(
    ("discipline", "factor"), [("fifo", 1.0), ("random", 2 / (2 - 0.7)), ("lifo", 1 / (1 - 0.7))]
)
def test_who_is_next_changes_the_spread_of_the_waits_and_not_their_mean(
    discipline: str, factor: float
) -> None:
    """Second moments: J. F. C. Kingman, On Queues in which Customers are Served in Random Order,
    Proc. Camb. Phil. Soc. 58, 1962; L. Takács, Delay Distributions for One Line with Poisson Input,
    General Holding Times, and Various Orders of Service, Bell Syst. Tech. J. 42, 1963."""
    load, service_s = 0.7, 0.01
    runs = pool_runs(load / service_s, f"{{capacity: 1, discipline: {discipline}}}")
    assert estimate(runs, wait()).holds(load * service_s / (1 - load), within=0.2)
    first_come = 2 * load * service_s**2 / (1 - load) ** 2
    assert estimate(runs, wait(2)).holds(factor * first_come, within=0.5)


@pytest.mark.parametrize(
    ("pool", "workers", "matches"),
    [
        ("{capacity: 3}", 2, True),
        ("{capacity: 3, per: worker}", 1, True),
        ("{capacity: 3, per: worker}", 2, False),
        ("{capacity: 3, acquire_timeout: 1s}", 1, False),
        ("{capacity: 3, discipline: lifo}", 1, False),
        ("{capacity: 3, discipline: random}", 1, False),
    ],
)
def test_a_formula_covers_only_a_pool_that_all_share_and_nobody_leaves(
    pool: str, workers: int, matches: bool
) -> None:
    scenario = loads(
        scenario_text(
            "{any: [{cpu: {exponential: 1ms}}, {io: {exponential: 10ms}, on: pool}]}",
            f"{{model: cooperative, workers: {workers}}}",
            "{open: {rate: 100/s}, requests: 1000}",
            resources=f"{{pool: {pool}}}",
        )
    )
    models = [one.model for one in known(scenario, "server", scenario.servers["server"])]
    assert ("open network with feedback (product form)" in models) == matches


def test_waits_that_end_in_failure_leave_no_bound_on_response_times() -> None:
    text = scenario_text(
        QUERY,
        "{model: cooperative}",
        "{closed: {users: 9, think: 1ms}, requests: 1000}",
        resources="{pool: {capacity: 1, acquire_timeout: 20ms}}",
    )
    scenario = loads(text)
    assert known(scenario, "server", scenario.servers["server"]) == ()
