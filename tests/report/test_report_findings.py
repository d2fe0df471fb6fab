"""What statistics found beyond the figures: verdicts, objectives, theory, notes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from report_results import lecture

from simsched.experiment.result import Result
from simsched.report import html, markdown, summary, terminal
from simsched.report.run_document import document
from simsched.report.table import table, theory
from simsched.report.verdict import verdict
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.ranking import Place
from simsched.statistics.slo import Judgement, Objective
from simsched.statistics.stability import Load
from simsched.statistics.theory.known import Figure, Known
from simsched.workload.offered import Station

LIMIT = "response_time.mean < 100ms"
FAILED = "serial misses quick | enough (response_time.mean < 100ms): it is 116 ms"


def findings() -> Result:
    objective = Objective("quick | enough", LIMIT, parse_limit(LIMIT))
    places = (Place("b", 1, 1), Place("a", 2, 3), Place("c", 2, 3))
    figures = (Figure("response_time_s.mean", 0.1), Figure("throughput_per_s", 20.0, "<="))
    return replace(
        lecture(),
        verdicts=("cooperative is faster than serial",),
        ranking=places,
        judgements=(Judgement(objective, "serial", "fail", FAILED, Estimate(0.5)),),
        known=(
            Known("serial", "M/M/1", "Kleinrock (1975)", figures[:1]),
            Known("serial", "bounds", "Denning (1978)", figures[1:]),
        ),
        notes=("stopped after 30 replications",),
    )


def test_the_ranking_and_the_verdict_of_the_statistics_come_first_and_only_once():
    said = verdict(findings())
    assert said.headlines == (
        "From fastest to slowest: b (1st), a (2nd to 3rd), c (2nd to 3rd).",
        "cooperative is faster than serial.",
    )
    assert said.details == ("cooperative completes 27.8/s, serial 16.3/s: 70 % more.",)


def test_the_headline_does_not_rank_a_server_that_answers_no_request():
    serial = lecture().servers["serial"]
    untold = {"response_time_s.mean": Estimate(None, reason=NOTHING_COMPLETED)}
    mute = replace(serial, server="c", estimates=serial.estimates | untold)
    result = replace(findings(), servers={**lecture().servers, "c": mute})
    assert (
        verdict(result).headlines[0]
        == "From fastest to slowest: b (1st), a (2nd); c answers no request."
    )


def test_the_terminal_shows_objectives_notes_and_theory():
    text = terminal.render(document(findings()), 200, color=False)
    assert f"FAIL: {FAILED}" in text
    assert "stopped after 30 replications" in text
    assert "Theory: serial: M/M/1: response_time.mean = 100 ms [Kleinrock (1975)]" in text
    assert "Denning" not in text


def test_markdown_shows_objectives_with_their_marks_escaped():
    assert "- **fail**: serial misses quick \\| enough" in markdown.render(document(findings()))


def test_the_page_shows_objectives_and_theory_beside_simulation():
    page = html.render(findings(), {"lecture": ""})
    assert '<li class="fail"><strong>fail</strong>' in page
    (mean, bound) = theory(findings())
    assert (mean.formula, mean.simulated) == ("100.0 ms", "116 ms")
    assert bound.formula == "at most 20.00/s"
    assert "Kleinrock (1975)" in page


def test_summary_json_carries_the_findings():
    told = json.loads(summary.to_json(findings()))
    assert told["verdicts"] == list(findings().verdicts)
    assert told["objectives"][0]["outcome"] == "fail"
    assert told["theory"][0]["figures"][0]["value"] == 0.1
    assert told["ranking"][0] == {"server": "b", "best": 1, "worst": 1}
    assert "loads" not in told


def test_a_theory_figure_without_simulation_is_a_dash():
    unknown = Known("elsewhere", "M/M/1", "Kleinrock", (Figure("slowdown", 2.0),))
    (row,) = theory(replace(lecture(), known=(unknown,)))
    assert row.simulated == "—"


def test_the_table_shows_the_load_where_requests_arrive_at_a_rate():
    loads = {"serial": Load("serial", Station("worker", 90.0, 0.01, 1))}
    (row,) = [row for row in table(replace(lecture(), loads=loads)) if row.title == "offered load"]
    assert [(cell.text, cell.note) for cell in row.cells] == [
        ("90.0 %", "of its worker"),
        ("—", ""),
    ]
    assert all(row.title != "offered load" for row in table(lecture()))


def test_an_objective_on_a_server_of_a_hostile_name_reads_from_left_to_right_and_stays_short():
    (one,) = findings().judgements
    name = "\u202e" + "x" * 500
    bad = replace(one, server=name, sentence=f"{name} misses {LIMIT}: it is 116 ms")
    found = findings()
    servers = {name: found.servers["serial"], **found.servers}
    traces = {name: found.traces["serial"], **found.traces}
    page = html.render(
        replace(found, servers=servers, traces=traces, judgements=(bad,)), {"lecture": ""}
    )
    (told,) = re.findall(r'<li class="fail">(.*?)</li>', page)
    assert "\u202e" not in told
    assert told.endswith("x… misses response_time.mean &lt; 100ms: it is 116 ms")
    assert len(told) < 200
