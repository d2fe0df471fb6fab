"""A run in which no request is answered: the text says so once, and no figure pretends."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import simsched
from simsched.report import terminal
from simsched.report.html.timeline import timeline_figure
from simsched.report.run_document import document, rows
from simsched.report.table import footnotes, parts, table
from simsched.report.verdict import verdict
from simsched.statistics.measurement import NOTHING_COMPLETED

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@cache
def deadlock() -> simsched.Result:
    return simsched.run(SCENARIOS / "deadlock.yaml")


def test_the_verdict_says_that_no_request_was_answered():
    assert verdict(deadlock()).headlines == ("framework answered none of its 11 requests.",)
    assert deadlock().warnings[-1].startswith("framework: deadlock: ")


def test_the_terminal_has_no_row_of_nothing():
    titles = [row[0] for row in rows(deadlock())]
    assert titles == [
        *("", "throughput", "CPU utilisation"),
        *("threads in use", "connections in use", "unfinished"),
    ]
    assert "—" not in terminal.render(document(deadlock()), 200, color=False)


def test_the_page_says_once_that_none_finished():
    shown = {row.reason: row.title for row in table(deadlock())}
    assert shown[NOTHING_COMPLETED].startswith("response time, mean; p50; p90")
    assert shown["some wait for ever: deadlock"] == "wait for threads; wait for connections"
    assert footnotes(table(deadlock())) == {}
    (around,) = (part for part in parts(deadlock()) if part.name == "around")
    assert [row.reason for row in around.rows] == [NOTHING_COMPLETED]


def test_the_last_wait_has_a_width_and_words():
    (view,) = timeline_figure(deadlock()).views
    (fatal,) = [trace for trace in view.data if trace["name"] == "waits for ever"]
    assert fatal["base"] == [21] * 11
    assert fatal["x"] == pytest.approx([4.2] * 11)  # a fifth of what comes before
    assert fatal["hovertext"][0] == (
        "<b>from 21 ms on, for ever</b><br>"
        "request 1 holds threads and connections and waits for threads"
    )
    assert view.layout["xaxis"]["range"] == pytest.approx([0, 25.2])
    (texts,) = [trace for trace in view.data if trace["name"] == "answered"]
    assert texts["x"] == pytest.approx([25.2] * 11)
    assert texts["text"][0] == " for ever: threads"
    assert texts["text"][-1] == " for ever: connections"
