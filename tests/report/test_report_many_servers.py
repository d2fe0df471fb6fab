"""A run of many servers: ranked, turned, and in small multiples."""

from __future__ import annotations

import re
from functools import cache

import pytest

import simsched
from simsched.report import html
from simsched.report.html.answer import glances, objectives
from simsched.report.html.distribution import distribution_figures
from simsched.report.html.estimates import response_figure
from simsched.report.html.over_time import over_time_figure
from simsched.report.html.page import figures_of
from simsched.report.verdict import verdict
from simsched.scenario import dump, loads
from simsched.statistics.words.objectives import standing

COUNT = 8
SERVERS = ", ".join(f"s{n}: {{model: serial, workers: {n}}}" for n in range(1, COUNT + 1))
MANY = f"""
name: many
requests: {{page: [{{cpu: {{exponential: 5ms}}}}, {{io: {{exponential: 20ms}}}}]}}
workload: {{open: {{rate: 60/s}}, duration: 20s}}
servers: {{{SERVERS}}}
run: {{replications: 2, warmup: none, engine: simpy}}
slo: {{quick: response_time.p50 < 60 ms}}
"""


@cache
def many():
    return simsched.run(loads(MANY))


def test_servers_are_ranked_from_the_fastest_to_those_that_cannot_keep_up():
    figure = response_figure(many())
    names = figure.layout["yaxis"]["ticktext"]
    means = {name: one.value("response_time_s.mean") for name, one in many().servers.items()}
    known = [means[name] for name in names if means[name] is not None]
    assert known == sorted(known)
    assert names[-1] == "s1"  # 60 requests a second need 1.5 workers
    assert means["s1"] is None
    servers = [server for _, _, server, *_ in figure.layout["meta"]["rows"]]
    assert [list(many().servers)[at] for at in servers] == names


def test_the_table_is_turned_and_says_why_a_figure_is_missing():
    page = html.render(many(), {"many": MANY}, plotlyjs=html.PlotlyJs.CDN)
    turned = page.partition('<table class="servers">')[2].partition("</table>")[0]
    titles = re.findall(r'<th scope="col">(.*?)</th>', turned)
    assert titles[:2] == ["throughput", "response time, mean"]
    assert re.findall(r'<th scope="row"><bdi>(.*?)</bdi>', turned) == list(many().servers)
    first = turned.partition('data-server="0"')[2].partition("</tr>")[0]
    numbers = re.findall(r"<td>—<sup>(\d+)</sup></td>", first)
    assert len(numbers) == first.count("—") > 0
    notes = page.partition('<ol class="note">')[2].partition("</ol>")[0]
    assert len(re.findall("<li>", notes)) >= int(max(numbers))


def test_many_servers_are_ranked_and_the_foremost_is_compared_with_the_first():
    said = verdict(many())
    ranking, pair = said.headlines
    assert ranking.startswith("From fastest to slowest: ")
    assert " (each " in ranking
    foremost = many().ranking[0].server
    assert pair == f"{foremost} keeps up with the load, s1 cannot."
    assert len(said.pairs) == COUNT - 1


def test_lines_have_a_panel_for_each_server():
    for figure in (distribution_figures(many())[0], over_time_figure(many())):
        view = figure.views[0]
        drawn = [line["meta"] for line in view.data]
        assert [line["xaxis"] for line in view.data][:2] == ["x", "x2"]
        assert len({line["yaxis"] for line in view.data}) == len(drawn)
        assert view.layout["xaxis2"]["matches"] == "x"
        assert view.layout["yaxis2"]["matches"] == "y"
        titles = [each["text"] for each in view.layout["annotations"] if "name" in each]
        assert titles == [f"<b>s{at + 1}</b>" for at in drawn]


def test_the_grey_line_is_said_to_be_that_of_the_first_server_drawn():
    figures = figures_of(many())
    for name, server in (("distribution", "s2"), ("tail", "s2"), ("over-time", "s1")):
        assert figures[name].lede.endswith(f"The grey line is that of {server}.")
    assert "grey" not in figures["timeline"].lede


def test_each_figure_over_time_is_chosen_by_its_name():
    names = [view.name for view in over_time_figure(many()).views]
    assert names[0] == "requests in the system"
    assert "CPU utilisation (%)" in names


def test_objectives_of_many_servers_are_a_matrix_below_a_sentence():
    found = objectives(many())
    assert found.sentences == ("7 of 8 servers keep p50 < 60 ms; s1 does not.",)
    assert found.rows == ()  # eight judgements are read one by one
    more = loads(MANY, overrides=["slo.busy=cpu_utilisation < 99 %"])
    found = objectives(simsched.run(more))
    assert found.limits == ("p50 < 60 ms", "CPU utilisation < 99 %")
    assert [row.cells[0][0] for row in found.rows] == ["fail", *["pass"] * 7]


def test_pairs_of_many_servers_are_folded():
    page = html.render(many(), {"many": dump(many().scenarios[0])})
    assert "<summary>Each server beside the first</summary>" in page
    # Who keeps the objective, the ranking, and how the foremost compares.
    assert page.count('<p class="verdict">') == 3


def test_an_objective_of_a_stream_names_the_stream():
    scenario = loads("""
name: streams
requests: {page: [{cpu: 1ms}]}
workload:
  visitors: {open: {rate: 50/s}, duration: 2s}
  robots: {open: {rate: 10/s}, duration: 2s}
servers: {loop: {model: cooperative}, serial: {model: serial}}
slo: {quick: {limit: response_time.p50 < 100ms, stream: visitors}}
run: {replications: 2, warmup: none, engine: simpy}
""")
    assert objectives(simsched.run(scenario)).sentences == ("Both keep p50 of visitors < 100 ms.",)


@pytest.mark.parametrize(
    ("keep", "miss", "undecided", "servers", "text"),
    [
        (["a"], ["b"], [], 2, "a keeps X; b does not"),
        (["a", "b"], [], [], 2, "Both keep X"),
        (["a", "b", "c"], [], [], 3, "All 3 servers keep X"),
        ([], ["a", "b"], [], 2, "No server keeps X"),
        ([], ["a"], [], 1, "a does not keep X"),
        (["a"], [], [], 1, "a keeps X"),
        ([], [], ["a"], 1, "a may or may not keep X"),
        (["a"], ["b", "c"], ["d"], 4, "a keeps X; b and c do not; d may or may not"),
        (list("abcde"), ["f"], [], 6, "5 of 6 servers keep X; f does not"),
    ],
)
def test_who_keeps_an_objective_is_one_sentence(keep, miss, undecided, servers, text):
    assert standing("X", keep, miss, undecided, servers) == text


def test_a_small_run_has_a_small_timeline_of_each_server():
    scenario = loads("""
name: small
requests: {page: [{cpu: 10ms}, {io: 30ms}]}
workload: {schedule: [{at: 0ms, request: page}, {at: 0ms, request: page}]}
servers: {serial: {model: serial}}
run: {replications: 1}
""")
    (one,) = glances(simsched.run(scenario))
    assert [(p.activity, p.x, p.width) for p in one.pieces] == [
        ("cpu", 0, 125),
        ("io", 125, 375),
        ("queue", 0, 500),
        ("cpu", 500, 125),
        ("io", 625, 375),
    ]
    assert [p.y + p.height / 2 for p in one.pieces] == [5, 5, 15, 15, 15]
    assert one.height == 20
    assert all(not each.pieces for each in glances(many()))
