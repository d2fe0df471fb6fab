from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from search_runs import MM1, benchmark

from simsched.errors import InputError, ScenarioError
from simsched.experiment.search import parameter
from simsched.experiment.search.capacity import capacities
from simsched.experiment.search.question import ask
from simsched.experiment.simulating import one_by_one
from simsched.scenario import loads
from simsched.statistics.contender import Contender
from simsched.statistics.theory import networks, queues

lindley = benchmark("recursions").lindley
queue = benchmark("recursions").kiefer_wolfowitz

USERS = """
name: users
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {closed: {users: 20, think: {exponential: 1s}}, requests: 4000}
servers: {serial: {model: serial}}
"""


def answers(text, limit=None, path=None, simulate=one_by_one, **options):
    def load(overrides):
        return loads(text, overrides=overrides)

    limits = () if limit is None else (limit,)
    return list(capacities(ask(load, limits, path, **options), simulate))


def answer(*arguments, **options):
    (one,) = answers(*arguments, **options)
    return one


@pytest.mark.parametrize(
    ("limit", "truth"),
    [
        ("response_time.mean < 50ms", 100 - 1 / 0.05),
        ("response_time.mean < 20ms", 100 - 1 / 0.02),
        ("response_time.p99 < 250ms", 100 - np.log(100) / 0.25),
        ("slowdown < 1e3", None),
    ],
)
def test_the_capacity_of_mm1_is_that_of_the_formula(limit, truth):
    if truth is None:
        with pytest.raises(ScenarioError):
            answer(MM1, limit)
        return
    found = answer(MM1, limit, simulate=lindley)
    assert (found.status, found.kept) == ("found", "below")
    assert found.boundary.low < truth < found.boundary.high
    assert found.boundary.value == pytest.approx(truth, rel=0.05)


def test_the_recursion_of_the_benchmark_is_the_engine():
    scenario = loads(MM1)
    contender = Contender("serial", scenario, scenario.servers["serial"])
    ours, theirs = next(iter(lindley(contender, [1]))), next(iter(one_by_one(contender, [1])))
    for column in ("arrival_ns", "start_ns", "finish_ns", "queue_ns", "cpu_ns", "demand_ns"):
        assert np.array_equal(getattr(ours, column), getattr(theirs, column)), column


def test_the_recursion_for_several_workers_is_the_engine():
    scenario = loads(MM1, overrides=["servers.serial.workers=3", "workload.open.rate=250/s"])
    contender = Contender("serial", scenario, scenario.servers["serial"])
    ours, theirs = next(iter(queue(contender, [1]))), next(iter(one_by_one(contender, [1])))
    for column in ("arrival_ns", "start_ns", "finish_ns", "queue_ns", "cpu_ns"):
        assert np.array_equal(getattr(ours, column), getattr(theirs, column)), column


@pytest.mark.long
def test_the_number_of_users_is_that_of_the_machine_repairman():
    found = answer(USERS, "response_time.mean < 40ms", relative=0.05)
    exact = max(n for n in range(1, 200) if networks.repairman_mean_response(n, 1.0, 0.01) < 0.040)
    assert found.parameter.path == parameter.USERS
    assert found.status == "found"
    assert found.boundary.low <= exact <= found.boundary.high
    assert found.boundary.value == int(found.boundary.value)


@pytest.mark.parametrize(("rate", "limit_ms"), [(250, 50), (250, 15), (620, 11)])
def test_the_fewest_workers_are_those_of_erlang(rate, limit_ms):
    found = answer(
        MM1.replace("80/s", f"{rate}/s"),
        f"response_time.mean < {limit_ms}ms",
        "servers.serial.workers",
        simulate=queue,
    )
    least = rate // 100 + 1
    exact = next(
        c for c in range(least, 50) if queues.mmc_mean_response(rate, 100, c) < limit_ms / 1000
    )
    assert (found.status, found.kept) == ("found", "above")
    assert found.boundary.low == found.boundary.value == found.boundary.high == exact


def test_a_duration_is_searched_too():
    found = answer(MM1, "response_time.mean < 50ms", "requests.page[0].cpu.exponential", lindley)
    exact_s = 1 / (80 + 1 / 0.05)
    assert found.parameter.kind == "duration"
    assert found.boundary.low / 1e9 < exact_s < found.boundary.high / 1e9


