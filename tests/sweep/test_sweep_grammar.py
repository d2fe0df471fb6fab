"""What a sweep file says, and which points come of it."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sweep_examples import BASE, planned, write
from sweep_examples import settings as written

from simsched.errors import ScenarioError
from simsched.experiment.sweep import plan
from simsched.scenario import load
from simsched.scenario.file.composing import compose
from simsched.scenario.sweep.loading import load_sweep
from simsched.scenario.sweep.model import sweep_schema, sweep_schema_text
from simsched.scenario.sweep.ranges import Range, at_share, between, quantity

ROOT = Path(__file__).parents[2]
SWEEPS = ROOT / "scenarios" / "sweeps"
SCHEMA_FILE = "simsched-sweep.schema.json"
BAD = ROOT / "tests" / "scenario" / "bad_sweep"


def values(folder: Path, range_text: str, path: str = "workload.open.rate") -> list[str]:
    text = f"sweep: {{matrix: {{{path}: {range_text}}}}}\n"
    return [next(iter(each.values())) for each in written(planned(folder, text))]


def ranged(low: object, high: object, **more: object) -> Range:
    return Range.model_validate({"from": low, "to": high, **more})


def test_a_matrix_combines_all_values_and_the_first_path_changes_least(tmp_path):
    points = written(planned(tmp_path))
    rates = ["20/s", "20/s", "50/s", "50/s", "90/s", "90/s"]
    assert [each["workload.open.rate"] for each in points] == rates
    assert [each["servers.serial.workers"] for each in points] == ["1", "2"] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{from: 10/s, to: 40/s, steps: 4}", ["10/s", "20/s", "30/s", "40/s"]),
        ("{from: 1/s, to: 2/s, steps: 4}", ["1/s", "1.33333/s", "1.66667/s", "2/s"]),
        ("{from: 600/min, to: 1200/min, steps: 3}", ["600/min", "900/min", "1200/min"]),
        ("{from: 60/min, to: 4/s, factor: 2}", ["60/min", "120/min", "240/min"]),
        ("{from: 1/s, to: 10/s, factor: 3}", ["1/s", "3/s", "9/s"]),
        ("{from: 1/s, to: 100/s, steps: 3, spacing: log}", ["1/s", "10/s", "100/s"]),
    ],
)
def test_a_range_gives_values_between_its_ends(tmp_path, text, expected):
    assert values(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("{from: 1234567.5/s, to: 2345678.5/s, steps: 10}", ("1234567.5/s", "2345678.5/s")),
        ("{from: 1/s, to: 1.000001/s, steps: 10}", ("1/s", "1.000001/s")),
        ("{from: 1.2345678/s, to: 12.345678/s, steps: 9, spacing: log}", None),
        ("{from: 60/min, to: 1.0000001/s, steps: 3}", ("60/min", "60.000006/min")),
        ("{from: 0.01/s, to: 100/h, steps: 3}", ("0.01/s", "100/h")),
        ("{from: 1.0000001/s, to: 1.1000001/s, factor: 1.0001}", ("1.0000001/s", "1.1/s")),
    ],
)
def test_a_range_holds_its_ends_and_as_many_values_as_it_should(tmp_path, text, ends):
    found = values(tmp_path, text)
    amounts = [end.amount for each in found if (end := quantity(each))]
    assert amounts == sorted(set(amounts))
    assert "steps" not in text or f"steps: {len(found)}" in text
    expected = ends or ("1.2345678/s", "12.345678/s")
    assert found[0] == expected[0]
    assert found[-1] == expected[1] or "factor" in text


def test_a_range_may_begin_at_no_rate_where_there_may_be_none(tmp_path):
    base = BASE.replace("{rate: 50/s}", "{rate: 50/s, bursts: {on: 1s, off: 1s}}")
    text = "sweep: {matrix: {workload.open.bursts.idle: {from: 0/s, to: 4/s, steps: 3}}}\n"
    found = planned(tmp_path, text, base)
    assert [point.values[0].number for point in found.points] == [0, 2, 4]
    assert found.scenario(found.points[0]).workload.open.bursts.idle == 0


def test_a_range_may_span_more_than_floats_hold():
    range_ = ranged(1e-300, 1e300, steps=3, spacing="log")
    assert [float(text) for text in between(range_, whole=False)] == [1e-300, 1, 1e300]
    assert float(at_share(range_, 0.5, whole=False)) == 1


@given(
    share=st.floats(0, 1, exclude_max=True),
    low=st.decimals(1, 9, places=8),
    more=st.decimals("0.00000001", 9, places=8),
    log=st.booleans(),
)
@example(share=0.0, low=Decimal("1.23456789"), more=Decimal(1), log=False)
@example(share=math.nextafter(1, 0), low=Decimal(1), more=Decimal("1.23456749"), log=False)
def test_a_drawn_value_lies_between_the_ends(share, low, more, log):
    range_ = ranged(f"{low}/s", f"{low + more}/s", spacing="log" if log else "linear")
    drawn = quantity(at_share(range_, share, whole=False))
    assert range_.low.amount <= drawn.amount <= range_.high.amount


def test_durations_of_a_range_are_written_as_people_write_them(tmp_path):
    text = "{from: 1ms, to: 1s, steps: 4, spacing: log}"
    assert values(tmp_path, text, '"requests.page[1].io"') == ["1ms", "10ms", "100ms", "1s"]
    text = "{from: 0ms, to: 1ms, steps: 4}"
    found = values(tmp_path, text, '"requests.page[1].io"')
    assert found == ["0ns", "333.333us", "666.667us", "1ms"]


def test_counts_are_whole_and_none_comes_twice(tmp_path):
    text = "{from: 1, to: 8, steps: 12, spacing: log}"
    assert values(tmp_path, text, "servers.serial.workers") == [*"1234578"]


def test_counts_are_whole_where_a_mapping_may_stand_instead(tmp_path):
    text = "{from: 1, to: 8, steps: 4, spacing: log}"
    assert values(tmp_path, text, "servers.serial.max_in_flight") == [*"1248"]


def test_counts_of_a_small_factor_reach_the_end(tmp_path):
    text = "{from: 1, to: 100, factor: 1.0005}"
    found = values(tmp_path, text, "servers.serial.workers")
    assert found == [str(count) for count in range(1, 101)]


@given(
    low=st.integers(1, 10**6),
    more=st.integers(1, 10**6),
    steps=st.integers(2, 50),
    log=st.booleans(),
)
@settings(max_examples=60)
def test_the_values_of_a_range_rise_from_its_first_end_to_its_last(low, more, steps, log):
    ends = (f"{low}us", f"{low + more}us")
    range_ = ranged(*ends, steps=steps, spacing="log" if log else "linear")
    first, last = quantity(ends[0]), quantity(ends[1])
    assert first is not None
    assert last is not None
    found = [quantity(text) for text in between(range_, whole=False)]
    assert len(found) == steps
    amounts = [each.amount for each in found if each is not None]
    assert amounts == sorted(amounts)
    assert (amounts[0], amounts[-1]) == (first.amount, last.amount)


def test_what_is_zipped_moves_together(tmp_path):
    text = """
    sweep:
      matrix: {workload.open.rate: [20/s, 50/s]}
      zip:
        servers.serial.workers: [1, 2, 2]
        servers.cooperative.workers: {from: 1, to: 3, steps: 3}
    """
    points = [tuple(each.values()) for each in written(planned(tmp_path, text))]
    pairs = [("1", "1"), ("2", "2"), ("2", "3")]
    assert points == [(rate, *pair) for rate in ("20/s", "50/s") for pair in pairs]


def test_blocks_are_joined_and_a_point_that_was_there_before_is_left_out(tmp_path):
    text = """
    sweep:
      - matrix: {workload.open.rate: [20/s, 50/s]}
      - matrix: {workload.open.rate: [3000/min, 70/s]}
      - include: [{workload.open.rate: 80/s, run.seed: 5}]
    """
    found = planned(tmp_path, text)
    rates = [each["workload.open.rate"] for each in written(found)]
    assert rates == ["20/s", "50/s", "70/s", "80/s"]
    assert found.notes == ("1 repeated point is left out",)


def test_a_share_is_the_same_in_percent(tmp_path):
    text = """
    sweep:
      - matrix: {run.confidence: [90%, 0.95]}
      - matrix: {run.confidence: [0.9, 0.97]}
      - matrix: {run.confidence: {from: 95%, to: 97%, steps: 3}}
    """
    found = planned(tmp_path, text)
    said = [each["run.confidence"] for each in written(found)]
    assert said == ["90%", "0.95", "0.97", "0.96"]
    assert [point.values[0].number for point in found.points] == [0.9, 0.95, 0.97, 0.96]


def test_what_a_point_does_not_set_is_as_in_the_scenario_or_its_default(tmp_path):
    text = """
    sweep:
      matrix: {workload.open.rate: [20/s]}
      include: [{servers.serial.workers: 3}, {client.timeout: 5s}, {run.seed: 7}]
    """
    found = planned(tmp_path, text)
    said = [[value and value.text for value in point.values] for point in found.points]
    assert said == [
        ["20/s", "1", None, "1"],
        ["50/s", "3", None, "1"],
        ["50/s", "1", "5s", "1"],
        ["50/s", "1", None, "7"],
    ]


def test_excludes_take_away_the_points_that_have_all_their_values(tmp_path):
    text = """
    sweep:
      matrix:
        workload.open.rate: [20/s, 50/s]
        servers.serial.workers: [1, 2]
      exclude: [{workload.open.rate: 1200/min, servers.serial.workers: 2}]
    """
    points = [tuple(each.values()) for each in written(planned(tmp_path, text))]
    assert points == [("20/s", "1"), ("50/s", "1"), ("50/s", "2")]


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_a_sample_spreads_its_points_over_every_range(tmp_path, method):
    text = f"""
    sweep:
      sample: {{method: {method}, points: 16}}
      matrix:
        workload.open.rate: {{from: 10/s, to: 26/s}}
        servers.serial.workers: {{from: 1, to: 4}}
        servers.serial.discipline: [fifo, lifo]
    """
    found = planned(tmp_path, text)
    rates, workers, disciplines = zip(*(point.values for point in found.points), strict=True)
    assert sorted(int(each.number - 10) for each in rates) == list(range(16))
    assert sorted(each.text for each in workers) == sorted([*"1234"] * 4)
    assert sorted(each.text for each in disciplines) == ["fifo"] * 8 + ["lifo"] * 8
    assert found.points == planned(tmp_path, text).points


def test_a_sample_of_counts_is_as_dense_in_each_ratio_where_spacing_is_log(tmp_path):
    text = """
    sweep:
      sample: {method: lhs, points: 16}
      matrix: {servers.serial.workers: {from: 1, to: 1000, spacing: log}}
    """
    found = sorted(int(each["servers.serial.workers"]) for each in written(planned(tmp_path, text)))
    assert found[0] == 1
    assert 20 < found[len(found) // 2] < 80  # the root of 1000 is 32
    assert 500 < found[-1] <= 1000


@given(share=st.floats(0, 1, exclude_max=True), low=st.integers(1, 9), more=st.integers(1, 9))
@example(share=0.0, low=1, more=1)
@example(share=math.nextafter(1, 0), low=1, more=1)
def test_a_drawn_count_lies_between_the_ends_which_belong_to_it(share, low, more):
    drawn = int(at_share(ranged(low, low + more, spacing="log"), share, whole=True))
    assert low <= drawn <= low + more
    assert share != 0 or drawn == low
    assert share < math.nextafter(1, 0) or drawn == low + more


def test_a_sample_follows_the_seed(tmp_path):
    text = """
    sweep:
      sample: {method: lhs, points: 4}
      matrix: {workload.open.rate: {from: 10/s, to: 99/s, spacing: log}}
    """
    other = BASE.replace("run: {", "run: {seed: 2, ")
    assert written(planned(tmp_path, text)) != written(planned(tmp_path, text, other))


def test_a_sweep_may_be_over_the_scenario_of_another_file(tmp_path):
    (tmp_path / "scenarios").mkdir()
    write(tmp_path / "scenarios", "", name="base.yaml")
    file = tmp_path / "linked.yaml"
    text = "scenario: scenarios/base.yaml\nname: mine\nsweep: {matrix: {run.seed: [1, 2]}}\n"
    file.write_text(text, encoding="utf-8")
    found = plan(file)
    assert found.name == "mine"
    assert [found.scenario(point).run.seed for point in found.points] == [1, 2]


def test_overrides_change_the_scenario_before_the_sweep_does(tmp_path):
    text = "sweep: {include: [{workload.open.rate: 20/s}, {servers.serial.workers: 2}]}"
    overrides = ["workload.requests=7", "workload.open.rate=1/s"]
    found = planned(tmp_path, text, overrides=overrides)
    workloads = [found.scenario(point).workload for point in found.points]
    assert [each.requests for each in workloads] == [7, 7]
    assert [each.open and each.open.rate for each in workloads] == [20.0, 1.0]


def test_any_path_can_be_varied_by_any_value(tmp_path):
    text = """
    sweep:
      matrix:
        "requests.page[0].cpu": [2ms, {exponential: 3ms}]
        servers.cooperative: [{model: serial}, {model: cooperative, workers: 2}]
        client.timeout: [1s]
    """
    found = planned(tmp_path, text)
    models = [found.scenario(point).servers["cooperative"].model for point in found.points]
    assert models == ["serial", "cooperative"] * 2
    assert found.parameters[0].kind == "text"
    assert found.points[2].values[0].text == "{exponential: 3ms}"


def test_a_point_whose_values_do_not_go_together_is_part_of_the_plan(tmp_path):
    text = """
    sweep:
      matrix:
        servers.serial.workers: [1, 2]
        "events[0].worker": [0, 1]
    """
    base = BASE + "events: [{worker: 0, at: 0s, for: 1s, down: true, server: serial}]\n"
    found = planned(tmp_path, text, base)
    assert len(found.points) == 4
    with pytest.raises(ScenarioError, match="worker"):
        found.scenario(found.points[1])
    assert found.scenario(found.points[3]).servers["serial"].workers == 2


def test_more_than_ten_thousand_points_are_read_where_that_is_asked_for(tmp_path):
    text = """
    sweep:
      matrix:
        workload.open.rate: {from: 1/s, to: 101/s, steps: 101}
        servers.serial.workers: {from: 1, to: 100, steps: 100}
    """
    file = write(tmp_path, text)
    with pytest.raises(ScenarioError, match="10,100 points are more than 10,000"):
        load_sweep(file)
    assert len(load_sweep(file, most=1_000_000).points) == 10_100


def test_a_sweep_is_no_scenario_to_run(tmp_path):
    with pytest.raises(ScenarioError, match="sweep: this key goes with simsched sweep"):
        load(write(tmp_path))


def test_the_first_fault_of_a_sweep_over_another_file_is_that_it_is_one(tmp_path):
    file = tmp_path / "linked.yaml"
    file.write_text("scenario: base.yaml\nsweep: {matrix: {run.seed: [1]}}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        load(file)
    (fault,) = raised.value.faults
    assert (fault.path, fault.message) == ("sweep", "this key goes with simsched sweep")


def test_the_only_fault_of_a_sweep_whose_scenario_lacks_a_section_is_that_it_is_one(tmp_path):
    file = write(tmp_path, base="requests: {page: [{cpu: 1ms}]}\n")
    with pytest.raises(ScenarioError) as raised:
        load(file)
    assert [each.path for each in raised.value.faults] == ["sweep"]


SCHEMA = sweep_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def data(path: Path) -> Any:
    root = compose(path.read_text(encoding="utf-8"), "sweep").root
    assert root is not None
    return root.data()


def test_the_schema_is_a_json_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(SWEEPS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_takes_the_sweeps_that_come_with_simsched(path):
    VALIDATOR.validate(data(path))
    head = path.read_text(encoding="utf-8").splitlines()[0]
    assert head == f"# yaml-language-server: $schema={SCHEMA_FILE}"


@pytest.mark.parametrize(
    "name", ["empty-list", "empty-block", "sample-faults", "unknown-keys", "other-sections"]
)
def test_an_editor_sees_what_the_reader_would_refuse(name):
    faulty = data(BAD / f"{name}.yaml")
    if name == "sample-faults":
        faulty["sweep"] = faulty["sweep"][1:2]
    assert not VALIDATOR.is_valid(faulty)


def test_the_schema_beside_the_sweeps_is_this_one(request):
    file = SWEEPS / SCHEMA_FILE
    if request.config.getoption("--update"):
        file.write_text(sweep_schema_text(), encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8")) == SCHEMA
