"""Which part of a run each figure of the page is of, and which servers it leaves out."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

import simsched
from simsched.report import html
from simsched.report.html.completion_order import displacement_figure
from simsched.report.html.distribution import distribution_figures
from simsched.report.html.palette import server_color, server_dash
from simsched.report.html.time_spent import time_spent_figure
from simsched.report.scope import throughput, windows
from simsched.report.table import theory
from simsched.scenario import loads
from simsched.scenario.number_format import show_value
from simsched.statistics.figures import MAXIMUM

STORM = """
name: storm
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 60/s}, duration: 24s}
events: [{at: 2s, for: 4s, arrivals: 3}]
client: {timeout: 500ms, retries: {max: 3, backoff: {initial: 50ms}}}
servers:
  naive: {model: serial}
  patient: {model: serial, workers: 6, cores: 6, dispatch: random}
run: {replications: 2, warmup: 12s}
"""

CALM = """
name: calm
requests: {page: [{cpu: 1ms}, {io: 10ms}], export: [{io: 2s}]}
workload: {open: {rate: 60/s}, duration: 10s, mix: {page: 9, export: 1}}
servers: {loop: {model: cooperative}, serial: {model: serial, workers: 20}}
run: {replications: 1, warmup: none}
"""

ONE_OVERTAKEN = """
name: overtaken
requests: {page: [{io: 10ms}], export: [{io: 2s}]}
workload:
  schedule:
    - {at: 0ms, request: export}
    - {at: 1ms, request: page, times: 9}
