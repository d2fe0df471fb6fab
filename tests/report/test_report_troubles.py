"""Runs in which something goes wrong: the page, the text and the stored files show it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_results import lecture, load

import simsched
from simsched.report import files, html, markdown, stored, summary, terminal
from simsched.report.html.timeline import timeline_figure
from simsched.report.run_document import document
from simsched.report.verdict import best, verdict
from simsched.scenario import dump, loads
from simsched.scenario.metrics import parse_metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.warmup import Cut

RETRIES = """
name: tries
requests:
  page: [{cpu: 10ms, label: code}, {io: 30ms, label: database}, {cpu: 10ms, label: page}]
workload: {schedule: [{at: 0ms, request: page, times: 4}]}
client: {timeout: 60ms, retries: {max: 2, backoff: {initial: 5ms}, jitter: none}}
servers: {serial: {model: serial}, loop: {model: cooperative}}
"""
BRANCHES = """
name: branches
requests:
  page: [{parallel: [[{io: 10ms}], [{io: 10ms}], [{io: 10ms}], [{io: 40ms, label: long}]]}]
workload: {schedule: [{at: 0ms, request: page}]}
servers: {loop: {model: cooperative}}
"""
USERS = """
name: users
requests: {page: [{cpu: 2ms}, {io: {exponential: 20ms}, on: pool}]}
resources: {pool: {capacity: 2}}
workload: {closed: {users: 5, think: {exponential: 10ms}}, duration: 2s}
servers: {loop: {model: cooperative}, serial: {model: serial, workers: 2}}
run: {replications: 2, warmup: none}
"""
DEADLOCK = """
name: stuck
requests: {page: [{hold: session, phases: [{io: 5ms}, {io: 1ms, on: session}]}]}
resources: {session: {capacity: 2}}
workload: {schedule: [{at: 0ms, request: page, times: 3}]}
servers: {framework: {model: cooperative}}
"""
ALL = {"retries": RETRIES, "branches": BRANCHES, "users": USERS, "deadlock": DEADLOCK}


@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_the_page_is_rebuilt_byte_for_byte(text: str, tmp_path: Path):
    result = simsched.run(loads(text))
    folder = files.write_run(result, tmp_path, {result.name: dump(result.scenarios[0])})
    back = stored.read(folder)
    assert summary.to_json(back.result) == (folder / "summary.json").read_text()
    assert html.render(back.result, back.scenario_texts) == (folder / "report.html").read_text()


def test_a_page_is_rebuilt_with_the_library_beside_it(tmp_path: Path):
    folder = files.write_run(lecture(), tmp_path, {"lecture": dump(lecture_scenario())})
    page = files.rebuild(folder, stored.Stored(lecture(), {"scenario.yaml": ""}), "directory")
    assert '<script src="../../plotly.min.js">' in page.read_text()
    assert (tmp_path / "plotly.min.js").is_file()


def lecture_scenario():
    return simsched.load(Path(__file__).parents[2] / "scenarios" / "lecture.yaml")


def test_every_attempt_has_a_row_in_the_text_with_how_it_ended():
    text = terminal.render(document(simsched.run(loads(RETRIES))), 100, color=False)
    serial = text[text.rindex("\nserial ") : text.rindex("\nloop ")]
    assert serial.count("timed out") == 9
    assert serial.count(" page ") == 4


def test_what_is_done_after_the_client_gave_up_is_pale_and_says_so():
    data = timeline_figure(simsched.run(loads(RETRIES))).data
    (cpu,) = [trace for trace in data if trace["name"] == "CPU"]
    late = [told for told in cpu["hovertext"] if "the client had given up" in told]
    assert "request 2 (page) on serial, worker 1, attempt 1 of 3" in late[0]
    assert cpu["marker"]["opacity"].count(0.4) == len(late)
    (marks,) = [trace for trace in data if trace["name"] == "ended without an answer"]
    assert marks["hovertext"][0].startswith("<b>timed out</b> at 60 ms")


def test_branches_that_do_the_same_are_one_bar_that_counts_them():
    data = timeline_figure(simsched.run(loads(BRANCHES))).data
    (io,) = [trace for trace in data if trace["name"] == "I/O"]
    assert io["text"] == ["3 x I/O", "long"]
    assert len(set(io["y"])) == 2
    text = terminal.render(document(simsched.run(loads(BRANCHES))), 100, color=False)
    assert "x3" in text


def test_a_deadlock_is_explained_by_who_holds_and_who_waits_for_what():
    result = simsched.run(loads(DEADLOCK))
    assert verdict(result).headlines == ("framework answered none of its 3 requests.",)
    warning = (
        "framework: deadlock: 3 requests are stuck: request 1 holds session and waits for session; "
        "request 2 holds session and waits for session; request 3 holds nothing and waits for "
        "session"
    )
    assert result.warnings[-1] == warning
    assert warning in html.render(result, {"stuck": ""})
    assert f"Warning: {warning}" in terminal.render(document(result), 200, color=False).replace(
        "\n", " "
    )


def test_a_single_server_is_described_by_itself():
    result = load()
    (name, one), *_ = result.servers.items()
    alone = replace(result, servers={name: one}, comparisons=())
    (sentence,) = verdict(alone).headlines
    assert sentence.startswith("serial answers in ")
    assert "95 % within" in sentence
    assert sentence in terminal.render(document(alone), 200, color=False)
    assert markdown.render(document(alone)).count("answers in") == 1


def failing(share: float):
    """Return a load on two servers, of which the baseline leaves a *share* unanswered."""
    result = load(replications=8)
    serial = result.servers["serial"]
    estimates = {**serial.estimates, "failed_fraction": Estimate(share)}
    return replace(
        result, servers={**result.servers, "serial": replace(serial, estimates=estimates)}
    )


def test_response_times_have_no_best_where_servers_do_not_answer_the_same():
    mean = parse_metric("response_time_s.mean")
    assert best(failing(0.0), mean) == "cooperative"
    assert best(failing(0.3), mean) == "cooperative"
    assert "not answered" in terminal.render(document(failing(0.3)), 200, color=False)
    assert "not answered" not in terminal.render(document(failing(0.0)), 200, color=False)


OVERLOADED = """
name: over
requests: {page: [{cpu: 10ms}, {io: 20ms}]}
workload: {open: {rate: 60/s}, duration: 5s}
servers: {serial: {model: serial}}
run: {replications: 2}
"""


def test_a_single_server_that_cannot_keep_up_is_not_said_to_answer_no_request():
    (sentence,) = verdict(simsched.run(loads(OVERLOADED))).headlines
    assert re.fullmatch(r"serial cannot keep up with the load; it completes 3\d\.\d/s\.", sentence)


def test_the_warm_up_is_only_mentioned_where_there_is_one():
    result = replace(lecture(), comparisons=())
    one = result.servers["serial"]
    untold = one.estimates | {"response_time_s.mean": Estimate(None, reason="too few")}
    serial = replace(one, estimates=untold)
    alone = replace(result, servers={"serial": serial})
    assert verdict(alone).headlines == ("serial has no mean response time: too few.",)
    cut = replace(alone, servers={"serial": replace(serial, warmup=(Cut(10, 1, 0.1),))})
    assert verdict(cut).headlines == ("serial answered none of its requests after the warm-up.",)
