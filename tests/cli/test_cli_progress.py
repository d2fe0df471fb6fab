"""The progress bar: on a terminal, when it takes long, and gone in the end."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from simsched import experiment
from simsched.experiment import cost, forecast
from simsched.experiment.cost import Pace
from simsched.experiment.sweep import plan
from simsched.report import progress
from simsched.report.progress import duration
from simsched.scenario import load


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Terminal, list[float]]]:
    """Give stderr a terminal and the bar a clock, in seconds, that the test sets."""

    # pytest puts its own stderr back between a fixture and its test: the test has to do this.
    def sit_down() -> tuple[Terminal, list[float]]:
        stream, now = Terminal(), [0.0]
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
        return stream, now

    return sit_down


@pytest.mark.parametrize("stream", [io.StringIO(), None], ids=["a file", "closed"])
def test_nothing_is_shown_off_a_terminal(monkeypatch, stream):
    monkeypatch.setattr(progress, "LONG", 0.0)
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.shown_when_long() as report:
        report(1, 2)
    assert stream is None or stream.getvalue() == ""


def test_a_short_run_shows_nothing(terminal):
    stream, clock = terminal()
    with progress.shown_when_long() as report:
        clock[0] = 0.9
        report(1, 2)
        report(2, 2)
    assert stream.getvalue() == ""


def test_a_long_run_shows_how_far_it_is(terminal):
    stream, clock = terminal()
    with progress.shown_when_long() as report:
        clock[0] = 1.1
        report(1, 4)
        assert "simulating" in stream.getvalue()
        report(3, 4)
    assert "75 %" in stream.getvalue()


def test_the_bar_is_gone_in_the_end_even_if_the_run_fails(terminal):
    stream, clock = terminal()

    def fail() -> None:
        with progress.shown_when_long() as report:
            clock[0] = 2
            report(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert stream.getvalue().endswith("\x1b[2K")  # the line is erased
    assert "\x1b[?25h" in stream.getvalue()  # and the cursor is back


def test_a_run_that_takes_longer_than_a_minute_says_so_once(terminal, monkeypatch):
    stream, clock = terminal()
    monkeypatch.setattr(stream, "isatty", lambda: False)
    with progress.shown_when_long() as report:
        clock[0] = 3.0
        report(1, 100)
        clock[0] = 6.0
        report(2, 100)
    assert stream.getvalue() == "this takes about 5 min\n"


def test_what_was_foreseen_is_not_said_again(terminal, monkeypatch):
    stream, clock = terminal()
    monkeypatch.setattr(stream, "isatty", lambda: False)
    with progress.shown_when_long(foreseen=True) as report:
        clock[0] = 3.0
        report(1, 100)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "line"), [(59.0, ""), (90.0, "this takes at least about 90 s\n")]
)
def test_only_what_takes_longer_than_a_minute_is_announced(terminal, seconds, line):
    stream, _ = terminal()
    progress.announce(seconds, at_least=True)
    assert stream.getvalue() == line


class EnoughError(Exception):
    """The simulation has begun."""


def test_a_hundred_thousand_replications_are_announced_before_they_begin(
    simsched, lecture, monkeypatch
):
    def ended(*_: object, **__: object) -> None:
        raise EnoughError

    pace = Pace()
    pace.learn(1.0, 1e-4)
    monkeypatch.setattr(forecast, "measured", lambda _: pace)
    monkeypatch.setattr(experiment, "run", ended)
    with pytest.raises(EnoughError):
        simsched("run", lecture, "--replications", 100_000, "--jobs", 4)
    scenario = load(lecture, ["run.replications=100000"])
    assert (
        sys.stderr.getvalue() == f"this takes about {duration(cost.weight(scenario) * 1e-4 / 4)}\n"
    )


def test_a_short_run_is_not_measured(lecture, monkeypatch):
    monkeypatch.setattr(forecast, "measured", lambda _: pytest.fail("it was measured"))
    assert forecast.of_run([load(lecture)]) is None


def test_a_sweep_that_takes_longer_than_a_minute_is_announced(tmp_path, monkeypatch, lecture):
    file = tmp_path / "sweep.yaml"
    matrix = "{matrix: {run.seed: {from: 1, to: 500, steps: 500}, run.replications: [100]}}"
    file.write_text(f"scenario: {lecture}\nsweep: {matrix}\n", encoding="utf-8")
    found = plan(file)
    pace = Pace()
    pace.learn(1.0, 1e-4)
    monkeypatch.setattr(forecast, "measured", lambda _: pace)
    seconds, at_least = forecast.of_sweep(found)
    weights = sum(cost.weight(found.scenario(point)) for point in found.points)
    assert seconds == pytest.approx(weights * 1e-4)
    assert not at_least


def test_what_is_slow_only_once_is_not_measured(lecture, monkeypatch):
    slow_first: set[int | None] = set()
    now = [0.0]

    def compiling(scenarios, **_):
        (scenario,) = scenarios
        size = scenario.workload.requests
        now[0] += 2e-4 * size + (0 if size in slow_first else 60.0)
        slow_first.add(size)

    monkeypatch.setattr(forecast, "run", compiling)
    monkeypatch.setattr(forecast.time, "perf_counter", lambda: now[0])
    long = load(lecture, ["workload={open: {rate: 10/s}, requests: 1000000}", "run.replications=1"])
    pace = forecast.measured([long])
    little = cost.shortened(long, 5000)
    assert pace.foresee(cost.weight(little)) == pytest.approx(2e-4 * 5000)
