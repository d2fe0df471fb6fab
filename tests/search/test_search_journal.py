"""What a search keeps: whole findings under their names, and nothing else is believed."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

import pytest
from search_runs import MM1

from simsched.errors import RunError
from simsched.experiment.search import journal as journals
from simsched.experiment.search.journal import Journal, path
from simsched.scenario import loads


def three_findings(file: Path) -> bytes:
    """Keep findings of the same length in *file*, and return what stands there then."""
    for number in range(3):
        Journal(file).keep(str(number), float(number))
    return file.read_bytes()


def test_what_is_kept_is_found_again_by_its_name_and_kind(tmp_path):
    file = tmp_path / "aa" / "one.search"
    first = Journal(file)
    assert first.keep("a", 1.5) == 1.5
    assert first.keep("b", (1, 2)) == (1, 2)
    again = Journal(file)
    assert again.count == 2
    assert again.find("a", float) == 1.5
    assert again.find("b", tuple) == (1, 2)
    assert again.find("b", float) is None
    assert again.find("c", float) is None
    again.forget()
    assert not file.exists()
    assert Journal(file).count == 0


def test_without_a_file_nothing_is_kept():
    journal = Journal()
    assert journal.keep("a", 1.5) == 1.5
    assert journal.find("a", float) is None
    journal.forget()


def test_what_was_written_half_is_cut_off_wherever_it_ended(tmp_path):
    file = tmp_path / "one.search"
    whole = three_findings(file)
    third = len(whole) // 3
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        journal = Journal(file)
        assert journal.count == length // third
        journal.keep("new", 7.0)
        assert Journal(file).find("new", float) == 7.0
        assert Journal(file).count == journal.count


def test_what_was_changed_is_not_believed(tmp_path):
    file = tmp_path / "one.search"
    whole = three_findings(file)
    third = len(whole) // 3
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        journal = Journal(file)
        assert journal.count == place // third
        assert [journal.find(str(each), float) for each in range(journal.count)] == [
            float(each) for each in range(journal.count)
        ]


@pytest.mark.parametrize(("whole", "kept"), [(2, "2 results"), (1, "1 result"), (0, "0 results")])
def test_a_damaged_end_is_told_of_once(tmp_path, whole, kept):
    file = tmp_path / "one.search"
    for number in range(3):
        Journal(file).keep(str(number), float(number))
    content = file.read_bytes()
    file.write_bytes(content[: whole * len(content) // 3 + 20])
    told = f"{file}: it is damaged after {kept}: what comes then is found again"
    assert [Journal(file).damaged, Journal(file).damaged] == [told, ""]


def failing(*_):
    raise OSError(30, "Read-only file system")


def test_a_damaged_end_that_cannot_be_cut_off_is_told(tmp_path, monkeypatch):
    file = tmp_path / "one.search"
    file.write_bytes(b"damaged")
    monkeypatch.setattr(os, "truncate", failing)
    with pytest.raises(RunError) as raised:
        Journal(file)
    assert str(raised.value) == (
        f"{file}: it is damaged and cannot be mended: Read-only file system; let it be written, or "
        "remove it"
    )


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_could_be_written_only_half_does_not_hide_what_comes_after(
    tmp_path, monkeypatch, failure
):
    class Filling(FileIO):
        written = 0

        def write(self, data):
            if self.written:
                raise failure
            self.written = super().write(data[:20])
            return self.written

    file = tmp_path / "one.search"
    journal = Journal(file)
    journal.keep("a", 1.5)
    with monkeypatch.context() as patch:
        patch.setattr(journals, "FileIO", Filling)
        with pytest.raises((RunError, KeyboardInterrupt)):
            journal.keep("b", 2.5)
    journal.keep("c", 3.5)
    again = Journal(file)
    assert again.damaged == ""
    assert [again.find(name, float) for name in "abc"] == [1.5, None, 3.5]


def test_findings_are_on_the_disk_within_a_second(tmp_path, monkeypatch):
    now, synced = iter([10.0, 10.1, 10.5, 11.05, 11.2, 11.3]), []
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    monkeypatch.setattr(os, "fsync", synced.append)
    monkeypatch.setattr(journals, "sync", lambda _: None)
    journal = Journal(tmp_path / "one.search")
    counts = []
    for name in "abcd":
        journal.keep(name, 1.5)
        counts.append(len(synced))
    assert counts == [1, 1, 1, 2]


def test_a_file_that_cannot_be_removed_does_no_harm(tmp_path, monkeypatch):
    file = tmp_path / "one.search"
    journal = Journal(file)
    journal.keep("a", 1.5)
    monkeypatch.setattr("pathlib.Path.unlink", failing)
    journal.forget()
    assert Journal(file).find("a", float) == 1.5


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "one.search").mkdir()
    with pytest.raises(RunError, match=r"one\.search: cannot be read: Is a directory"):
        Journal(tmp_path / "one.search")


def test_a_full_disk_is_told_with_how_to_go_on(tmp_path):
    file = tmp_path / "one.search"
    journal = Journal(file)
    file.symlink_to("/dev/full")
    with pytest.raises(RunError) as raised:
        journal.keep("a", 1.5)
    assert str(raised.value) == (
        f"{file}: No space left on device; what was found before is kept; make room and run the "
        "same command again to go on"
    )


def test_searches_have_files_of_their_own(tmp_path):
    scenario, other = loads(MM1), loads(MM1.replace("2000", "2001"))
    files = {
        path(tmp_path, [scenario], "a"),
        path(tmp_path, [scenario], "b"),
        path(tmp_path, [other], "a"),
        path(tmp_path, [scenario, other], "a"),
    }
    assert len(files) == 4
    assert path(tmp_path, [scenario], "a") in files
