"""How often scenarios are simulated, under which names they are compared, and how far it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched import experiment
from simsched.errors import InputError
from simsched.scenario import Scenario, dump, loads

FIXED = """
name: {name}
requests: {{page: [{{cpu: 2ms}}, {{io: 5ms}}, {{cpu: 1ms}}]}}
workload: {{schedule: [{{at: 0ms, request: page}}, {{at: 1ms, request: page}}]}}
servers:
  serial: {{model: serial}}
  cooperative: {{model: cooperative}}
"""
WORKERS = "servers.cooperative.workers=2"
CHANCE = "requests.page[0].cpu={exponential: 2ms}"


def scenario(*overrides: str, name: str = "fixed") -> Scenario:
    return loads(FIXED.format(name=name), overrides=overrides)


def replications(*scenarios: Scenario, asked: int | None = None) -> list[int | None]:
    return [each.run.replications for each in experiment.prepare(scenarios, None, asked)]


def test_what_chance_has_no_part_in_is_simulated_once():
    assert replications(scenario()) == [1]


def test_random_phases_are_simulated_ten_times():
    assert replications(scenario(CHANCE)) == [10]


def test_a_random_choice_of_loop_is_chance_and_one_of_a_worker_is_not():
    assert replications(scenario(WORKERS)) == [10]
    assert replications(scenario("servers.serial.workers=2")) == [1]


def test_a_distribution_that_never_varies_is_no_chance():
    assert replications(scenario("requests.page[0].cpu={empirical: {values: [2ms, 2ms]}}")) == [1]


def test_the_scenario_has_the_say():
    assert replications(scenario(CHANCE, "run.replications=3")) == [3]


def test_the_caller_has_the_last_word():
    assert replications(scenario(CHANCE, "run.replications=3"), asked=4) == [4]


def test_scenarios_that_are_compared_are_simulated_as_often_as_the_most_demanding_needs():
    assert replications(scenario(), scenario(CHANCE, name="random")) == [10, 10]


def test_the_rest_of_the_run_is_kept():
    (ready,) = experiment.prepare([scenario("run={seed: 5, warmup: 1ms}")], None, 2)
    assert (ready.run.seed, ready.run.warmup, ready.run.replications) == (5, 1_000_000, 2)


def test_a_seed_given_replaces_that_of_every_scenario():
    ready = experiment.prepare([scenario("run.seed=5"), scenario(name="other")], 9)
    assert [each.run.seed for each in ready] == [9, 9]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": -1}, "seed: the number -1 is too small; it must be at least 0"),
        ({"seed": 2**63}, f"seed: the number {2**63} is too large; it must be at most"),
        ({"replications": 0}, "replications: the number 0 is too small; it must be at least 1"),
        ({"replications": 100_001}, "replications: .* is too large; it must be at most 100000"),
        ({"replications": 2.5}, "replications: a whole number is needed, not the number 2.5"),
        ({"seed": "7"}, "seed: a whole number is needed, not the text '7'"),
        ({"seed": -1, "replications": 0}, "seed: .*\nreplications: "),
    ],
)
def test_the_caller_is_held_to_the_bounds_of_a_file(given, message):
    with pytest.raises(InputError, match=message):
        experiment.prepare([scenario()], **given)


def test_nothing_to_run_is_an_error():
    with pytest.raises(InputError, match="nothing to run"):
        experiment.prepare([])


def test_two_scenarios_of_one_name_are_an_error():
    with pytest.raises(InputError, match="2 scenarios are called 'fixed'; give each scenario"):
        experiment.prepare([scenario(), scenario(WORKERS)])


def test_two_servers_of_one_name_are_an_error():
    one = loads(FIXED.replace("  serial:", "  b/c:").format(name="a"))
    other = loads(FIXED.replace("  serial:", "  c:").format(name="a/b"))
    with pytest.raises(InputError, match="2 servers are called 'a/b/c'"):
        experiment.run(experiment.prepare([one, other]))


def test_one_scenario_keeps_the_names_of_its_servers():
    result = experiment.run(experiment.prepare([scenario()]))
    assert (result.name, list(result.servers)) == ("fixed", ["serial", "cooperative"])


def test_servers_of_several_scenarios_are_called_after_both():
    result = experiment.run(experiment.prepare([scenario(), scenario(name="other")]))
    assert result.name == "fixed + other"
    assert list(result.servers) == [
        "fixed/serial",
        "fixed/cooperative",
        "other/serial",
        "other/cooperative",
    ]
    assert list(result.traces) == list(result.servers)


def test_progress_is_reported_after_every_simulation():
    told: list[tuple[int, int]] = []
    experiment.run(
        experiment.prepare([scenario(), scenario(name="other")], None, 3),
        lambda done, total: told.append((done, total)),
    )
    assert told == [(done, 12) for done in range(1, 13)]


def test_every_server_meets_the_same_requests_and_every_replication_others():
    result = experiment.run(experiment.prepare([scenario(CHANCE)], 1, 3))
    serial, cooperative = (
        [trace.demand_ns.tolist() for trace in result.traces[name]] for name in result.traces
    )
    assert serial == cooperative
    assert len({tuple(demand) for demand in serial}) == 3


def test_scenarios_that_differ_in_a_server_alone_meet_the_same_requests():
    result = experiment.run(
        experiment.prepare([scenario(CHANCE), scenario(CHANCE, WORKERS, name="more")], 1, 2)
    )
    demands = [[trace.demand_ns for trace in traces] for traces in result.traces.values()]
    for other in demands[1:]:
        np.testing.assert_array_equal(demands[0], other)


def test_only_the_first_replication_keeps_its_timeline():
    result = experiment.run(experiment.prepare([scenario(CHANCE)], 1, 3))
    kept = [len(trace.segments.request) > 0 for trace in result.traces["serial"]]
    assert kept == [True, False, False]


def test_the_same_seed_gives_the_same_figures_and_another_seed_others():
    def figures(seed: int) -> object:
        result = experiment.run(experiment.prepare([scenario(CHANCE, WORKERS)], seed))
        return [server.estimates for server in result.servers.values()]

    assert figures(1) == figures(1)
    assert figures(1) != figures(2)


@given(st.decimals("50", "99.9999", places=4), st.decimals("0.01", "99.99", places=2))
def test_every_confidence_and_precision_that_a_file_may_have_can_be_run(confidence, relative):
    run = f"confidence={confidence:f}%", f"until={{metric: throughput, relative: {relative:f}%}}"
    written = scenario(CHANCE, *(f"run.{each}" for each in run))
    (prepared,) = experiment.prepare([written])
    assert prepared.run.confidence == float(confidence / 100)
    assert prepared.run.goals == written.run.goals
    assert loads(dump(prepared)) == prepared


def test_scenarios_with_seeds_of_their_own_are_said_to_meet_different_requests():
    ours, theirs = (scenario(CHANCE, f"run.seed={seed}", name=f"s{seed}") for seed in (5, 1))
    result = experiment.run(experiment.prepare([ours, theirs], replications=2))
    assert result.warnings[0] == (
        "the scenarios have different seeds (s5 5, s1 1), so that their servers meet different "
        "requests; with the same seed, smaller differences would show"
    )
    same = experiment.run(experiment.prepare([ours, theirs], seed=3, replications=2))
    assert not any("seeds" in warning for warning in same.warnings)
