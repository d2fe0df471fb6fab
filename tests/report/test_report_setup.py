"""What the page says of a server below its name."""

from __future__ import annotations

import pytest

import simsched
from simsched.report import html
from simsched.report.html.page import in_words
from simsched.scenario import loads

BASE = """
name: few
requests: {page: [{cpu: 2ms}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {one: %s, serial: {model: serial}}
"""


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("{model: serial}", "serial"),
        ("{model: serial, workers: 4, discipline: lifo}", "serial, 4 workers, discipline lifo"),
        ("{model: threaded, interpreter_lock: false}", "threaded, no interpreter lock"),
        ("{model: threaded, threads: 40}", "threaded, 40 threads"),
        (
            "{model: cooperative, overhead: {request: 1ms, switch: 20us}, backlog: 9}",
            "cooperative, overhead (request 1ms, switch 20us), backlog 9",
        ),
    ],
)
def test_a_server_is_its_model_and_what_is_not_as_usual(server, words):
    scenario = loads(BASE % server)
    assert in_words(scenario.servers["one"]) == words
    page = html.render(simsched.run(scenario), {"few": ""}, plotlyjs=html.PlotlyJs.CDN)
    assert f"<small>{words}</small></th>" in page
    assert "<small>serial</small></th>" not in page.replace(f"<small>{words}</small></th>", "")
