"""What a search keeps: whole findings under their names, and nothing else is believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from search_runs import MM1

from simsched.errors import RunError
from simsched.experiment import store
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.trial import HOPELESS, Reading, Trial
from simsched.experiment.store import key_of_search
from simsched.scenario import loads
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective

IGNORED = "; it is ignored, and simulated again"


def three_findings(folder: Path) -> list[Path]:
    """Keep findings in *folder*, and return their files by name."""
    journal = Journal(folder)
    for number in range(3):
        journal.keep(str(number), float(number))
    return [journal._path(folder, str(number)) for number in range(3)]


def test_what_is_kept_is_found_again_by_its_name(tmp_path):
    folder = tmp_path / "aa" / "one.search"
    first = Journal(folder)
    assert first.keep("a", 1.5) == 1.5
    assert first.keep("b", (1, 2)) == (1, 2)
    again = Journal(folder)
    assert again.count == 2
    assert again.find("a", float) == 1.5
    assert again.find("b", tuple) == (1, 2)
    assert again.find("c", float) is None
    again.forget()
    assert not folder.exists()
    assert Journal(folder).count == 0


def test_without_a_folder_nothing_is_kept():
    journal = Journal()
    assert journal.keep("a", 1.5) == 1.5
    assert journal.find("a", float) is None
    assert journal.count == 0
    journal.forget()


def test_a_trial_comes_back_as_it_was_to_the_last_bit(tmp_path):
    objective = Objective("quick", "p99 < 5ms", parse_limit("response_time.p99 < 5ms"), ("web",))
    reading = Reading(objective, Estimate(0.1, 1 / 3, float("inf"), "few"))
    trials = [
        Trial(0.1 + 0.2, 2, 4000, True, "kept", Estimate(0.5), (reading,), None, ("a warning",)),
        Trial(1e300, 0, 0, False, "missed", HOPELESS, (), "it cannot keep up"),
        Trial(5e-324, 1, 1, None, "open", Estimate(float("-inf")), (reading, reading)),
    ]
    journal = Journal(tmp_path / "one.search")
    for number, trial in enumerate(trials):
        journal.keep(str(number), trial)
    again = Journal(tmp_path / "one.search")
    assert [again.find(str(number), Trial) for number in range(3)] == trials


def test_what_was_cut_or_changed_is_not_believed_and_hides_nothing_else(tmp_path, caplog):
    _, second, _ = three_findings(tmp_path)
    whole = second.read_bytes()
    damages = [whole[:length] for length in range(len(whole))]
    damages += [
        whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :] for at in range(len(whole))
    ]
    for damage in damages:
        second.write_bytes(damage)
        journal = Journal(tmp_path)
        assert [journal.find(name, float) for name in "012"] == [0.0, None, 2.0]
    assert len(caplog.messages) == len(damages)
    assert set(caplog.messages) == {f"{second}: its content is not what was written{IGNORED}"}
    assert journal.recall("1", float, lambda: 7.0) == 7.0
    assert Journal(tmp_path).find("1", float) == 7.0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'"1.5"', "Input should be a valid number"),
        (b"[" * 100_000, "Invalid JSON: recursion limit exceeded at line 1 column 202"),
        (b"", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        (b"\xff\xfe", "Invalid JSON: expected value at line 1 column 1"),
    ],
)
def test_a_forged_finding_is_ignored_in_a_line(tmp_path, caplog, content, why):
    first, _, _ = three_findings(tmp_path)
    store.write(first, content)
    assert Journal(tmp_path).find("0", float) is None
    assert caplog.messages == [f"{first}: {why}{IGNORED}"]


def test_the_finding_of_another_name_or_kind_is_not_believed(tmp_path, caplog):
    first, second, third = three_findings(tmp_path)
    first.replace(second)
    journal = Journal(tmp_path)
    assert journal.find("1", float) is None
    assert journal.find("2", Trial) is None
    assert [message.partition(": ")[0] for message in caplog.messages] == [str(second), str(third)]


def test_findings_are_on_the_disk_within_a_second(tmp_path, monkeypatch):
    now, synced = [10.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(os, "fsync", synced.append)
    journal = Journal(tmp_path / "one.search")
    counts = []
    for name, moment in zip("abcd", (10.1, 10.5, 11.05, 11.2), strict=True):
        now[0] = moment
        journal.keep(name, 1.5)
        counts.append(len(synced))
    assert counts == [0, 0, 4, 4]  # three findings and the names of their files


def failing(*_, **__):
    raise OSError(30, "Read-only file system")


def test_a_folder_that_cannot_be_removed_does_no_harm(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "one.search")
    journal.keep("a", 1.5)
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", failing)
        patched.setattr(os, "rmdir", failing)
        journal.forget()
    assert Journal(tmp_path / "one.search").find("a", float) == 1.5


@pytest.mark.parametrize("moment", ["mkdir", "open", "replace"])
def test_a_search_that_ends_does_not_disturb_the_same_search_of_another_program(
    tmp_path, monkeypatch, moment
):
    ours, theirs = Journal(tmp_path / "one.search"), Journal(tmp_path / "one.search")
    ours.keep("first", 0.5)
    ends, real = [theirs.forget], getattr(Path, moment)

    def interrupted(*given, **named):
        if ends:
            ends.pop()()
            if moment == "mkdir":  # which found a folder, and then none when it had a look
                raise FileExistsError
        return real(*given, **named)

    monkeypatch.setattr(Path, moment, interrupted)
    ours.keep("last", 1.5)
    assert ends == []
    assert ours.find("first", float) is None
    assert ours.find("last", float) == 1.5


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch, failure):
    def full(*_):
        raise failure

    journal = Journal(tmp_path / "one.search")
    journal.keep("a", 1.5)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises((RunError, KeyboardInterrupt)) as raised:
            journal.keep("b", 2.5)
    if isinstance(failure, OSError):
        path = journal._path(tmp_path / "one.search", "b")
        assert str(raised.value) == (
            f"{path}: No space left on device; earlier findings are stored; make room and run "
            "the same command again to continue"
        )
    journal.keep("c", 3.5)
    again = Journal(tmp_path / "one.search")
    assert [again.find(name, float) for name in "abc"] == [1.5, None, 3.5]
    assert len(list((tmp_path / "one.search").iterdir())) == 2


def test_searches_have_names_of_their_own():
    scenario, other = loads(MM1), loads(MM1.replace("2000", "2001"))
    names = {
        key_of_search([scenario], "a"),
        key_of_search([scenario], "b"),
        key_of_search([other], "a"),
        key_of_search([scenario, other], "a"),
    }
    assert len(names) == 4
    assert key_of_search([scenario], "a") in names
