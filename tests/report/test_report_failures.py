"""Requests that fail: what the terminal, the page, the files and the exports show of them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import simsched
from simsched.engine import Status
from simsched.experiment.stored_traces import traces
from simsched.experiment.tables import requests_table, resources_table, segments_table
from simsched.experiment.untrusted import DamagedError
from simsched.report import contents, export, files, html, markdown, run_document, stored, summary
from simsched.scenario import loads

FAILING = """
name: failing
requests: {page: [{hold: db, phases: [{io: 2s}]}]}
resources: {db: {capacity: 2, acquire_timeout: 5s}}
workload: {schedule: [{at: 0s, request: page, times: 12}]}
servers: {app: {model: cooperative}}
"""


@pytest.fixture(scope="module")
def result():
    return simsched.run(loads(FAILING))


def test_the_terminal_counts_failed_requests_and_marks_them_in_the_timeline(result):
    text = markdown.render(run_document.document(result))
    assert "failed" in text
    assert "50 % of the requests got no answer" in " ".join(text.split())


def test_a_quantile_that_one_of_two_servers_lacks_is_explained():
    changes = [
        "workload.schedule[0].times=120",
        "resources.db.per=worker",
        "servers.wide={model: cooperative, workers: 60, dispatch: round_robin}",
    ]
    remarks = run_document.remarks(simsched.run(loads(FAILING, overrides=changes)))
    assert "app: p95 needs at least 100 completed requests; there are 6" in remarks


def test_the_summary_counts_them(result):
    found = json.loads(summary.to_json(result))["servers"]["app"]
    assert found["requests"] == {"completed": 6, "failed": 6}
    assert found["failed_fraction"]["value"] == 0.5


def test_they_are_read_back_as_they_were(result, tmp_path):
    folder = files.write_run(result, tmp_path, contents.scenario_texts(result.scenarios))
    back = stored.read(folder)
    (trace,) = back.result.traces["app"]
    assert (trace.status == Status.FAILED).sum() == 6
    assert trace.resources == result.traces["app"][0].resources
    page = html.render(back.result, back.scenario_texts, plotlyjs=html.PlotlyJs.DIRECTORY)
    assert "failed" in page
    for kind in export.FORMATS.values():
        assert kind.render(back.result)


def test_a_failed_request_that_was_never_started_is_damage(result):
    (trace,) = result.traces["app"]
    missing = np.iinfo(np.int64).min
    failed = trace.status == Status.FAILED
    never = replace(trace, start_ns=np.where(failed, missing, trace.start_ns))
    damaged = replace(result, traces={"app": (never,)})
    tables = (requests_table(damaged), segments_table(damaged), resources_table(damaged))
    with pytest.raises(DamagedError, match="a completed or failed request was never started"):
        traces(*tables)


ANSWERED = """
name: answered
requests: {page: [{cpu: 2ms}, {respond: true}, {io: 3ms}, {cpu: 4ms}]}
workload: {schedule: [{at: 0s, request: page, times: 3}]}
servers: {app: {model: serial}}
"""


def test_work_after_the_answer_is_read_back_and_shown(tmp_path):
    result = simsched.run(loads(ANSWERED))
    folder = files.write_run(result, tmp_path, contents.scenario_texts(result.scenarios))
    back = stored.read(folder)
    (trace,) = back.result.traces["app"]
    assert (trace.status == Status.COMPLETED).all()
    assert trace.late_cpu_ns.tolist() == [4_000_000] * 3
    segments = trace.segments
    assert segments.finish_ns.max() == 27_000_000  # three times 9 ms, one after the other
    assert html.render(back.result, back.scenario_texts, plotlyjs=html.PlotlyJs.DIRECTORY)
    for kind in export.FORMATS.values():
        assert kind.render(back.result)
    assert (
        json.loads(summary.to_json(result))["servers"]["app"]["cpu_utilisation"]["value"] == 2 / 3
    )
