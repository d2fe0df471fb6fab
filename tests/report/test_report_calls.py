"""Calls in the queue of their service, and last waits that never end, as they are drawn."""

from __future__ import annotations

from pathlib import Path

import simsched
from simsched.report import terminal
from simsched.report.calls import Call, in_queue
from simsched.report.html.timeline import played
from simsched.report.run_document import document
from simsched.scenario import loads

SCENARIOS = Path(__file__).parents[2] / "scenarios"

CALLS = """
name: calls
requests:
  page: [{cpu: 5ms}, {call: db, phases: [{cpu: 10ms}], network: 5ms}]
services: {db: {model: serial}}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers: {app: {model: cooperative}}
"""


def timeline(scenario: simsched.Scenario) -> list[str]:
    """Return the rows of the text timeline, without the names and the times."""
    text = terminal.render(document(simsched.run(scenario)), 80, color=False)
    return text[text.index("response\n") :].splitlines()[1:]


def test_the_text_draws_the_queue_of_a_service():
    # of the second request: queue until 5 ms, CPU until 10, there at 15, taken at 20, back at 35
    first, second, *_ = timeline(loads(CALLS))
    assert first.startswith("1 page  ███████──────────────────────────────  ")
    assert second.startswith("2 page  ·······████████───────········──────────────────────  ")


def test_a_request_that_waits_at_a_service_when_the_run_ends_is_in_its_queue():
    text = CALLS.replace("times: 2}]", "times: 2}], duration: 18ms")
    *_, second = timeline(loads(text))[:2]
    assert second.rstrip().endswith("unfinished")
    assert second.split("  unfinished")[0].rstrip()[-1] == "·"


def test_what_no_copy_waits_for_is_no_queue():
    answered = Call(10, 30, 40, 45)
    assert in_queue([answered], 5, 45) == ((10, 30),)
    assert in_queue([Call(10, 10, 40, 45)], 5, 45) == ()
    hedge = Call(20, 25, 50, None)
    assert in_queue([Call(10, 12, 40, 45), hedge], 5, 45) == ((10, 12),)
    retried = Call(10, 20, 22, None)
    assert in_queue([retried, answered], 5, 45) == ((10, 30),)


def test_only_what_is_between_two_instants_counts():
    waiting = Call(10, 30, 40, None)
    assert in_queue([waiting], 15, 20) == ((15, 20),)
    assert in_queue([waiting], 31, 40) == ()
    assert in_queue([Call(10, 12, 14, 20)], 20, 30) == ()  # the call before this one


def test_a_player_knows_who_is_in_the_queue_of_a_service():
    (window,) = played(simsched.run(loads(CALLS)))
    assert window is not None
    (server,) = window["servers"]
    ms = 1_000_000
    assert server["services"] == ["db"]
    assert server["calls"] == [
        [0, 1, 10 * ms, 10 * ms, 20 * ms],
        [0, 2, 15 * ms, 20 * ms, 30 * ms],
    ]


def test_the_text_draws_the_last_wait_of_a_deadlock():
    rows = timeline(simsched.load(SCENARIOS / "deadlock.yaml"))[:11]
    assert all("─╌╌" in row and row.endswith("  for ever: threads") for row in rows[:10])
    assert rows[10].endswith(" for ever: connecti…")
    bars = [row[11:-20] for row in rows]
    assert {len(bar.rstrip()) for bar in bars} == {len(bars[0])}  # to the end of the axis
