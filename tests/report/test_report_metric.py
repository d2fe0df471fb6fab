from __future__ import annotations

import errno

import pytest
from report_results import lecture, load

from simsched.errors import RunError
from simsched.report.folders import replace_file
from simsched.report.html.over_time import over_time_figure


def test_a_short_run_over_time_shows_every_change_and_a_long_one_means():
    short, long = over_time_figure(lecture()), over_time_figure(load())
    assert short is not None
    assert long is not None
    assert [trace["y"] for trace in short.data[:1]] == [[1, 2, 3, 2, 1, 0]]
    assert short.data[0]["x"] == [0, 20, 72, 85, 170, 184]
    titles = [note["text"] for note in long.layout["annotations"]]
    assert titles[2:] == [
        "<b>requests answered per second</b>",
        "<b>CPU utilisation (%)</b>",
    ]
    assert "Always 0, and not drawn: requests not answered per second" in long.lede


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    replace_file(path, "old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"

    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("pathlib.Path.replace", broken)
    with pytest.raises(RunError, match="Input/output error"):
        replace_file(path, "newer")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
