from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_results import Story, lecture, load, trace_of
from rich.cells import cell_len

from simsched.engine.trace import Status
from simsched.experiment.result import Result
from simsched.report import terminal
from simsched.report.run_document import document
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION
from simsched.statistics.summary import ServerSummary
from simsched.statistics.warmup import Cut


def render(result: Result, width: int, color: bool, encoding: str = "utf-8") -> str:
    return terminal.render(document(result), width, color, encoding=encoding)


FIGURE = re.compile(r"[0-9.]+(?:/s| [a-zµ%]+)? (?:± [0-9.]+|\[[^]]+\])")

LECTURE = """\
lecture: 1 replication, seed 7
cooperative's mean response time is shorter than serial's in this run: 69.3 ms
against 116 ms (1.7 times faster).
cooperative completes 27.8/s, serial 16.3/s: 70 % more.

                     serial  cooperative
────────────────────────────────────────
throughput           16.3/s       27.8/s
response time, mean  116 ms      69.3 ms
p50                  112 ms      88.0 ms
p95                  150 ms      94.0 ms
slowdown               3.59         1.33
CPU utilisation      37.0 %       63.0 %
completion order      1 2 3        1 3 2
throughput is over the time from the first arrival to the last answer

·· queue   ██ CPU   ░░ waiting for the CPU   ── I/O

serial                                                        finished  response
1 page  ███───────────███────███                                 85 ms     85 ms
2 page        ··················███───────────███────███        170 ms    150 ms
3 ping                      ····························█──█    184 ms    112 ms

cooperative                                                   finished  response
1 page  ███───────────███────░░░███                              94 ms     94 ms
2 page        ██────────────███────░███                         108 ms     88 ms
3 ping                      ···█─░░█                             98 ms     26 ms
        ┴─────────────┴─────────────┴─────────────┴──────────
        0             50            100           150 ms
"""

ASCII_ROWS = """\
serial                                    finished  response
1 page  ##=======#===##                      85 ms     85 ms
2 page     ............##======##===##      170 ms    150 ms
3 ping               ................#=#    184 ms    112 ms
"""


def renamed(result: Result, name: str) -> Result:
    """Return *result* with a server and the scenario of that name."""
    (first, one), *rest = result.servers.items()
    servers = {name: replace(one, server=name), **dict(rest)}
    traces = {name: result.traces[first], **{s: result.traces[s] for s, _ in rest}}
    return replace(result, name=name, servers=servers, traces=traces, warnings=(name,))


def test_the_lecture_reads_at_eighty_columns():
    assert render(lecture(), 80, color=False) == LECTURE


def test_an_output_without_line_characters_gets_ascii():
    text = render(lecture(), 60, color=False, encoding="latin-1")
    assert text.isascii()
    assert ASCII_ROWS in text
    assert ".. queue   ## CPU   -- waiting for the CPU   == I/O" in text


def test_color_adds_escapes_and_changes_no_text():
    from rich.text import Text

    colored = render(lecture(), 80, color=True)
    assert "\x1b[" in colored
    plain = "\n".join(line.rstrip() for line in Text.from_ansi(colored).plain.splitlines())
    assert plain + "\n" == LECTURE


def test_intervals_and_warnings_stand_with_the_figures():
    text = render(load(), 100, color=False)
    assert "3 replications, 95 % intervals" in text
    assert " ± " in text
    assert "Warning: serial: offered load is 0.90" in text
    assert "overtaken" in text
    assert "completion order" not in text


def test_one_run_with_intervals_from_its_batches_says_their_level():
    result = lecture()
    interval = {"response_time_s.mean": Estimate(0.1, 0.09, 0.11)}
    servers = {
        name: replace(one, estimates=one.estimates | interval)
        for name, one in result.servers.items()
    }
    assert "1 replication, seed" in render(result, 100, color=False)
    told = render(replace(result, servers=servers), 100, color=False)
    assert "1 replication, 95 % intervals, seed" in told


def test_a_long_run_has_no_timeline():
    assert "waiting for the CPU" not in render(load(), 100, color=False)


