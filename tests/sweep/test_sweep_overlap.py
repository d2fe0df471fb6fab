"""A point that sets a whole and a detail of it has both, and the same points are said apart."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from sweep_examples import BASE, planned, simulated
from sweep_examples import settings as written

from simsched.errors import ScenarioError
from simsched.scenario import Scenario
from simsched.scenario.sweep.loading import load_sweep

WHOLE = "servers.serial: {model: serial, backlog: 9}"
DETAIL = "servers.serial.workers: 3"
LISTS = "servers.serial: [{model: serial, backlog: 9}]", "servers.serial.workers: [3]"
REPLACED = BASE.replace("serial: {model: serial}", "serial: {model: threaded, threads: 2}")


@pytest.mark.parametrize(
    "text",
    [
        f"sweep: {{include: [{{{WHOLE}, {DETAIL}}}]}}\n",
        f"sweep: {{include: [{{{DETAIL}, {WHOLE}}}]}}\n",
        f"sweep: {{matrix: {{{LISTS[0]}, {LISTS[1]}}}}}\n",
        f"sweep: {{matrix: {{{LISTS[1]}, {LISTS[0]}}}}}\n",
        f"sweep: {{matrix: {{{LISTS[1]}}}, zip: {{{LISTS[0]}}}}}\n",
        f"sweep: {{matrix: {{{LISTS[1]}}}, zip: {{{LISTS[0]}}},"
        " sample: {method: lhs, points: 1}}\n",
    ],
)
def test_a_detail_is_set_after_its_whole_wherever_they_stand(tmp_path, text):
    found = planned(tmp_path, text, REPLACED)
    server = found.scenario(found.points[0]).servers["serial"]
    assert (server.model, server.backlog, server.workers) == ("serial", 9, 3)


def test_settings_that_do_not_touch_keep_the_order_of_the_file(tmp_path):
    text = "sweep: {include: [{servers.serial.workers: 2, run.seed: 4, workload.open.rate: 9/s}]}\n"
    (point,) = written(planned(tmp_path, text))
    assert list(point) == ["servers.serial.workers", "run.seed", "workload.open.rate"]


@pytest.mark.parametrize(
    "path", ['"requests.page[1].io.exponential"', '"requests.page[1].io.lognormal.cv"']
)
def test_a_path_into_a_value_that_holds_nothing_is_a_fault(tmp_path, path):
    with pytest.raises(ScenarioError, match=r"page\[1\].io is the text '5ms', not a mapping"):
        planned(tmp_path, f"sweep: {{include: [{{{path}: 1}}]}}\n")


def test_a_path_into_a_whole_of_the_same_point_need_not_be_in_the_scenario(tmp_path):
    text = """
    sweep:
      matrix:
        "requests.page[1].io": [{lognormal: {mean: 5ms}}]
        "requests.page[1].io.lognormal.cv": [1, 2]
    """
    found = planned(tmp_path, text)
    assert [found.scenario(point).run.seed for point in found.points] == [1, 1]


def test_an_exclude_goes_by_what_points_have_also_where_the_scenario_has_it(tmp_path):
    text = """
    sweep:
      matrix: {servers.serial.workers: [1, 2]}
      include: [{workload.open.rate: 80/s}]
      exclude: [{workload.open.rate: 3000/min, servers.serial.workers: 2}]
    """
    assert written(planned(tmp_path, text)) == [
        {"servers.serial.workers": "1"},
        {"workload.open.rate": "80/s"},
    ]


def test_an_exclude_finds_a_detail_within_a_whole_and_a_whole_of_details(tmp_path):
    text = """
    sweep:
      matrix:
        servers.serial: [{model: serial, backlog: 5}, {model: serial}]
        servers.serial.workers: [1, 2]
      include: [{servers.serial.backlog: 6}]
      exclude:
        - {servers.serial.backlog: 5, servers.serial.workers: 2}
        - {servers.serial: {workers: 1, model: serial}}
    """
    found = planned(tmp_path, text)
    left = [(point["servers.serial.workers"]) for point in written(found)[:-1]]
    assert left == ["1", "2"]


def blocks(folder, *texts, base=BASE):
    return planned(folder, "sweep:\n" + "".join(f"  - {text}\n" for text in texts), base)


def test_an_exclude_finds_a_whole_as_it_is_written_beside_a_detail(tmp_path):
    text = """
    sweep:
      matrix:
        servers.serial: [{model: serial}, {model: cooperative}]
        servers.serial.workers: [1, 2]
      exclude: [{servers.serial: {model: cooperative}, servers.serial.workers: 2}]
    """
    serial, cooperative = "{model: serial}", "{model: cooperative}"
    points = [tuple(point.values()) for point in written(planned(tmp_path, text))]
    assert points == [(serial, "1"), (serial, "2"), (cooperative, "1")]


@pytest.mark.parametrize(
    "again",
    [
        "{workload.open: {rate: 1200/min}}",
        "{workload: {requests: 60, open: {rate: 20/s}}}",
        "{workload: {open: {rate: 20/s}}, workload.requests: 60}",
        "{workload.open.rate: 20/s, servers.cooperative: {model: cooperative}}",
        '{workload.open.rate: 20/s, "requests.page[1].io": 0.005s}',
    ],
)
def test_points_that_come_to_the_same_as_written_are_one(tmp_path, again):
    first = "matrix: {workload.open.rate: [20/s]}"
    found = blocks(tmp_path, first, f"include: [{again}]")
    assert len(found.points) == 1
    assert found.notes == ("1 repeated point is left out",)


@pytest.mark.parametrize(
    "again",
    [
        "{workload.open.rate: 20/s, servers.serial.workers: 1}",
        "{workload.open.rate: 20/s, servers.serial.discipline: fifo, run.seed: 1}",
    ],
)
def test_points_that_are_the_same_by_a_default_are_simulated_once(tmp_path, again):
    first = "matrix: {workload.open.rate: [20/s]}"
    result = simulated(blocks(tmp_path, first, f"include: [{again}]"), tmp_path)
    assert result.records[1] == result.records[2]
    assert len(list((tmp_path / "store").glob("*/*.json"))) == 1


def test_a_point_that_the_scenario_is_already_differs_from_all_others(tmp_path):
    found = blocks(
        tmp_path,
        "matrix: {servers.serial.workers: [1, 2]}",
        "matrix: {workload.open.rate: [50/s, 60/s], servers.serial.workers: [1, 2]}",
    )
    assert len(found.points) == 4
    assert found.notes == ("2 repeated points are left out",)


def test_true_and_its_text_differ(tmp_path):
    text = "sweep: [{matrix: {servers.serial.cancel_abandoned: [true]}},"
    text += ' {matrix: {servers.serial.cancel_abandoned: ["true"]}}]\n'
    folder = tmp_path / "s.yaml"
    folder.write_text(BASE + text, encoding="utf-8")
    assert len(load_sweep(folder).points) == 2


POINTS = st.fixed_dictionaries(
    {},
    optional={
        "workload.open": st.sampled_from([{"rate": "50/s"}, {"rate": "20/s"}]),
        "servers.serial": st.sampled_from([{"model": "serial"}, {"model": "serial", "backlog": 2}]),
        "servers.serial.workers": st.sampled_from([2, 3]),
        "servers.cooperative.workers": st.sampled_from([2, 3]),
        "requests.page[1].io": st.sampled_from(["5ms", "0.005s", {"exponential": "5ms"}]),
        "run.seed": st.sampled_from([2, 7]),
    },
).filter(bool)
"""Points that set nothing to its default."""


@given(points=st.lists(POINTS, min_size=1, max_size=12))
@given_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_scenario_that_is_written_is_one_point(tmp_path, points):
    def scenarios(*included: object) -> list[Scenario]:
        file = tmp_path / "s.yaml"
        text = f"{BASE}sweep: {{include: {json.dumps(included)}}}\n"
        file.write_text(text, encoding="utf-8")
        sweep = load_sweep(file)
        return list(map(sweep.scenario, sweep.points))

    expected: list[Scenario] = []
    for point in points:
        (one,) = scenarios(point)
        if one not in expected:
            expected.append(one)
    assert scenarios(*points) == expected