def test_a_limit_that_no_rate_keeps_is_answered_with_the_best_value():
    found = answer(MM1, "response_time.mean < 5ms", simulate=lindley)
    assert found.status == "never"
    assert found.boundary.value is None
    assert found.trials[0].value == 1.0  # a hundredth of what it can do


def test_a_limit_that_every_number_of_workers_keeps_is_recognised():
    found = answer(MM1, "response_time.mean < 1min", "servers.serial.workers", queue)
    assert (found.status, found.trials[-1].value) == ("always", 1024)


def test_beyond_what_a_server_can_do_nothing_is_simulated():
    found = answer(MM1, "response_time.mean < 50ms", simulate=lindley)
    assert (found.highest, found.trials[-1].value) == (100.0, 100.0)
    assert [trial.replications for trial in found.trials if trial.value >= 100] == [0]
    assert "cannot keep up" in found.trials[-1].reason


def test_every_server_is_answered_for_itself():
    text = MM1.replace("servers: {serial: {model: serial}}", SERVERS)
    found = answers(text, SLOW, simulate=queue, relative=0.05)
    assert [one.server for one in found] == ["one", "two"]
    assert found[1].boundary.value > 1.9 * found[0].boundary.value


SLOW = "response_time.mean < 50ms"
SERVERS = "servers:\n  one: {model: serial}\n  two: {model: serial, workers: 2}"


def test_the_slo_of_the_file_is_met_as_a_whole():
    limits = "slo: {mean: response_time.mean < 50ms, tail: response_time.p99 < 100ms}\n"
    both = answer(MM1 + limits, simulate=lindley, relative=0.1)
    tail = answer(MM1, "response_time.p99 < 100ms", simulate=lindley, relative=0.1)
    assert both.limits == "response_time.mean < 50ms and response_time.p99 < 100ms"
    assert both.boundary.value == pytest.approx(tail.boundary.value, rel=0.001)


def test_an_slo_of_some_servers_asks_about_those():
    limits = "slo: {fast: {limit: response_time.mean < 50ms, servers: [two]}}\n"
    text = MM1.replace("servers: {serial: {model: serial}}", SERVERS) + limits
    assert [one.server for one in answers(text, simulate=queue, relative=0.1)] == ["two"]


def test_the_path_of_one_server_asks_about_that_one():
    text = MM1.replace("servers: {serial: {model: serial}}", SERVERS)
    found = answers(text, SLOW, "servers.two.workers", queue)
    assert [one.server for one in found] == ["two"]


def test_requests_without_an_answer_are_later_than_any_limit():
    """A short queue keeps the delay of those it lets in; a hundredth may be turned away."""
    text = MM1.replace("{model: serial}", "{model: serial, backlog: 2}")
    found = answer(text, "response_time.mean < 100ms", relative=0.05)
    lost = mm1k_loss(found.boundary.value / 100, 3)
    assert found.status == "found"
    assert 0.005 < lost < 0.02


def mm1k_loss(load, room):
    return load**room * (1 - load) / (1 - load ** (room + 1))


def test_a_throughput_is_kept_above_a_rate():
    found = answer(MM1, "throughput >= 40/s", simulate=lindley)
    assert found.kept == "above"
    assert found.boundary.value == pytest.approx(40, rel=0.02)


def test_without_chance_the_boundary_lies_between_two_rates():
    text = MM1.replace("{exponential: 10ms}", "10ms").replace("80/s}", "80/s, arrivals: constant}")
    found = answer(text, "response_time.mean < 50ms")
    assert found.status == "found"
    assert found.replications == 1
    assert found.boundary.low < 100 <= found.boundary.high


def test_an_interruption_returns_the_range_so_far():
    count = 0

    def interrupted(contender, replications):
        nonlocal count
        count += 1
        if count > 3:
            raise KeyboardInterrupt
        return lindley(contender, replications)

    found = answer(MM1, SLOW, simulate=interrupted)
    assert found.status == "interrupted"
    assert found.kept == "below"
    assert found.boundary.low < 80 < found.boundary.high
    assert found.boundary.value is None


def test_after_an_interruption_no_other_server_is_searched():
    def interrupted(*_):
        raise KeyboardInterrupt

    text = MM1.replace("servers: {serial: {model: serial}}", SERVERS)
    assert [one.status for one in answers(text, SLOW, simulate=interrupted)] == ["interrupted"]


