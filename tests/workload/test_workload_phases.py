"""From the phases of a scenario to the rows of programs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from workload_scenes import open_at, scenario

from simsched.workload import Resource, Step, StepKind, draw, is_random

CONSTANT = {"open": {"rate": "80/s", "arrivals": "constant"}}
RESOURCES = {"db": {"capacity": 5}, "cache": {"capacity": 2}}


def drawn(*phases, n=1, resources=None):
    scene = scenario(
        open_at("80/s", requests=n), {"page": list(phases)}, resources=resources or RESOURCES
    )
    return draw(scene, 1)


def rows(workload, request=0):
    mine = slice(workload.first_row[request], workload.first_row[request + 1])
    steps = [workload.steps[step] for step in workload.step_id[mine].tolist()]
    return list(
        zip((step.kind for step in steps), workload.duration_ns[mine].tolist(), strict=True)
    )


def test_io_tells_its_resource_and_whether_it_blocks():
    workload = drawn({"io": "1ms", "on": "cache", "label": "hit"}, {"io": "2ms", "blocking": True})
    assert workload.resources == (Resource("db", 5), Resource("cache", 2))
    assert workload.steps == (
        Step(StepKind.IO, "hit", resource=1),
        Step(StepKind.IO, blocking=True),
    )


LONG = 31_000_000_000_000_001  # ns; floats have a spacing of 4 there


@pytest.mark.parametrize(
    "duration",
    [
        f"{LONG}ns",
        "31000000.000000001s",
        {"empirical": {"values": [f"{LONG}ns"]}},
        {"mixture": [{"weight": 1, "duration": f"{LONG}ns"}]},
        {"shifted": {"by": f"{LONG - 3}ns", "duration": "3ns"}},
        {"shifted": {"by": "3ns", "duration": {"empirical": {"values": [f"{LONG - 3}ns"]}}}},
    ],
    ids=str,
)
def test_a_given_duration_beyond_2_to_the_53_is_exact(duration):
    assert rows(drawn({"cpu": duration})) == [(StepKind.CPU, LONG)]


def test_holding_is_acquiring_and_releasing_around_the_phases():
    workload = drawn({"hold": "db", "phases": [{"io": "1ms"}, {"cpu": "2ms"}], "label": "tx"})
    assert rows(workload) == [
        (StepKind.ACQUIRE, 0),
        (StepKind.IO, 1_000_000),
        (StepKind.CPU, 2_000_000),
        (StepKind.RELEASE, 0),
    ]
    assert workload.steps[0] == Step(StepKind.ACQUIRE, "tx", resource=0)
    assert workload.steps[3] == Step(StepKind.RELEASE, "tx", resource=0)


def test_parallel_branches_are_a_fork_and_a_row_before_each():
    workload = drawn(
        {"parallel": [[{"io": "5ms"}, {"cpu": "1ms"}], [{"io": "3ms"}]]}, {"cpu": "2ms"}
    )
    assert rows(workload) == [
        (StepKind.FORK, 2),
        (StepKind.BRANCH, 2),
        (StepKind.IO, 5_000_000),
        (StepKind.CPU, 1_000_000),
        (StepKind.BRANCH, 1),
        (StepKind.IO, 3_000_000),
        (StepKind.CPU, 2_000_000),
    ]
    assert workload.demand_ns().tolist() == [8_000_000]


HIT_OR_MISS = {
    "choose": [
        {"weight": 9, "phases": []},
        {"weight": 1, "phases": [{"io": {"exponential": "40ms"}}]},
    ]
}


def test_a_choice_is_made_for_each_request_by_weight():
    workload = drawn(HIT_OR_MISS, n=10_000)
    misses = int((np.diff(workload.first_row) == 1).sum())
    assert stats.binomtest(misses, 10_000, 0.1).pvalue > 0.001
    assert len(workload.duration_ns) == misses


@pytest.mark.parametrize(
    ("times", "law"),
    [
        ({"poisson": {"mean": 3}}, stats.poisson(3)),
        ({"geometric": {"mean": 3}}, stats.geom(1 / 3)),
        ({"uniform": {"low": 1, "high": 5}}, stats.randint(1, 6)),
        ({"values": [1, 1, 2, 7]}, stats.rv_discrete(values=([1, 2, 7], [0.5, 0.25, 0.25]))),
        (4, stats.rv_discrete(values=([4], [1.0]))),
    ],
)
def test_a_repetition_happens_as_often_as_its_count_says(times, law):
    n = 20_000
    workload = drawn({"repeat": {"times": times, "phases": [{"io": "1ms"}]}}, n=n)
    counts = np.diff(workload.first_row)
    assert abs(counts.mean() - law.mean()) <= stats.norm.ppf(0.9995) * law.std() / np.sqrt(n)
    observed = np.bincount(counts, minlength=12)[:12]
    expected = law.pmf(np.arange(12)) * n
    likely = expected > 5
    assert not observed[expected == 0].any()
    spread = ((observed - expected)[likely] ** 2 / expected[likely]).sum()
    assert stats.chi2(likely.sum()).sf(spread) > 0.001


def test_everything_nests():
    inner = {"repeat": {"times": 2, "phases": [{"io": "1ms", "on": "db"}]}}
    outer = {"parallel": [[{"hold": "cache", "phases": [inner]}], [{"cpu": "1ms"}]]}
    kinds = [kind for kind, _ in rows(drawn({"choose": [{"weight": 1, "phases": [outer]}]}))]
    assert kinds == [
        StepKind.FORK,
        StepKind.BRANCH,
        StepKind.ACQUIRE,
        StepKind.IO,
        StepKind.IO,
        StepKind.RELEASE,
        StepKind.BRANCH,
        StepKind.CPU,
    ]


def test_a_class_has_its_priority():
    classes = {"page": {"phases": [{"cpu": "1ms"}], "priority": 3}, "ping": [{"cpu": "1ms"}]}
    assert draw(scenario(open_at("80/s", requests=1), classes), 1).priorities == (3, 0)


def test_nested_phases_draw_independently_of_each_other():
    varying = {"cpu": {"exponential": "1ms"}}
    twice = {"parallel": [[varying], [varying]]}
    workload = drawn(twice, varying, n=1000)
    durations = workload.duration_ns.reshape(1000, 6)[:, [2, 4, 5]]
    assert len(np.unique(durations)) == 3000


def test_a_phase_added_behind_leaves_nested_draws_as_they_were():
    short = drawn(HIT_OR_MISS, n=200)
    long = drawn(HIT_OR_MISS, {"cpu": {"exponential": "1ms"}}, n=200)
    misses = np.diff(short.first_row) == 1
    assert np.array_equal(np.diff(long.first_row) == 2, misses)
    first = long.duration_ns[long.first_row[:-1][misses]]
    assert np.array_equal(first, short.duration_ns)


RETRIES = {"retries": {"max": 3}}


def test_without_retries_there_are_no_draws_for_them():
    assert drawn({"cpu": "1ms"}).retries is None


def test_retries_have_draws_of_their_own_which_neither_requests_nor_retries_disturb():
    def draws(n, most):
        client = {"retries": {"max": most}}
        return draw(scenario(open_at("80/s", requests=n), client=client), 1).retries

    few, many = draws(100, 2), draws(150, 3)
    assert few.jitter.shape == few.dispatch.shape == (2, 100)
    for column in ("jitter", "dispatch"):
        assert np.array_equal(getattr(few, column), getattr(many, column)[:2, :100])
    every = np.concatenate([many.jitter.ravel(), many.dispatch.ravel()])
    assert len(np.unique(every)) == 2 * 3 * 150
    assert stats.kstest(every, stats.uniform().cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ({"parallel": [[{"io": "5ms"}], [{"cpu": "1ms"}]]}, False),
        ({"parallel": [[{"io": "5ms"}], [{"cpu": {"exponential": "1ms"}}]]}, True),
        ({"hold": "db", "phases": [{"io": {"exponential": "1ms"}}]}, True),
        ({"hold": "db", "phases": [{"io": "1ms"}]}, False),
        (HIT_OR_MISS, True),
        ({"choose": [{"weight": 1, "phases": [{"cpu": "1ms"}]}]}, False),
        ({"repeat": {"times": 3, "phases": [{"cpu": "1ms"}]}}, False),
        ({"repeat": {"times": {"values": [3, 3]}, "phases": [{"cpu": "1ms"}]}}, False),
        ({"repeat": {"times": {"poisson": {"mean": 3}}, "phases": [{"cpu": "1ms"}]}}, True),
    ],
)
def test_chance_is_found_however_deep_it_sits(phase, expected):
    scene = scenario({**CONSTANT, "requests": 1}, {"page": [phase]}, resources=RESOURCES)
    assert is_random(scene) == expected
