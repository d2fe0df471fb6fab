"""What stdout takes, and what of it that does not."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

import simsched
from simsched.errors import RunError
from simsched.report import printing
from simsched.report.run_document import document


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True

    def shown(self) -> bytes:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "Zürich µ 🚀\n".encode()),
        ("latin-1", "Zürich µ ".encode("latin-1") + b"\\U0001f680\n"),
        ("ascii", b"Z\\xfcrich \\xb5 \\U0001f680\n"),
    ],
)
def test_a_character_that_stdout_lacks_is_spelt(monkeypatch, encoding, shown):
    stream = Terminal(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    printing.put("Zürich µ 🚀\n")
    assert stream.shown() == shown


def test_a_name_that_is_not_text_is_spelt(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    printing.put("odd\udcff\n")
    assert stream.shown() == b"odd\\udcff\n"


def test_nothing_is_printed_where_stdout_is_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    printing.put("text")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_stdout_is_a_failed_run_once(monkeypatch):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(RunError, match="standard output: No space left on device"):
            printing.put("text")
        # Closing writes what is still buffered: it must not fail again.


def test_a_reader_that_left_is_not_our_affair(monkeypatch):
    class Left(io.StringIO):
        encoding = "utf-8"  # type: ignore[assignment]  # StringIO has none

        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Left())
    with pytest.raises(BrokenPipeError):
        printing.put("text")


@pytest.mark.parametrize("text", ['{"a": "ü🚀"}', '{"a": "plain"}', '["\\u00fc", "µ\\n"]'])
def test_json_is_spelt_in_ascii_without_changing_what_it_says(text):
    spelt = printing.spell_json(text, "ascii")
    assert spelt.isascii()
    assert json.loads(spelt) == json.loads(text)


def test_json_is_left_alone_where_stdout_can_take_it():
    assert printing.spell_json('{"a": "ü🚀"}', "utf-8") == '{"a": "ü🚀"}'


@pytest.mark.parametrize(
    ("variables", "colored"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_color_is_for_terminals_that_want_it(lecture, monkeypatch, variables, colored):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    text = printing.render(lambda: document(simsched.run(lecture)), str, "table")
    assert ("\x1b[" in text) is colored


def test_no_color_is_for_files(lecture, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert "\x1b[" not in printing.render(lambda: document(simsched.run(lecture)), str, "table")
