from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest
from report_results import MS, Story, lecture, load, trace_of

import simsched
from simsched.engine.trace import Status
from simsched.experiment.result import Result
from simsched.report import html
from simsched.report.html.completion_order import order_figure
from simsched.report.html.estimates import throughput_figure
from simsched.report.html.figure import embed
from simsched.report.html.palette import server_color, server_dash
from simsched.report.html.timeline import timeline_figure
from simsched.report.table import table
from simsched.report.verdict import best
from simsched.scenario import loads
from simsched.scenario.metrics import parse_metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.time_spent import lasted

TEXTS = {"lecture": "name: lecture\n"}


class Page(HTMLParser):
    """Collects the elements of a page and the text that a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.outside: list[str] = []
        self._hidden = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag != "bdi":  # it only keeps the direction of a name to the name
            self.tags.append(tag)
        self._hidden = tag if tag in {"script", "style"} else ""
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.outside += [v for n in ("src", "href") if (v := given.get(n)) and "//" in v]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # the parser names it
        self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def figures(source: str) -> dict[str, dict]:
    (found,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', source)
    return json.loads(found)["figures"]


def renamed(result: Result, name: str) -> Result:
    (first, one), *rest = result.servers.items()
    return replace(
        result,
        name=name,
        servers={name: replace(one, server=name), **dict(rest)},
        traces={name: result.traces[first], **{s: result.traces[s] for s, _ in rest}},
        warnings=(name,),
    )


def test_the_page_answers_who_wins_what_happened_and_how_to_repeat_it():
    text = Page(html.render(lecture(), TEXTS)).text
    assert "cooperative completes 27.8/s, serial 16.3/s: 70 % more." in text
    assert "cooperative answers in the order 1 3 2." in text
    assert "simsched run scenario.yaml" in text
    assert "name: lecture" in text


def test_the_page_needs_nothing_from_outside():
    page = Page(html.render(lecture(), TEXTS))
    assert page.outside == []
    assert page.tags.count("script") == 3
    assert "plotly.js (cartesian - minified) v" in html.render(lecture(), TEXTS)


def test_the_page_is_always_the_same():
    assert html.render(load(), TEXTS) == html.render(load(), TEXTS)


def test_ids_are_unique_and_every_figure_has_its_place():
    source = html.render(lecture(), TEXTS)
    ids = Page(source).ids
    assert len(ids) == len(set(ids))
    assert list(figures(source)) == [
        "throughput",
        "response-time",
        "timeline",
        "order",
        "over-time",
    ]
    assert set(figures(source)) <= set(ids)


@pytest.mark.parametrize("result", [lecture(), load()], ids=["lecture", "load"])
def test_every_figure_is_one_that_plotly_knows(result):
    for views in figures(html.render(result, TEXTS)).values():
        for view in views:
            go.Figure({"data": view["data"], "layout": view["layout"]})


@pytest.mark.parametrize("result", [lecture(), load()], ids=["lecture", "load"])
def test_ticks_have_no_prefix_before_the_unit_that_the_axis_names(result):
    layouts = [
        view["layout"] for views in figures(html.render(result, TEXTS)).values() for view in views
    ]
    axes = [axis for layout in layouts for name, axis in layout.items() if "axis" in name]
    own = {"tickvals", "tickformat"}
    numbered = [axis for axis in axes if not own & set(axis) and axis.get("visible", True)]
    assert numbered
    assert {axis.get("exponentformat") for axis in numbered} == {"none"}


def test_throughput_has_a_figure_of_intervals_where_there_are_servers_to_compare():
    result = load()
    figure = throughput_figure(result)
    (points,) = figure.data
    estimates = [one.estimates["throughput_per_s"] for one in result.servers.values()]
    assert points["x"] == [each.value for each in estimates]
    assert points["y"] == [0, 1]
    assert points["error_x"]["array"] == [each.high - each.value for each in estimates]
    assert points["error_x"]["arrayminus"] == [each.value - each.low for each in estimates]
    assert figure.layout["xaxis"]["title"]["text"] == "requests answered per second"
    assert not figure.layout["showlegend"]
    serial = {"serial": result.servers["serial"]}
    assert throughput_figure(replace(result, servers=serial)) is None


def test_a_strip_shows_how_long_requests_took_where_they_took_longest():
    result = load()
    first, slowest = timeline_figure(result).groups
    assert (first.name, first.first, first.last) == ("First 50", 0, 2)
    assert (slowest.name, slowest.first, slowest.heights) == ("Slowest", 3, ())
    lengths = [lasted(trace)[:60] for trace, *_ in result.traces.values()]
    longest = np.maximum(*lengths)
    assert first.heights == pytest.approx(longest / longest.max(), abs=5e-4)
    assert timeline_figure(lecture()).groups[0].heights == ()


def test_workers_of_a_long_run_are_said_to_be_drawn_for_stored_requests_alone():
    assert timeline_figure(load()).lede == (
        "The first replication. Workers are drawn as busy with stored requests only."
    )
    assert "Workers" not in timeline_figure(lecture()).lede


def test_the_timeline_ends_with_the_last_that_ends_though_others_never_do():
    stories = (Story(0, "c10"), Story(1, "q900", status=Status.UNFINISHED), Story(2, "c18"))
    figure = timeline_figure(replace(lecture(), traces={"serial": (trace_of(stories),)}))
    (ends,) = [trace for trace in figure.data if trace["name"] == "answered"]
    assert figure.layout["xaxis"]["range"] == [0, 20]
    assert figure.layout["xaxis"]["title"]["text"] == "simulated time (ms)"
    assert ends["x"] == [10, 20, 20]
    assert ends["text"] == [" at 10 ms", " unfinished", " at 20 ms"]
    assert "range" not in timeline_figure(lecture()).layout["xaxis"]


def test_the_timeline_reads_1_3_2():
    data = timeline_figure(lecture()).data
    ends: dict[int, float] = {}
    for trace in data:
        if "customdata" in trace:
            for start, length, (request, server) in zip(
                trace["base"], trace["x"], trace["customdata"], strict=True
            ):
                if server == "cooperative":
                    ends[request] = max(ends.get(request, 0), start + length)
    assert sorted(ends, key=ends.__getitem__) == [1, 3, 2]
    assert ends == {1: 94, 2: 108, 3: 98}


def test_a_bar_shows_phase_length_instants_and_worker():
    (cpu,) = [trace for trace in timeline_figure(lecture()).data if trace["name"] == "CPU"]
    assert cpu["hovertext"][2] == (
        "<b>CPU: framework</b> for 10 ms<br>75 ms to 85 ms<br>request 1 (page) on serial, worker 1"
    )


def test_a_bar_of_a_call_says_how_long_that_was_in_the_queue_of_its_service():
    scenario = loads("""
