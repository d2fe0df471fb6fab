"""A run in which no request is answered: the text says so once, and no figure pretends."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import simsched
from simsched.report import terminal
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
