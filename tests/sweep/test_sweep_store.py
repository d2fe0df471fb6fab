"""The store of simulated points: nothing that is finished is lost, nothing damaged is believed."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path

import pytest
from sweep_examples import planned, simulated

from simsched.errors import RunError
from simsched.experiment import run
from simsched.experiment.record import pack, record, unpack
from simsched.experiment.store import Store, key
from simsched.experiment.sweep import Started
from simsched.experiment.untrusted import DamagedError, from_json, to_json
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics.slo import Judgement

NAME, OTHER = "ab" * 20, "cd" * 20
CHANGED = "its content is not what was written; it is ignored, and simulated again"


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> bytes:
    found = planned(tmp_path_factory.mktemp("one"))
    return pack(record(run([found.scenario(found.points[0])])))


def test_a_record_comes_back_as_it_was(tmp_path):
    found = planned(tmp_path)
    one = record(run([found.scenario(found.points[0])]))
    assert unpack(pack(one)) == one
    assert pack(one) == pack(one)


def test_what_is_kept_is_found_again_and_nothing_else_is(tmp_path, packed):
    store = Store(tmp_path)
    assert store.get(NAME) is None
    store.put(NAME, packed)
    assert store.get(NAME) == unpack(packed)
    assert [path.name for path in tmp_path.glob("*/*")] == [f"{NAME}.json"]


def test_a_cut_or_changed_file_is_never_taken_for_a_whole_one(tmp_path, packed, caplog):
    store = Store(tmp_path)
    store.put(NAME, packed)
    path = store.path(NAME)
    whole = path.read_bytes()
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert store.get(NAME) is None
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        assert store.get(NAME) is None
    assert set(caplog.messages) == {f"{path}: {CHANGED}"}


def test_a_file_that_is_called_as_another_point_is_not_believed(tmp_path, packed, caplog):
    store = Store(tmp_path)
    store.put(OTHER, packed)
    store.path(NAME).parent.mkdir()
    store.path(OTHER).rename(store.path(NAME))
    assert store.get(NAME) is None
    assert caplog.messages == [f"{store.path(NAME)}: {CHANGED}"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"value": 180,', '"value": "180",'), "rows.0.value: Input should be a valid number"),
        (
            ('"metric": "requests.completed"', '"metric": 7'),
            "rows.0.metric: Input should be a valid string",
        ),
        (
            ('"replications": 3', '"replications": "3"'),
            "replications: Input should be a valid",
        ),
        (('"confidence"', '"confident"'), "confidence: Field required"),
        (
            ('"certain": false', '"certain": "yes"'),
            "loads.serial.certain: Input should be a valid",
        ),
        (('"notes": []', '"notes": {}'), "notes: Input should be a valid array"),
        (
            ('{"rows"', "cos\nsystem\n(S'id'\ntR."),
            "Invalid JSON: expected value at line 1 column 1",
        ),
    ],
)
def test_a_forged_entry_is_checked_field_by_field(tmp_path, packed, caplog, change, why):
    written, instead = (text.encode() for text in change)
    store = Store(tmp_path)
    assert written in packed
    store.put(NAME, packed.replace(written, instead))
    assert store.get(NAME) is None
    (message,) = caplog.messages
    assert message.startswith(f"{store.path(NAME)}: {why}")
    assert message.endswith("; it is ignored, and simulated again")
    assert "\n" not in message


def test_what_is_no_file_of_plausible_size_is_not_read(tmp_path, packed, caplog):
    store = Store(tmp_path)
    store.put(NAME, packed)
    path = store.path(NAME)
    os.truncate(path, 1 << 40)  # it takes no room on the disk
    assert store.get(NAME) is None
    path.unlink()
    os.mkfifo(path)  # whoever opens it waits for someone who writes
    assert store.get(NAME) is None
    path.unlink()
    path.mkdir()
    assert store.get(NAME) is None
    end = "; it is ignored, and simulated again"
    assert caplog.messages == [
        f"{path}: its size, 1,099,511,627,776 bytes, is not plausible{end}",
        f"{path}: it is not a regular file{end}",
        f"{path}: Is a directory{end}",
    ]


def test_nothing_is_removed_where_a_link_leads_out_of_the_store(tmp_path):
    outside = tmp_path / "home"
    outside.mkdir()
    precious = outside / ".part-of-my-work"
    precious.write_bytes(b"")
    os.utime(precious, (0, 0))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "ab").symlink_to(outside)
    Store(tmp_path / "store").sweep_out()
    assert precious.exists()


def test_the_name_of_a_point_is_that_of_its_scenario_seed_and_data(tmp_path):
    found = planned(tmp_path)
    scenarios = [found.scenario(point) for point in found.points]
    assert len({key(each) for each in scenarios}) == len(scenarios)
    assert key(scenarios[0]) == key(found.scenario(found.points[0]))
    other = planned(tmp_path, seed=9)
    assert key(other.scenario(other.points[0])) != key(scenarios[0])


def test_a_recording_that_changed_gives_its_points_another_name(tmp_path):
    base = """
    name: recorded
    requests: {page: [{cpu: 1ms}]}
    workload: {trace: {file: arrivals.csv, arrival: at, unit: s}}
    servers: {serial: {model: serial}}
    """
    import textwrap

    file = tmp_path / "arrivals.csv"
    names = set()
    for text in ("at\n0\n1\n", "at\n0\n2\n"):
        file.write_text(text, encoding="utf-8")
        sweep = "sweep: {matrix: {servers.serial.workers: [1]}}\n"
        found = planned(tmp_path, sweep, textwrap.dedent(base))
        names.add(key(found.scenario(found.points[0])))
    assert len(names) == 2


def test_a_damaged_file_is_reported_and_the_point_is_simulated_again(tmp_path, caplog):
    found = planned(tmp_path)
    whole = simulated(found, tmp_path)
    files = sorted((tmp_path / "store").glob("*/*.json"))
    before = {path: path.read_bytes() for path in files}
    files[2].write_bytes(b"PAR1 nothing PAR1")
    said = []
    assert simulated(found, tmp_path, said=said.append).records == whole.records
    started = said[0]
    assert isinstance(started, Started)
    assert (started.kept, started.total) == (5, 6)
    assert caplog.messages == [f"{files[2]}: {CHANGED}"]
    assert {path: path.read_bytes() for path in files} == before


def full_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Have the disk be full when so many files have been synchronised with it."""
    left = [count]
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        if os.fstat(descriptor).st_mode & 0o100000:  # a file, not a folder
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr("simsched.experiment.store.os.fsync", fsync)


