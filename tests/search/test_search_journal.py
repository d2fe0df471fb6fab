"""What a search keeps: whole findings under their names, and nothing else is believed."""

from __future__ import annotations

import pytest
from search_runs import MM1

from simsched.errors import RunError
from simsched.experiment.search.journal import Journal, path
from simsched.scenario import loads


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
    for number in range(3):
        Journal(file).keep(str(number), float(number))
    whole = file.read_bytes()
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
    for number in range(3):
        Journal(file).keep(str(number), float(number))
    whole = file.read_bytes()
    third = len(whole) // 3
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        journal = Journal(file)
        assert journal.count == place // third
        assert [journal.find(str(each), float) for each in range(journal.count)] == [
            float(each) for each in range(journal.count)
        ]


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