name: calls
services: {db: {model: serial}}
requests: {page: [{call: db, phases: [{cpu: 2ms}, {io: 1ms}], network: 0.5ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers: {loop: {model: cooperative}}
run: {engine: simpy}
""")
    found = [each for each in timeline_figure(simsched.run(scenario)).data if "hovertext" in each]
    stays = [words.split("<br>")[3] for each in found[:1] for words in each["hovertext"]]
    assert stays == ["served in 3 ms", "3 ms in its queue, served in 3 ms"]


def test_a_bar_of_a_call_names_its_service():
    scenario = loads("""
name: calls
services: {"a<b": {model: serial}}
requests: {page: [{call: "a<b", phases: [{cpu: 2ms}]}, {io: 1ms, label: "a<b"}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {serial: {model: serial}}
run: {engine: simpy}
""")
    found = [each for each in timeline_figure(simsched.run(scenario)).data if "hovertext" in each]
    firsts = [words.split("<br>")[0] for each in found for words in each["hovertext"]]
    assert firsts == [
        "<b>call of a&lt;b</b> for 2 ms",
        "<b>I/O: a&lt;b</b> for 1 ms",
        "<b>request 1</b>: call of a&lt;b for 2 ms",
        "<b>request 1</b>: I/O for 1 ms",
    ]


def test_the_timeline_says_how_a_lost_request_ended():
    traces = {"serial": (trace_of((Story(0, "c1"), Story(1, "", status=Status.REFUSED))),)}
    (ends,) = [
        trace
        for trace in timeline_figure(replace(lecture(), traces=traces)).data
        if trace["name"] == "answered"
    ]
    assert ends["text"] == [" at 1 ms", " refused"]


def test_overtaking_lines_differ_from_the_others():
    figure = order_figure(lecture())
    assert figure is not None
    lines = [trace for trace in figure.data if trace["xaxis"] == "x2"]
    assert [line["y"] for line in lines] == [[1, 1], [3, 2], [2, 3]]
    assert [line["line"]["width"] for line in lines] == [1.5, 3, 1.5]
    assert lines[1]["hovertext"] == "request 3: arrived 3rd, answered 2nd (1 earlier)"


def test_a_long_run_has_no_slope_chart():
    assert order_figure(load()) is None


def test_the_table_marks_the_best_and_shows_the_change():
    (throughput, *_) = table(lecture())
    assert [cell.text for cell in throughput.cells] == ["16.3/s", "27.8/s"]
    assert [cell.is_best for cell in throughput.cells] == [False, True]
    assert [cell.note for cell in throughput.cells] == ["", "70 % more"]


@pytest.mark.parametrize(
    ("workload", "marked"),
    [
        ("{schedule: [{at: 0ms, request: page, times: 50}]}", True),
        ("{open: {rate: 20/s}, duration: 5s}", False),
    ],
)
def test_a_single_run_marks_a_best_only_where_nothing_is_left_to_chance(workload, marked):
    text = f"""
name: single
requests: {{page: [{{cpu: 10ms}}, {{io: 30ms}}]}}
workload: {workload}
servers: {{serial: {{model: serial}}, loop: {{model: cooperative}}}}
run: {{replications: 1, warmup: none}}
"""
    rows = table(simsched.run(loads(text)))
    assert any(cell.is_best for row in rows for cell in row.cells) == marked


def test_a_missing_figure_says_why():
    result = lecture()
    one = result.servers["serial"]
    estimates = dict(one.estimates) | {"slowdown": Estimate(None, reason="nothing completed")}
    shown = replace(result, servers={"serial": replace(one, estimates=estimates)})
    (row,) = [row for row in table(shown) if row.title == "slowdown"]
    assert (row.cells[0].text, row.cells[0].reason) == ("—", "nothing completed")


def test_quantiles_that_need_more_requests_than_there_are_share_a_row():
    result = lecture()
    one = result.servers["serial"]
    needs = {"p90": "50", "p95": "100", "p99": "500"}
    estimates = dict(one.estimates) | {
        f"response_time_s.{name}": Estimate(None, reason=f"{name} needs {many}; there are 3")
        for name, many in needs.items()
    }
    shown = replace(result, servers={"serial": replace(one, estimates=estimates)})
    (row,) = [row for row in table(shown) if row.reason]
    assert (row.title, row.reason) == ("p90; p95; p99", "p90 needs 50; there are 3")


def test_who_wins_stands_out_and_the_rest_of_the_verdict_does_not():
    told = replace(lecture(), verdicts=("cooperative answers 1.7 times faster", "By class, more"))
    page = html.render(told, TEXTS)
    assert page.count('<p class="verdict">') == 1
    assert '<p class="verdict">cooperative answers 1.7 times faster.</p>' in page
    assert '<p class="more">By class, more.</p>' in page


def test_no_best_is_marked_where_the_evidence_sets_none_apart():
    result = load()
    unclear = tuple(replace(one, difference=Estimate(1.0, -1.0, 3.0)) for one in result.comparisons)
    shown = replace(result, comparisons=unclear)
    assert best(result, parse_metric("throughput_per_s")) is None
    assert best(result, parse_metric("response_time_s.mean")) is None
    assert best(load(replications=8), parse_metric("response_time_s.mean")) == "cooperative"
    assert "no clear difference" in Page(html.render(shown, TEXTS)).text


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\"'`&lt;{{ 7 * 7 }}{% raw %}",
    "x" * 500,
    "🚀 שלום \u202egnirts",
    "<b>bold</b><br>$x^2$",
    "\u2028\u2029\x00\x1b[1m",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_adds_no_element(name):
    plain = Page(html.render(renamed(lecture(), "plain"), TEXTS))
    source = html.render(renamed(lecture(), name), {name: f"name: {name}\n"})
    page = Page(source)
    assert page.tags == plain.tags
    assert " ".join(name.split()).replace("\x00", "") in page.text.replace("\ufffd", "")
    for view, *_ in figures(source).values():
        go.Figure({"data": view["data"], "layout": view["layout"]})


def test_plotly_is_given_names_as_text():
    (heading, _) = timeline_figure(renamed(lecture(), "<b>x</b>%{y}")).layout["annotations"]
    assert heading["text"] == "<b>&lt;b&gt;x&lt;/b&gt;&#37;{y}</b>"


def test_of_36_servers_no_two_are_drawn_alike():
    assert len({(server_color(each), server_dash(each)) for each in range(36)}) == 36


def test_embedded_json_cannot_end_its_script():
    text = embed({"a": "</script><!--\u2028&"})
    assert not set("<\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028&"}


def test_the_unit_of_the_timeline_suits_its_length():
    traces = {"serial": (trace_of((Story(0, f"c{5_000}"),)),)}
    figure = timeline_figure(replace(lecture(), traces=traces))
    assert figure.layout["xaxis"]["title"]["text"] == "simulated time (s)"
    assert figure.data[0]["x"] == [5_000 * MS / 1e9]


def test_the_list_of_classes_cuts_long_names():
    page = html.render(of_classes("x" * 500, "ping"), TEXTS)
    options = re.findall(r"<option>(.*?)</option>", page)
    assert options == ["all", "x" * 39 + "…", "ping"] * 2


def of_classes(*kinds: str) -> Result:
    """Return a run of two servers with 30 requests of each of *kinds*."""
    stories = [Story(n * 20, f"c{n % 7 + 1}", kind) for n in range(30) for kind in kinds]
    traces = (trace_of(stories, stored=0),)
    return replace(lecture(), traces=dict.fromkeys(lecture().traces, traces))