servers: {loop: {model: cooperative}}
"""

FORKED = """
name: forked
requests: {page: [{parallel: [[{io: 10ms}], [{io: 10ms}]]}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {loop: {model: cooperative}, serial: {model: serial}}
"""


@cache
def storm() -> simsched.Result:
    return simsched.run(loads(STORM))


def page() -> str:
    return html.render(storm(), {"storm": STORM}, plotlyjs=html.PlotlyJs.CDN)


def test_places_are_of_the_same_requests_as_the_order_in_the_table():
    """The server with six workers moves no request as far after the warm-up as in the overload."""
    figure = displacement_figure(storm())
    assert figure is not None
    line = figure.data[-1]
    drawn = [x for x, y in zip(line["x"], line["y"], strict=True) if y]
    most = storm().servers["patient"].estimates["order.largest_displacement"]
    assert most.reason == MAXIMUM
    assert max(map(abs, drawn)) <= (most.value or 0) + 1
    whole = max(
        np.abs(np.argsort(np.argsort(t.requests.finish_ns)) - np.arange(len(t.requests))).max()
        for t in storm().traces["patient"]
    )
    assert max(map(abs, drawn)) < whole


def test_servers_keep_their_colour_though_another_is_left_out():
    (line,) = displacement_figure(storm()).data
    assert line["name"] == "patient"
    assert line["line"]["color"] == server_color(1)
    assert line["line"]["dash"] == server_dash(1)


def test_places_of_all_servers_have_the_same_steps_and_kept_places_are_exact():
    calm = simsched.run(loads(CALM))
    figure = displacement_figure(calm)
    assert figure.layout["xaxis"]["exponentformat"] == "none"
    assert figure.layout["yaxis"]["exponentformat"] == "none"
    loop, serial = (line["x"] for line in figure.data)
    assert loop == serial
    assert loop[1] - loop[0] > 1
    (window,) = windows(calm, "loop")
    places = np.argsort(np.argsort(window.finish_ns))
    kept = show_value(float(np.mean(places == np.arange(len(places)))), "share")
    assert f"On loop {kept} of requests kept their place" in figure.alt


def test_a_bin_between_empty_ones_is_as_wide_as_any_other():
    """The one export of ten is overtaken by all, and stands alone in its bin."""
    alone = simsched.run(loads(ONE_OVERTAKEN))
    (line,) = displacement_figure(alone).data
    points = list(zip(line["x"], line["y"], line["hovertext"], strict=True))
    filled = [point for point in points if point[1] is not None]
    assert filled == [
        (-1.5, 90.0, "<b>loop</b><br>90.0 % finished 1 place earlier"),
        (-0.5, 90.0, "<b>loop</b><br>90.0 % finished 1 place earlier"),
        (8.5, 10.0, "<b>loop</b><br>10.0 % finished 9 places later"),
        (9.5, 10.0, "<b>loop</b><br>10.0 % finished 9 places later"),
    ]


@pytest.mark.parametrize("title", ["throughput", "response-time", "distribution", "time-spent"])
def test_a_caption_says_that_figures_leave_out_the_warm_up(title):
    section = page().partition(f'id="{title}-title"')[2].partition("</section>")[0]
    assert "All replications, after the warm-up." in section


@pytest.mark.parametrize("title", ["timeline", "over-time"])
def test_a_caption_says_that_what_happened_is_of_one_replication(title):
    section = page().partition(f'id="{title}-title"')[2].partition("</section>")[0]
    assert "The first replication." in section


def test_the_page_says_what_its_figures_leave_out_and_what_its_numbers_do_not():
    text = re.sub(r"\s+", " ", page())
    assert "figures leave out a warm-up of 12 s" in text
    assert "Figures leave out a warm-up of 12 s. Numbers of requests are of the whole run." in text


def test_a_server_that_answers_no_request_is_not_left_out_without_a_word():
    for figure in distribution_figures(storm()):
        assert "Not drawn: naive, which answered no request after the warm-up." in figure.lede
        assert len(figure.data) == 1


def test_the_distribution_of_some_requests_does_not_pass_for_that_of_all():
    lossy = loads(STORM, overrides=["run.warmup=0s", "client={timeout: 30ms}"])
    for figure in distribution_figures(simsched.run(lossy)):
        assert figure.title.startswith("Response time of answered requests: ")
        assert re.search(
            r"Answered requests only: naive leaves \d\d % without an answer", figure.lede
        )
        assert "percentile" not in figure.lede


def test_of_all_requests_any_percentile_can_be_read_off():
    share, _ = distribution_figures(simsched.run(loads(CALM)))
    assert share.title == "Response time: share answered in time"
    assert "Any percentile can be read off" in share.lede
    assert "answered requests alone" not in share.lede


def test_the_tail_is_held_to_the_longest_of_all():
    """Three of ten exports of 2 s leave one plateau, from 10 ms on."""
    two_lengths = loads(
        ONE_OVERTAKEN, overrides=["workload.schedule[0].times=6", "workload.schedule[1].times=14"]
    )
    _, tail = distribution_figures(simsched.run(two_lengths))
    (line,) = tail.views[0].data
    assert line["x"] == [0, *[0.01] * 14, 2]
    assert line["y"] == pytest.approx([1, *[0.3] * 15])
    assert line["hovertext"][-2:] == [
        "30 % take longer than 10.0 ms",
        "none takes longer than 2.00 s",
    ]
    assert line["hovertemplate"] == "<b>loop</b>: %{hovertext}<extra></extra>"


def test_a_server_that_cannot_keep_up_has_no_distribution():
    over = simsched.run(loads(CALM, overrides=["servers.serial.workers=1"]))
    for figure in distribution_figures(over):
        assert [line["name"] for line in figure.data] == ["loop"]
        assert "Not drawn: serial, which cannot keep up with the load." in figure.lede


def test_times_of_branches_that_overlap_do_not_pass_for_the_response_time():
    """The loop answers in 10 ms what the worker, branch by branch, takes 20 ms for."""
    figure = time_spent_figure(simsched.run(loads(FORKED)))
    assert [bar["x"] for bar in figure.data] == [[20, 20]]
    assert figure.lede == (
        "Branches of a request overlap on loop: a bar is the time of all branches together, "
        "which is more than the response time."
    )


def test_without_branches_times_add_up_to_the_response_time():
    assert "Branches" not in time_spent_figure(simsched.run(loads(ONE_OVERTAKEN))).lede


def test_a_run_that_is_covered_whole_needs_no_caption():
    simple = simsched.run(
        loads(STORM, overrides=["run.replications=1", "run.warmup=0s", "events=[]"])
    )
    shown = html.render(simple, {"storm": STORM}, plotlyjs=html.PlotlyJs.CDN)
    assert "warm-up" not in shown.partition('id="repeat"')[0]
    assert "All replications" not in shown


LATE = """
name: late
requests: {page: [{cpu: 10ms}], slow: [{io: 11s}]}
workload: {schedule: [{at: 1h, request: page, times: 9}, {at: 3609s, request: slow}]}
servers: {one: {model: serial}}
"""


def throughput_of(text, server="one"):
    result = simsched.run(loads(text))
    return result.servers[server].estimates["throughput_per_s"].value, throughput(result)


def test_a_schedule_completes_its_requests_from_the_first_arrival_to_the_last_answer():
    value, note = throughput_of(LATE)
    assert value == pytest.approx(10 / 20)
    assert note == "throughput is over the time from the first arrival to the last answer"


def test_its_bound_begins_with_the_first_arrival_too():
    bounds = [row for row in theory(simsched.run(loads(LATE))) if row.metric == "throughput"]
    assert [(row.formula, row.note) for row in bounds] == [("at most 0.5000/s", "")]


def test_what_is_done_for_clients_that_gave_up_takes_no_time_of_others():
    text = LATE.replace("servers:", "client: {timeout: 2s}\nservers:")
    value, note = throughput_of(text)
    assert value == pytest.approx(9 / 11)
    assert note.endswith("from the first arrival to the end of the last request")


OPEN = """
name: ten
requests: {page: [{cpu: 10ms}], slow: [{io: 11s}]}
workload: {open: {rate: 10/s, arrivals: constant}, requests: 100, mix: {page: 50, slow: 1}}
servers: {one: {model: cooperative}, two: {model: cooperative}}
run: {warmup: none}
"""


def test_a_throughput_below_the_rate_has_a_note_on_its_time():
    value, note = throughput_of(OPEN)
    length_s = 100 / value  # the mean of ten replications
    assert 11 < length_s < 21
    assert note == "throughput is over the time from time 0 to the last answer"
    assert throughput_of(OPEN.replace("slow: 1}", "slow: 0.000001}"))[1] == ""


def test_a_run_of_a_given_length_needs_no_note():
    value, note = throughput_of(OPEN.replace("requests: 100", "duration: 10s"))
    assert value < 10
    assert note == ""


def test_utilisation_is_of_cores_that_are_down_too():
    text = """
name: down
requests: {page: [{cpu: 10ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 150}]}
servers: {one: {model: serial, workers: 2}}
events: [{at: 0s, for: 500ms, server: one, worker: 1, down: true}]
"""
    used = simsched.run(loads(text)).servers["one"].estimates["cpu_utilisation"].value
    assert used == pytest.approx(0.75)
