from __future__ import annotations

from pathlib import Path

import pytest

import simsched
from simsched.report import html
from simsched.report.html.answer import glances
from simsched.scenario import loads

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"
POOL = """
name: pool
requests: {page: [{io: 5ms, on: database}]}
resources: {database: {capacity: 1}}
workload: {schedule: [{at: 0ms, request: page, times: 4}]}
servers: {loop: {model: cooperative}}
slo: {quick: {limit: response_time.max < 1s}}
"""
FORK = "{parallel: [[{io: 5ms}], [{io: 5ms}]]}"


def test_the_lecture_is_answered_in_two_orders_and_waits_in_two_places():
    found = [(each.server, each.order, each.waits) for each in glances(simsched.run(LECTURE))]
    assert found == [
        ("serial", (1, 2, 3), "mostly waiting in the queue: 54.3 ms of 116 ms on average"),
        ("cooperative", (1, 3, 2), "mostly I/O: 38.7 ms of 69.3 ms on average"),
    ]


def test_an_only_resource_is_named():
    (one,) = glances(simsched.run(loads(POOL)))
    assert one.waits == "mostly waiting for a slot of database: 7.50 ms of 12.5 ms on average"


def test_nothing_is_said_of_branches_whose_times_add_up_to_more():
    (one,) = glances(simsched.run(loads(POOL.replace("{io: 5ms, on: database}", FORK))))
    assert one.waits == ""


def test_servers_that_answer_nothing_have_a_small_timeline():
    never = loads(POOL.replace("slo:", "client: {timeout: 1ms}\nslo:"))
    (one,) = glances(simsched.run(never))
    assert (one.order, one.waits) == ((), "")
    assert [each.activity for each in one.pieces][:2] == ["io", "io"]


def test_the_last_waits_of_a_deadlock_have_width():
    (one,) = glances(simsched.run(LECTURE.with_name("deadlock.yaml")))
    ends = [each.x + each.width for each in one.pieces if each.activity == "io_wait"]
    assert len(ends) >= 11
    assert ends[-1] == pytest.approx(1000, abs=0.2)


def test_a_server_without_anything_to_show_is_left_out_and_the_others_keep_their_place():
    late = POOL.replace("times: 4", "times: 13").replace("slo:", "client: {timeout: 6ms}\nslo:")
    servers = "{none: {model: cooperative, overhead: {request: 9ms}}, loop: {model: cooperative}}"
    text = late.replace("{loop: {model: cooperative}}", servers)
    result = simsched.run(loads(text))
    assert [(each.server, each.position) for each in glances(result)] == [("loop", 1)]
    page = html.render(result, {"pool": text}, plotlyjs=html.PlotlyJs.CDN)
    assert '<li data-server="1"><bdi>loop</bdi>' in page


def test_a_long_order_and_many_servers_are_left_to_the_figures():
    (one,) = glances(simsched.run(loads(POOL.replace("times: 4", "times: 13"))))
    assert one.order == ()
    many = ", ".join(f"s{n}: {{model: serial}}" for n in range(5))
    assert glances(simsched.run(loads(POOL.replace("loop: {model: cooperative}", many)))) == ()


def test_objectives_come_first_in_the_verdict():
    result = simsched.run(loads(POOL))
    page = html.render(result, {"pool": POOL}, plotlyjs=html.PlotlyJs.CDN)
    first = page.index('<p class="verdict">')
    assert page[first:].startswith('<p class="verdict">loop keeps ')
    assert first < page.index('<ul class="objectives">') < page.index('class="glances"')
