"""The progress bar: on a terminal, when it takes long, and gone in the end."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from simsched.report import progress


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
def test_nothing_is_shown_where_nobody_looks(monkeypatch, stream):
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
    assert "75%" in stream.getvalue()


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
