"""Objectives in sweeps: every point is judged, and the cheapest that keep them are named."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from io import StringIO
from itertools import chain

import pytest
from sweep_examples import BASE, planned, simulated, write

from simsched.errors import InputError, ScenarioError
from simsched.experiment.sweep.objectives import cheapest, designs
from simsched.experiment.sweep.tables import to_csv, to_table
from simsched.report import terminal
from simsched.report.html.templates import PlotlyJs
from simsched.report.sweep import summary
from simsched.report.sweep.document import document
from simsched.report.sweep.page import figures_of, render
from simsched.report.sweep.points import sweep_text
from simsched.report.sweep.verdict import verdict
from simsched.scenario.model.objectives import named

CERTAIN = """
name: certain
requests: {page: [{cpu: 10ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 12}]}
resources: {db: {capacity: 1}}
servers: {serial: {model: serial}}
slo: {fast: response_time.max < 45ms}
"""
"""Twelve requests at once: with n workers the last is answered after 120 ms / n."""

WORKERS = "sweep: {matrix: {servers.serial.workers: [1, 2, 3, 4]}}\n"
BOTH = """
sweep: {matrix: {servers.serial.workers: [2, 3, 4], resources.db.capacity: [1, 5]}}
"""


def outcomes(found):
    return {(each.point.number, each.server): each.outcome for each in designs(found)}


def test_each_point_is_judged_by_the_objectives_of_its_scenario(tmp_path):
    found = simulated(planned(tmp_path, WORKERS, CERTAIN), tmp_path)
    assert [each.outcome for each in designs(found)] == ["fail", "fail", "pass", "pass"]
    (third,) = found.records[3].judgements
    assert (third.objective.name, third.estimate.value) == ("fast", 0.04)
    assert verdict(found)[:2] == (
        "serial at point 3 (workers of serial = 3) suffices: the cheapest that keeps all "
        "objectives, at a cost of 3.",
        "serial keeps all objectives at 2, misses one at 2 of 4 points.",
    )


def test_designs_that_cost_the_same_are_named_as_ties(tmp_path):
    found = simulated(planned(tmp_path, BOTH, CERTAIN), tmp_path)
    (one,) = cheapest(found)
    assert [each.point.number for each in one.designs] == [3, 4]
    assert verdict(found)[0] == (
        "serial at points 3 and 4 (workers of serial = 3, for any capacity of db) "
        "suffices: the cheapest that keeps all objectives, at a cost of 3."
    )


POOL = """
name: pool
requests: {page: [{io: 10ms, on: db}]}
workload: {schedule: [{at: 0ms, request: page, times: 12}]}
resources: {db: {capacity: 1}}
servers: {loop: {model: cooperative}, other: {model: cooperative}}
slo: {fast: {limit: response_time.max < 45ms, servers: [loop]}}
"""
"""Twelve requests at once for n connections: the last is answered after 120 ms / n."""


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ("resources.db.capacity: [2, 3, 4]", "points 2 and 3 (capacity of db = 3 or 4)"),
        (
            "resources.db.capacity: [1, 2, 3, 4, 6, 12]",
            "points 3, 4, 5 and 6 (capacity of db = 3 to 12)",
        ),
        (
            "resources.db.capacity: [1, 3, 4], servers.other.workers: [1, 2, 3]",
            "6 points (capacity of db = 3 or 4, for any workers of other)",
        ),
        (
            "resources.db.capacity: [3], servers.other.workers: [1, 2], "
            "servers.other.discipline: [fifo, lifo]",
            "points 1, 2, 3 and 4 (capacity of db = 3, for any workers of other and "
            "any discipline of other)",
        ),
    ],
    ids=["two values", "a range", "a parameter without bearing", "two of them"],
)
def test_ties_are_named_by_what_they_have_in_common(tmp_path, matrix, said):
    found = simulated(planned(tmp_path, f"sweep: {{matrix: {{{matrix}}}}}\n", POOL), tmp_path)
    assert verdict(found)[0] == (
        f"loop at {said} suffices: the cheapest that keeps all objectives, at a cost of 1."
    )


def test_ties_that_have_nothing_in_common_are_named_one_by_one(tmp_path):
    text = """
    sweep:
      include:
        - {servers.serial.workers: 3, servers.serial.cost: 5, resources.db.capacity: 2}
        - {servers.serial.workers: 4, servers.serial.cost: 5, resources.db.capacity: 7}
    """
    found = simulated(planned(tmp_path, text, CERTAIN), tmp_path)
    assert verdict(found)[0] == (
        "serial at point 1 (workers of serial = 3, cost of serial = 5, capacity of db = "
        "2) and serial at point 2 (workers of serial = 4, cost of serial = 5, "
        "capacity of db = 7) each suffice: they tie as the cheapest that keep all objectives, "
        "at a cost of 5."
    )


def test_loads_with_the_same_answer_are_named_together(tmp_path):
    text = """
    sweep:
      matrix:
        "workload.schedule[0].times": [3, 4, 5, 12, 99]
        servers.serial.workers: [1, 2, 3]
    """
    found = simulated(planned(tmp_path, text, CERTAIN), tmp_path)
    assert verdict(found)[:4] == (
        "At times of arrival 1 = 3 and 4: serial (workers of serial = 1) suffices: the "
        "cheapest that keeps all objectives, at a cost of 1.",
        "At times of arrival 1 = 5: serial at point 8 (workers of serial = 2) suffices: "
        "the cheapest that keeps all objectives, at a cost of 2.",
        "At times of arrival 1 = 12: serial at point 12 (workers of serial = 3) suffices: "
        "the cheapest that keeps all objectives, at a cost of 3.",
        "At times of arrival 1 = 99: no design is shown to keep all objectives.",
    )


def cheapest_cells(found, text):
    """Return what the map of the cheapest designs shows in its cells, and its figure."""
    (figure,) = [each for each in figures_of(found) if each.id == "cheapest"]
    shown = figure.data[0]
    cells = zip(chain(*shown["z"]), chain(*shown["text"]), strict=True)
    assert text in figure.lede
    return list(cells), figure


def test_the_map_of_the_cheapest_shows_costs_where_objectives_are_kept(tmp_path):
    found = simulated(planned(tmp_path, BOTH, CERTAIN), tmp_path)
    cells, figure = cheapest_cells(found, "the cheapest of all")
    assert cells == [(None, ""), (0, "★ 3"), (0, "4"), (None, ""), (0, "★ 3"), (0, "4")]
    assert figure.alt == (
        "4 points with a server that keeps all objectives; 0 open; "
        "★ point 3: serial: cost 3; ★ point 4: serial: cost 3"
    )


def test_the_map_of_the_cheapest_has_one_for_each_load_and_shows_ties_and_doubt(tmp_path):
    # The maximum of random requests is never shown to stay low.
    base = POOL.replace("45ms, servers: [loop]", "9s") + "run: {replications: 3}\n"
    text = """
    sweep:
      matrix:
        "requests.page[0].io": [10ms, {exponential: 10ms}]
        servers.other.workers: [1, 2]
    """
    found = simulated(planned(tmp_path, text, base), tmp_path)
    cells, figure = cheapest_cells(found, "the cheapest for its load")
    assert cells == [(2, "★ 1"), (None, ""), (0, "★ 1"), (None, "")]
    assert [trace["name"] for trace in figure.data[1:]] == ["open", "loop", "other", "servers tie"]


def test_a_cost_that_is_written_decides(tmp_path):
    text = """
    sweep:
      include:
        - {servers.serial.workers: 3, servers.serial.cost: 7}
        - {servers.serial.workers: 4, servers.serial.cost: 5.5}
    """
    found = simulated(planned(tmp_path, text, CERTAIN), tmp_path)
    (one,) = cheapest(found)
    assert [(each.point.number, each.cost) for each in one.designs] == [(2, 5.5)]


def test_settings_of_two_loads_with_the_same_answer_are_named_in_one_sentence(tmp_path):
    text = """
    sweep:
      matrix:
        "workload.schedule[0].times": [3, 4, 5]
        "requests.page[0].cpu": [10ms, 11ms]
    """
    found = simulated(planned(tmp_path, text, CERTAIN), tmp_path)
    assert verdict(found)[:2] == (
        "At times of arrival 1 = 3 and 4, CPU time = 10ms and 11ms: serial suffices: the cheapest "
        "that keeps all objectives, at a cost of 1.",
        "At times of arrival 1 = 5, CPU time = 10ms and 11ms: no design is shown to keep all "
        "objectives.",
    )


def test_services_are_part_of_the_design_and_of_its_cost(tmp_path):
    base = """