def test_more_servers_than_fit_beside_each_other_get_a_row_each():
    result = load()
    one = result.servers["serial"]
    names = [f"server {n}" for n in range(9)]
    many = replace(
        result, servers={n: ServerSummary(n, one.requests, one.estimates) for n in names}
    )
    lines = render(many, 80, color=False).splitlines()
    heads = [line for line in lines if line.startswith("    ")]
    rows = [line.split("  ")[0] for line in lines if line.startswith("server ")]
    assert len(heads) > 1
    assert rows == names * (len(rows) // len(names))


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_many_servers_keep_every_figure_with_its_interval(width):
    result = load()
    one = result.servers["serial"]
    many = replace(
        result,
        servers={f"s{n}": ServerSummary(f"s{n}", one.requests, one.estimates) for n in range(6)},
    )
    lines = render(many, width, color=False).splitlines()
    told = [found for line in lines if line.startswith("s3 ") for found in FIGURE.findall(line)]
    beside = render(result, 200, color=False).splitlines()
    assert told == [found[0] for line in beside if len(found := FIGURE.findall(line)) == 2]
    assert len(told) > 6


def asking(result: Result, *quantiles: str) -> Result:
    """Return *result* with a scenario that asks for *quantiles*."""
    (one,) = result.scenarios
    run = one.run.model_copy(update={"quantiles": quantiles})
    return replace(result, scenarios=(one.model_copy(update={"run": run}),))


def test_the_quantiles_that_are_asked_for_have_rows_and_no_others():
    servers = {
        name: replace(
            one,
            estimates={
                **one.estimates,
                "response_time_s.p99.9": Estimate(0.5, 0.4, 0.6),
                "response_time_s.p5": Estimate(
                    None, reason="p5 needs at least 100 completed requests; there are 3"
                ),
            },
        )
        for name, one in load().servers.items()
    }
    text = render(asking(replace(load(), servers=servers), "p99.90", "p5", "p50"), 100, color=False)
    titles = [line.split("  ")[0] for line in text.splitlines()]
    start = titles.index("response time, mean")
    assert titles[start + 1 : start + 5] == ["p5", "p50", "p99.9", "slowdown"]
    assert "500 ms ± 100" in text
    assert "serial, cooperative: p5 needs at least 100 completed requests; there are 3\n" in text


def test_every_figure_without_an_interval_says_why_together_with_its_like():
    result = load()
    bare = {name: Estimate(0.1, reason="it is odd") for name in ("cpu_utilisation", "slowdown")}
    servers = {
        name: replace(one, estimates=one.estimates | bare) for name, one in result.servers.items()
    }
    text = render(replace(result, servers=servers), 200, color=False)
    assert "serial, cooperative: slowdown and CPU utilisation have no interval: it is odd\n" in text


def test_a_mean_without_an_interval_says_why_if_that_can_be_said():
    result = load()
    reason = "the run is too short for an interval: its batches are correlated"
    servers = {
        name: replace(one, estimates=one.estimates | {"response_time_s.mean": estimate})
        for (name, one), estimate in zip(
            result.servers.items(),
            [Estimate(0.1, reason=reason), Estimate(0.1, reason=ONE_REPLICATION)],
            strict=True,
        )
    }
    text = render(replace(result, servers=servers), 200, color=False)
    assert f"serial: the mean response time has no interval: {reason}\n" in text
    assert ONE_REPLICATION not in text


def test_a_usual_quantile_that_is_missing_everywhere_has_no_row():
    assert "p99" not in render(lecture(), 80, color=False)
    assert "p95" in render(lecture(), 80, color=False)


def test_counts_of_the_whole_run_say_so_where_a_warm_up_is_left_out():
    result = lecture()
    lost = {"completed": 1, "timed_out": 2}
    servers = {
        name: replace(one, requests=lost, warmup=(Cut(10, 1, 0.1),))
        for name, one in result.servers.items()
    }
    assert "timed out, whole run" in render(replace(result, servers=servers), 80, color=False)
    uncut = {name: replace(one, requests=lost) for name, one in result.servers.items()}
    assert "timed out, whole run" not in render(replace(result, servers=uncut), 80, color=False)
    assert "timed out" in render(replace(result, servers=uncut), 80, color=False)


def test_a_resource_has_its_use_and_the_wait_for_it():
    result = lecture()
    servers = {
        name: replace(
            one,
            resource_utilisation={"db": Estimate(0.5, 0.4, 0.6)},
            resource_wait={"db": Estimate(0.002)},
        )
        for name, one in result.servers.items()
    }
    lines = render(replace(result, servers=servers), 80, color=False).splitlines()
    assert [line.split() for line in lines if "db" in line] == [
        ["db", "in", "use", *(["50.0", "%", "±", "10.0", "50.0", "%", "±", "10.0"])],
        ["wait", "for", "db", "2.00", "ms", "2.00", "ms"],
    ]


def test_requests_that_were_not_answered_say_how_they_ended():
    stories = (
        Story(0, "c10"),
        Story(1, "", status=Status.REFUSED),
        Story(2, "q30", status=Status.TIMED_OUT),
    )
    lost = {"completed": 1, "refused": 1, "timed_out": 1}
    result = lecture()
    one = replace(result.servers["serial"], requests=lost)
    shown = replace(result, servers={"serial": one}, traces={"serial": (trace_of(stories),)})
    lines = render(shown, 80, color=False).splitlines()
    assert any(line.startswith("2 page") and line.endswith("  refused") for line in lines)
    assert any(line.startswith("3 page") and line.endswith("  timed out") for line in lines)
    assert any(line.split() == ["refused", "1"] for line in lines)


@pytest.mark.parametrize("width", [1, 60, 80, 133, 200, 1000])
def test_no_row_is_wider_than_the_terminal(width):
    lines = render(lecture(), width, color=False).splitlines()
    assert max(map(cell_len, lines)) <= min(max(width, 60), 200)


HOSTILE = [
    "x" * 500,
    "[bold]red[/bold] [/]",
    "a\x1b[2J\x07\nb",
    "👩‍👩‍👧‍👧 rocket 🚀" * 20,
    "שלום עולם" * 30,
    "\u202egnirts",
    "<script>alert(1)</script>",
    "漢字" * 200,
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_hostile_name_is_shown_as_text_and_breaks_no_row(name, encoding):
    text = render(renamed(lecture(), name), 80, color=False, encoding=encoding)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert not any(c in text for c in "\x1b\x07\u202e")
    assert "184 ms" in text
    text.encode(encoding)


def test_markup_in_a_name_is_not_obeyed():
    assert "[bold]red[/bold]" in render(renamed(lecture(), "[bold]red[/bold]"), 80, color=True)


@settings(max_examples=30, deadline=None)
@given(name=st.text(min_size=1, max_size=80), width=st.integers(60, 200))
def test_any_name_fits_any_width(name, width):
    text = render(renamed(lecture(), name), width, color=False)
    assert max(map(cell_len, text.splitlines())) <= width