def test_a_full_disk_ends_the_sweep_and_what_is_kept_is_taken_next_time(tmp_path, monkeypatch):
    found = planned(tmp_path)
    with monkeypatch.context() as patched:
        full_after(patched, 2)
        with pytest.raises(RunError, match="No space left on device; 2 of 6 points are stored"):
            simulated(found, tmp_path)
    assert len(list((tmp_path / "store").glob("*/*.json"))) == 2
    assert list((tmp_path / "store").glob("*/.part-*")) == []
    said = []
    simulated(found, tmp_path, said=said.append)
    assert said[0].kept == 2


def test_searches_interrupted_long_ago_are_removed(tmp_path):
    old, new = (tmp_path / "ab" / f"{name}.search" for name in ("old", "new"))
    for path, days in ((old, 31), (new, 29)):
        path.mkdir(parents=True)
        (path / "one.json").write_bytes(b"found")
        os.utime(path, (time.time() - days * 86400,) * 2)
    Store(tmp_path).sweep_out()
    assert [path.exists() for path in (old, new)] == [False, True]


def test_what_a_killed_program_left_behind_is_swept_out_when_it_is_old(tmp_path, packed):
    store = Store(tmp_path)
    store.put(NAME, packed)
    old, new = (Path(tmp_path / "ab" / f".part-{name}") for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(packed[:50])
    os.utime(old, (0, 0))
    store.sweep_out()
    assert not old.exists()
    assert new.exists()  # somebody may be writing it


def test_a_forged_limit_of_an_objective_is_refused():
    objective = {"name": "quick", "text": "", "limit": "response_time.mean < 5ms"}
    objective |= {"servers": [], "request": None, "stream": None, "is_change": False}
    stored = {"objective": objective, "server": "web", "outcome": "pass", "sentence": ""}
    stored |= {"estimate": {"value": 1.0, "low": None, "high": None, "reason": None}}
    found = from_json(Judgement, json.dumps(stored))
    assert found.objective.limit == parse_limit("response_time.mean < 5ms")
    assert json.loads(to_json(Judgement, found)) == stored
    for wrong in ("", "response_time.mean < ", "__import__('os') < 5ms", 7, None):
        forged = {**stored, "objective": {**objective, "limit": wrong}}
        with pytest.raises(DamagedError, match=r"^objective\.limit: "):
            from_json(Judgement, json.dumps(forged))