name: called
requests: {page: [{call: db, phases: [{cpu: 10ms}]}]}
workload: {schedule: [{at: 0ms, request: page, times: 12}]}
services: {db: {model: serial}, log: {model: serial, cost: 0.5}}
servers: {loop: {model: cooperative}}
slo: {fast: response_time.max < 45ms}
"""
    text = "sweep: {matrix: {services.db.workers: [1, 2, 3, 4]}}"
    found = simulated(planned(tmp_path, text, base), tmp_path)
    assert verdict(found)[0] == (
        "loop at point 3 (workers of db = 3) suffices: the cheapest that keeps all "
        "objectives, at a cost of 4.5."
    )


def test_the_cheapest_is_named_for_each_load(tmp_path):
    text = """
    sweep:
      matrix:
        "workload.schedule[0].times": [4, 12, 99]
        servers.serial.workers: [1, 2, 3]
    """
    found = simulated(planned(tmp_path, text, CERTAIN), tmp_path)
    said = {
        dict(each.at)["workload.schedule[0].times"]: [one.point.number for one in each.designs]
        for each in cheapest(found)
    }
    assert said == {"4": [1], "12": [6], "99": []}
    assert verdict(found)[2] == (
        "At times of arrival 1 = 99: no design is shown to keep all objectives."
    )


def test_what_may_be_cheaper_is_not_passed_over_in_silence(tmp_path):
    base = BASE + "slo: {fast: response_time.max < 9s}\n"  # a maximum is never shown to stay low
    found = simulated(planned(tmp_path, WORKERS, base), tmp_path)
    (one,) = cheapest(found)
    assert not one.designs
    assert len(one.unsettled) == 8
    assert verdict(found)[0] == (
        "no design is shown to keep all objectives; 8 designs are inconclusive, which more "
        "replications may settle."
    )


def test_an_objective_of_some_servers_is_not_held_against_others(tmp_path):
    slo = "slo: {fast: {limit: response_time.mean < 1ms, servers: [serial]}}\n"
    found = simulated(planned(tmp_path, WORKERS, BASE + slo), tmp_path)
    assert {server for _, server in outcomes(found)} == {"serial"}
    table = terminal.render(document(found), 120, color=False).splitlines()
    first = next(line for line in table if line.lstrip().startswith("1 "))
    assert "missed: " in first
    assert first.endswith("\N{EM DASH}")


def test_outcomes_are_in_the_json_the_csv_and_the_parquet_file(tmp_path):
    found = simulated(planned(tmp_path, WORKERS, CERTAIN), tmp_path)
    said = json.loads(summary.to_json(found))
    assert [one["outcome"] for one in said["objectives"]] == ["fail", "fail", "pass", "pass"]
    assert said["objectives"][2]["value"] == 0.04
    assert said["cheapest"] == [
        {
            "at": {},
            "cost": 3.0,
            "designs": [{"point": 3, "server": "serial"}],
            "inconclusive": [],
        }
    ]
    rows = list(csv.DictReader(StringIO(to_csv(found))))
    of = {row["point"]: (row["cost"], row["outcome"], row["outcome.fast"]) for row in rows}
    assert of == {
        "1": ("1", "fail", "fail"),
        "2": ("2", "fail", "fail"),
        "3": ("3", "pass", "pass"),
        "4": ("4", "pass", "pass"),
    }
    assert to_table(found).column_names[-3:] == ["cost", "outcome", "outcome.fast"]


def test_without_objectives_nothing_is_judged(tmp_path):
    found = simulated(planned(tmp_path, WORKERS), tmp_path)
    assert designs(found) == ()
    assert "objectives" not in json.loads(summary.to_json(found))
    assert "outcome" not in to_csv(found)


def test_the_page_shows_where_objectives_are_kept(tmp_path):
    found = simulated(planned(tmp_path, BOTH, CERTAIN), tmp_path)
    page = render(found, PlotlyJs.CDN)
    assert "Where the objectives are kept" in page
    assert '"slo fast"' in page
    assert '"kept: 40.0 ms"' in page
    one = render(simulated(planned(tmp_path, WORKERS, CERTAIN), tmp_path), PlotlyJs.CDN)
    assert '"x-thin-open","x-thin-open","circle","circle"' in one.replace(" ", "")


def test_limits_on_the_command_line_take_the_place_of_the_files(tmp_path):
    plan = planned(tmp_path, WORKERS, CERTAIN).with_objectives(named(["response_time.max < 1s"]))
    found = simulated(plan, tmp_path)
    assert {each.outcome for each in designs(found)} == {"pass"}
    again = planned(tmp_path, sweep_text(plan), "")
    assert again.scenario(again.points[0]).slo == dict(plan.slo)


def test_limits_that_cannot_be_judged_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match="--slo: there is no such resource"):
        planned(tmp_path).with_objectives(named(["resource_wait.db < 1s"]))
    swept = "sweep: {matrix: {slo.fast: [response_time.mean < 1s, response_time.mean < 2s]}}\n"
    plan = planned(tmp_path, swept, BASE + "slo: {fast: response_time.mean < 1s}\n")
    with pytest.raises(InputError, match="--slo: slo\\.fast is swept"):
        plan.with_objectives(named(["response_time.mean < 1s"]))


@pytest.mark.parametrize(
    ("limit", "options", "code", "counts"),
    [
        ("response_time.max < 200ms", ["--strict"], 0, (0, 0)),
        ("response_time.max < 45ms", [], 3, (2, 0)),
    ],
)
def test_a_sweep_ends_by_the_rule_of_run(  # noqa: PLR0917  a table of cases
    simsched, tmp_path, limit, options, code, counts
):
    file = write(tmp_path, WORKERS, CERTAIN)
    outcome = simsched("sweep", file, "--jobs", 1, "--slo", limit, *options, "--junit", "slo.xml")
    assert outcome.code == code
    root = ET.parse(tmp_path / "slo.xml").getroot()  # noqa: S314  (our own text)
    assert (int(root.attrib["failures"]), int(root.attrib["skipped"])) == counts
    assert [case.attrib["classname"] for case in root.iter("testcase")] == [
        f"serial at point {number}" for number in (1, 2, 3, 4)
    ]


def test_a_sweep_with_an_open_objective_fails_only_if_strict(simsched, tmp_path):
    file = write(tmp_path, WORKERS, BASE)
    call = ("sweep", file, "--jobs", 1, "--slo", "response_time.max < 9s")
    assert simsched(*call).code == 0
    assert simsched(*call, "--strict").code == 4
