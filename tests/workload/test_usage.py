"""What requests use on average, against what is drawn and against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from workload_scenes import open_at, scenario

from simsched.workload import StepKind, draw
from simsched.workload.classes import varies
from simsched.workload.tally import usage

RESOURCES = {"db": {"capacity": 5}, "api": {"capacity": 3}}

CPU, IO = {"cpu": "1ms"}, {"io": "10ms"}
QUERY = {"io": {"exponential": "4ms"}, "on": "db"}

MANY = [
    {"cpu": {"exponential": "2ms"}},
    {
        "choose": [
            {"weight": 3, "phases": []},
            {"weight": 1, "phases": [{"io": {"exponential": "9ms"}, "on": "api"}, CPU]},
        ]
    },
    {"repeat": {"times": {"poisson": {"mean": 2.5}}, "phases": [QUERY, CPU]}},
    {"parallel": [[QUERY], [{"hold": "db", "phases": [CPU, {"io": "3ms", "blocking": True}]}]]},
]


def scene(phases, n=1, server=None, **workload):
    workload = workload or open_at("10/s", requests=n)
    return scenario(workload, {"page": list(phases)}, server=server, resources=RESOURCES)


def use(*phases, concurrent=True):
    server = {"model": "cooperative", "parallel": "concurrent" if concurrent else "sequential"}
    whole = scene(phases, server=server)
    return usage(whole.requests["page"].phases, *whole.servers.values())


def test_mean_uses_are_the_averages_of_what_is_drawn():
    n = 40_000
    workload = draw(scene(MANY, n), 1)
    kinds = np.array([step.kind for step in workload.steps])[workload.step_id]
    on_db = np.array([step.resource == 0 for step in workload.steps])[workload.step_id]
    blocks = np.array([step.blocking for step in workload.steps])[workload.step_id]
    request = np.repeat(np.arange(n), np.diff(workload.first_row))
    expected = use(*MANY)

    def agrees(rows, mean_s):
        seconds = np.where(rows, workload.duration_ns, 0) / 1e9
        each = np.bincount(request, seconds, minlength=n)
        assert abs(each.mean() - mean_s) <= stats.norm.ppf(0.9995) * each.std() / np.sqrt(n) + 1e-12

    agrees(kinds == StepKind.CPU, expected.cpu_s)
    agrees(kinds == StepKind.IO, expected.io_s)
    agrees((kinds == StepKind.IO) & blocks, expected.blocking_s)
    agrees((kinds == StepKind.IO) & on_db, expected.held_s["db"] - 0.004)  # held: 1 + 3 ms
    demand_s = workload.demand_ns() / 1e9
    assert expected.elapsed_s <= demand_s.mean()


def test_one_after_another_branches_take_the_sum_and_together_the_longest():
    fan = {"parallel": [[IO, CPU], [IO, IO]]}
    assert use(fan, concurrent=False).elapsed_s == pytest.approx(0.031)
    assert use(fan, concurrent=True).elapsed_s == pytest.approx(0.020)


def test_a_slot_is_held_for_what_happens_meanwhile():
    held = {
        "hold": "db",
        "phases": [CPU, {"parallel": [[IO], [IO, CPU]]}, {"io": "2ms", "on": "api"}],
    }
    twice = {"repeat": {"times": 2, "phases": [held]}}
    assert use(twice, concurrent=True).held_s == pytest.approx({"db": 0.028, "api": 0.004})
    assert use(twice, concurrent=False).held_s == pytest.approx({"db": 0.048, "api": 0.004})


@pytest.mark.parametrize(
    ("phases", "returns"),
    [
        ([CPU], 0),
        ([CPU, IO], 0),
        ([CPU, IO, CPU], 1),
        ([IO, IO, IO], 2),
        ([CPU, {"io": "1ms", "blocking": True}, CPU], 0),
        ([{"hold": "db", "phases": [IO]}], 0),
        ([{"hold": "db", "phases": [IO]}, CPU], 1),
        ([IO, {"choose": [{"weight": 1, "phases": []}, {"weight": 3, "phases": [CPU]}]}], 0.75),
        ([IO, {"choose": [{"weight": 1, "phases": []}, {"weight": 3, "phases": [CPU]}]}, CPU], 1),
        ([{"repeat": {"times": 3, "phases": [IO]}}], 2),
        ([{"repeat": {"times": 3, "phases": [IO, CPU]}}], 3),
        ([{"repeat": {"times": 3, "phases": [IO]}}, CPU], 3),
        ([{"parallel": [[CPU], [CPU]]}], 2),
        ([{"parallel": [[CPU], [IO, CPU]]}, CPU], 4),
    ],
)
def test_a_request_gets_its_loop_back_after_io_if_there_is_more_to_do(phases, returns):
    assert use(*phases).returns == pytest.approx(returns)


def test_branches_one_after_another_go_on_like_a_series():
    assert use({"parallel": [[IO], [IO]]}, CPU, concurrent=False).returns == pytest.approx(2)


def test_only_requests_that_have_not_failed_go_on():
    failing = use({"io": "10ms", "fails": "20%"}, CPU, {"io": "10ms", "fails": "50%"}, CPU)
    assert failing.io_s == pytest.approx(0.018)
    assert failing.cpu_s == pytest.approx(0.0008 + 0.0004)
    assert failing.elapsed_s == pytest.approx(0.0192)
    assert failing.returns == pytest.approx(0.8 + 0.4)


def test_a_repetition_ends_with_the_first_failure():
    turns = {"repeat": {"times": 3, "phases": [{"io": "10ms", "fails": "50%"}, CPU]}}
    failing = use(turns, {"cpu": "8ms"})
    assert failing.io_s == pytest.approx(0.010 * 1.75)
    assert failing.cpu_s == pytest.approx(0.001 * 0.875 + 0.008 * 0.125)


@pytest.mark.parametrize(("on_timeout", "goes_on"), [("fail", 1 - np.exp(-1)), ("continue", 1)])
def test_a_timeout_cuts_the_mean_of_what_takes_longer(on_timeout, goes_on):
    limited = {"io": {"exponential": "10ms"}, "timeout": "10ms", "on_timeout": on_timeout}
    found = use(limited, CPU)
    assert found.io_s == pytest.approx(0.010 * (1 - np.exp(-1)), rel=0.01)
    assert found.cpu_s == pytest.approx(0.001 * goes_on, rel=0.01)
    exact = use({"io": "30ms", "timeout": "10ms", "on_timeout": on_timeout}, CPU)
    assert exact.io_s == pytest.approx(0.010)
    assert exact.cpu_s == pytest.approx(0.0 if on_timeout == "fail" else 0.001)


def test_who_may_give_up_needs_a_slot_for_an_unknown_time():
    assert use({"io": "10ms", "on": "db", "timeout": "30ms"}).held_s == {"db": 0.0}


def test_what_follows_the_answer_is_use_but_no_part_of_the_response():
    found = use(CPU, {"respond": True}, IO, CPU)
    assert found.elapsed_s == pytest.approx(0.001)
    assert found.occupied_s == pytest.approx(0.012)
    assert found.cpu_s == pytest.approx(0.002)
    assert found.returns == pytest.approx(1.0)


def test_a_choice_may_answer_sooner_than_the_other_ways():
    sooner = {"weight": 1, "phases": [{"respond": True}, IO]}
    later = {"weight": 3, "phases": [IO]}
    found = use({"choose": [sooner, later]}, CPU)
    assert found.elapsed_s == pytest.approx(0.75 * 0.011)
    assert found.occupied_s == pytest.approx(0.011)
    within = use({"hold": "db", "phases": [CPU, {"respond": True}, IO]}, CPU)
    assert within.elapsed_s == pytest.approx(0.001)
    assert within.held_s["db"] == pytest.approx(0.011)


def test_chance_decides_what_fails():
    for phase, by_chance in (
        ({"io": "10ms", "fails": "20%"}, True),
        ({"io": "10ms", "fails": "100%"}, False),
        ({"io": "10ms", "timeout": "5ms"}, False),
        ({"repeat": {"times": {"uniform": {"low": 2, "high": 2}}, "phases": [CPU]}}, False),
        ({"repeat": {"times": {"uniform": {"low": 2, "high": 3}}, "phases": [CPU]}}, True),
    ):
        phases = scene([phase]).requests["page"].phases
        assert varies(phases) == by_chance


def test_calls_use_services_and_what_these_call():
    services = {"db": {"model": "serial"}, "stock": {"model": "cooperative"}}
    inner = {"call": "db", "phases": [{"cpu": "2ms"}], "network": "1ms"}
    outer = {"call": "stock", "phases": [CPU, inner, CPU], "network": "3ms"}
    phases = [CPU, {"repeat": {"times": 2, "phases": [outer]}}, inner]
    whole = scenario(open_at("10/s", requests=1), {"page": phases}, services=services)
    found = usage(whole.requests["page"].phases, next(iter(whole.servers.values())), whole.services)
    assert found.calls == {"stock": 2, "db": 3}
    assert found.cpu_s == pytest.approx(0.001)
    assert found.elapsed_s == pytest.approx(0.001 + 2 * (0.006 + 0.002 + 0.004) + 0.004)
    assert found.served["db"].cpu_s == pytest.approx(0.006)
    assert found.served["stock"].cpu_s == pytest.approx(0.004)
    assert found.served["stock"].occupied_s == pytest.approx(2 * 0.006)
