"""The use of resources over time, on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

import simsched
from simsched.report.html.over_time import over_time_figure
from simsched.scenario import loads

POOL = """
name: pool
requests: {page: [{io: 10ms, on: pool}, {io: 5ms, on: <b>mail</b>}]}
resources: {pool: {capacity: 2}, <b>mail</b>: {capacity: 9}}
workload: {schedule: [{at: 0ms, request: page, times: 3}]}
servers: {loop: {model: cooperative}, serial: {model: serial}}
"""
LONG = ["workload.schedule[0].times=400"]


def drawn(overrides=(), result=None):
    """Return the figure, and each panel's lines by its title."""
    figure = over_time_figure(result or simsched.run(loads(POOL, overrides=overrides)))
    assert figure is not None
    titles = [note["text"][3:-4] for note in figure.layout["annotations"]]
    axes = {f"y{n}" if n > 1 else "y": title for n, title in enumerate(titles, start=1)}
    lines: dict[str, list] = {title: [] for title in titles}
    for line in figure.data:
        lines[axes[line["yaxis"]]].append(line)
    return figure, lines


def test_a_short_run_shows_every_slot_that_is_taken_and_everyone_who_waits():
    _, lines = drawn()
    loop, serial = lines["pool: slots in use (of 2)"]
    assert (loop["x"], loop["y"]) == ([0, 10, 20, 25], [2, 1, 0, 0])
    assert (serial["x"], serial["y"]) == (
        [0, 10, 15, 25, 30, 40, 45],
        [1, 0, 1, 0, 1, 0, 0],
    )
    waiting, _ = lines["pool: waiting for a slot"]
    assert (waiting["x"], waiting["y"]) == ([0, 10, 25], [1, 0, 0])


def test_who_is_there_at_the_end_is_not_drawn_as_leaving():
    stuck = simsched.run(Path(__file__).parents[2] / "scenarios" / "deadlock.yaml")
    _, lines = drawn(result=stuck)
    (system,) = lines["requests in the system"]
    assert (system["x"], system["y"]) == ([0, 21], [11, 11])
    (waiting,) = lines["threads: waiting for a slot"]
    assert (waiting["x"], waiting["y"]) == ([0, 21], [0, 10])


def test_pointing_at_slots_in_use_shows_how_many_there_are():
    _, lines = drawn()
    line = lines["pool: slots in use (of 2)"][0]
    assert line["hovertext"][0] == "2 of 2 (100 %)"
    assert line["hovertemplate"] == "<b>loop</b>, pool: slots in use: %{hovertext}<extra></extra>"


def test_the_capacity_is_drawn_where_it_is_nearly_reached():
    figure, lines = drawn()
    limits = [shape["y0"] for shape in figure.layout["shapes"] if shape["type"] == "line"]
    assert limits == [2]
    assert "&lt;b&gt;mail&lt;/b&gt;: slots in use (of 9)" in lines
    assert "<b>mail</b>: waiting for a slot" in figure.lede


def test_a_long_run_shows_means_that_hold_every_slot_for_as_long_as_it_was_had():
    _, lines = drawn(LONG)
    loop, serial = lines["pool: slots in use (of 2)"]
    for line in (loop, serial):
        assert len(line["x"]) == 21
        length = line["x"][1]
        assert sum(line["y"][:-1]) * length == pytest.approx(400 * 0.010)


def test_means_over_time_do_not_pass_for_counts():
    figure, lines = drawn(LONG)
    assert "Each step is a mean over 100 ms to 300 ms, which hides shorter peaks." in figure.lede
    line = lines["requests in the system"][0]
    assert line["hovertext"][1] == "372"
    assert "requests in the system (mean over 100 ms): %{hovertext}" in line["hovertemplate"]
    assert "up to 392 on loop (mean over 100 ms)" in figure.alt


def test_a_short_run_has_no_means():
    figure, lines = drawn()
    assert lines["requests in the system"][0]["hovertext"][0] == "3"
    assert "mean" not in figure.lede + figure.alt


def test_a_panel_whose_means_stay_below_1_has_more_ticks_than_0():
    figure, lines = drawn(["workload={open: {rate: 20/s}, duration: 30s}"])
    axes = {title: lines[title][0]["yaxis"].replace("y", "yaxis") for title in lines}
    title = "pool: waiting for a slot"
    assert 0 < max(max(line["y"]) for line in lines[title]) < 1
    assert "dtick" not in figure.layout[axes[title]]
    assert drawn()[0].layout["yaxis3"]["dtick"] == 1