def test_progress_counts_the_replications():
    shown = []
    question = ask(lambda overrides: loads(MM1, overrides=overrides), (SLOW,))
    (found,) = capacities(question, lindley, lambda *counts: shown.append(counts))
    done, total = shown[-1]
    assert done == total == sum(trial.replications for trial in found.trials)


def test_a_cap_leaves_it_open():
    found = answer(MM1, "response_time.p99 < 250ms", simulate=lindley, relative=0.001, at_most=20)
    assert found.status == "open"
    assert found.replications == 20
    assert found.boundary.low < 100 - np.log(100) / 0.25 < found.boundary.high


@pytest.mark.parametrize("path", [None, "servers.serial.workers"])
def test_no_value_gets_more_replications_than_the_cap(path):
    found = answer(MM1, "response_time.mean < 53ms", path, simulate=queue, at_most=3)
    assert found.replications == 3


def test_the_load_of_a_schedule_cannot_be_searched():
    text = MM1.replace(
        "{open: {rate: 80/s}, requests: 2000}", "{schedule: [{at: 0s, request: page}]}"
    )
    with pytest.raises(InputError, match="a schedule has no rate to search"):
        answer(text, SLOW)


def test_a_rate_that_changes_cannot_be_searched():
    steps = "{steps: [{at: 0s, rate: 80/s}, {at: 5s, rate: 90/s}]}"
    with pytest.raises(InputError, match="the rate changes, so there is no one rate to search"):
        answer(MM1.replace("80/s", steps), SLOW)


def test_a_number_of_users_that_changes_cannot_be_searched():
    workload = "{closed: {users: 3, stages: [{at: 9s, users: 5}]}, requests: 2000}"
    text = MM1.replace("{open: {rate: 80/s}, requests: 2000}", workload)
    with pytest.raises(InputError, match="the number of users changes, so there is no one number"):
        answer(text, SLOW)


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("servers.serial.workers", "count", 1.0),
        ("servers.serial.cores", "count", 1.0),
        ("servers.serial.time_slice", "duration", 10e6),
        ("requests.page[0].cpu.exponential", "duration", 10e6),
        ("workload.open.rate", "rate", 80.0),
        ("workload.open.cv", "number", 1.5),
        ("client.timeout", "duration", 10e6),
        ("workload.requests", "count", 2000.0),
    ],
)
def test_what_can_be_varied_is_known_from_the_scenario(path, kind, start):
    found = parameter.find(lambda overrides: loads(MM1, overrides=overrides), path)
    assert (found.kind, found.start) == (kind, start)


@pytest.mark.parametrize(
    ("kind", "value", "text", "shown"),
    [
        ("rate", 212.3456789, "212.346/s", "212.3/s"),
        ("count", 3.4, "3", "3"),
        ("duration", 12_345_678.9, "12345700ns", "12.35 ms"),
        ("number", 1.23456789, "1.23457", "1.235"),
    ],
)
def test_values_are_written_as_in_a_file(kind, value, text, shown):
    one = parameter.Parameter("path", kind, 1.0)
    snapped = one.snap(value)
    assert (one.text(snapped), one.show(snapped)) == (text, shown)


def test_a_limit_that_only_a_high_load_keeps_is_found_above():
    """Slowdowns are all 1 at no load, and Jain's index goes to 1/2 as the load of M/D/1 grows."""
    constant = MM1.replace("{exponential: 10ms}", "10ms")
    found = answer(constant, "fairness.jain_index < 0.7", simulate=lindley, relative=0.05)
    assert (found.status, found.kept) == ("found", "above")
    load = found.boundary.value / 100
    wait = load / (2 * (1 - load))  # of services; Pollaczek-Khinchine, and its second moment
    variance = wait**2 + load / (3 * (1 - load))
    assert (1 + wait) ** 2 / ((1 + wait) ** 2 + variance) == pytest.approx(0.7, abs=0.02)


@pytest.mark.long
@pytest.mark.parametrize("case", [0, 1, 4])
def test_the_capacity_of_mm1_is_covered_as_often_as_said(case):
    module = benchmark("capacity")
    found = module.coverage(module.CASES[case], 100)
    assert found.precise == 1
    assert found.covered >= binom.ppf(0.01, 100, 0.95) / 100
