"""Recordings are read line by line, packed or not, in bounded memory."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest

from simsched.calibrate.access_log import read_access_log
from simsched.calibrate.otlp import read_spans
from simsched.calibrate.reading import lines
from simsched.errors import ScenarioError

READERS = {"spans": read_spans, "log": read_access_log}
MIB = 2**20


def bomb(start: bytes, piece: bytes, count: int = 80) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(start), *(packer.compress(piece) for _ in range(count))]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b'{"resourceSpans":"', b"x" * MIB),
        (b"", b'{"resourceSpans":[]}' + b" " * (MIB - 21) + b"\n"),
        (b"", b'{"resourceMetrics":[]}' + b" " * (MIB - 23) + b"\n"),
        (b"", b"x" * (MIB - 1) + b"\n"),
    ],
    ids=["a line", "spans", "metrics", "text"],
)
def test_a_bomb_of_any_kind_is_refused_before_it_is_unpacked(
    tmp_path, monkeypatch, kind, start, piece
):
    monkeypatch.setattr("simsched.calibrate.otlp.LONGEST_LINE", 4 * MIB)
    file = tmp_path / "bomb.gz"
    file.write_bytes(bomb(start, piece))
    refused = "expands to more than 200 times its size|longer than 4 MiB|not OTLP/JSON"
    tracemalloc.start()
    with pytest.raises(ScenarioError, match=refused):
        READERS[kind]([file])
    assert tracemalloc.get_traced_memory()[1] < 40 * MIB
    tracemalloc.stop()


def test_lines_are_numbered_as_in_the_file_and_long_ones_are_skipped(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"\xef\xbb\xbfone\n\n" + b"x" * 2**18 + b"\nfour\r\n  \nsix")
    found = list(lines(file, 100))
    assert found == [(1, b"one\n"), (3, None), (4, b"four\r\n"), (6, b"six")]


def test_a_line_of_just_the_longest_length_is_read(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"x" * 9 + b"\n" + b"x" * 10 + b"\n" + b"x" * 10)
    assert list(lines(file, 10)) == [(1, b"x" * 9 + b"\n"), (2, None), (3, b"x" * 10)]


def test_one_document_may_be_longer_than_its_first_line(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b'{\n"a": 1\n}\n')
    assert list(lines(file, 20, documents=True)) == [(1, b'{\n"a": 1\n}\n')]
    assert next(lines(file, 5, documents=True)) == (1, None)
