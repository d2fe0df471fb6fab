"""The store of simulated points: nothing that is finished is lost, nothing damaged is believed."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from sweep_examples import planned, simulated

from simsched.errors import RunError
from simsched.experiment import run
from simsched.experiment.store import Store, key
from simsched.experiment.store_record import DamagedError, pack, record, unpack
from simsched.experiment.sweep import Started

NAME, OTHER = "ab" * 20, "cd" * 20


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> bytes:
    found = planned(tmp_path_factory.mktemp("one"))
    return pack(record(run([found.scenario(found.points[0])])), NAME)


def test_a_record_comes_back_as_it_was(tmp_path):
    found = planned(tmp_path)
    one = record(run([found.scenario(found.points[0])]))
    assert unpack(pack(one, NAME), NAME) == one
    assert pack(one, NAME) == pack(one, NAME)


def test_what_is_kept_is_found_again_and_nothing_else_is(tmp_path, packed):
    store = Store(tmp_path)
    assert store.get(NAME) is None
    store.put(NAME, packed)
    assert store.get(NAME) == unpack(packed, NAME)
    assert [path.name for path in tmp_path.glob("*/*")] == [f"{NAME}.parquet"]


def test_a_cut_or_changed_file_is_never_taken_for_a_whole_one(tmp_path, packed):
    store = Store(tmp_path)
    store.put(NAME, packed)
    path = store.path(NAME)
    whole = unpack(packed, NAME)
    for cut in (0, 1, 100, len(packed) // 2, len(packed) - 1):
        path.write_bytes(packed[:cut])
        assert store.get(NAME) is None
    for place in range(0, len(packed), 97):
        path.write_bytes(packed[:place] + bytes([packed[place] ^ 0x5A]) + packed[place + 1 :])
        found = store.get(NAME)
        assert found is None or found == whole  # some bytes say nothing
    assert path in store.damaged


def test_a_file_that_is_called_as_another_point_is_not_believed(tmp_path, packed):
    store = Store(tmp_path)
    store.put(OTHER, packed)
    assert store.get(OTHER) is None
    assert store.damaged == {store.path(OTHER): "its content is not what was written"}


def test_a_figure_that_was_changed_in_a_sound_file_is_seen(packed):
    one = unpack(packed, NAME)
    forged = pack(type(one)(one.rows[1:], one.said), NAME)
    assert unpack(forged, NAME).rows == one.rows[1:]  # whole in itself: what follows must not be
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(packed)).slice(1)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    with pytest.raises(DamagedError, match="not what was written"):
        unpack(sink.getvalue().to_pybytes(), NAME)


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


def test_a_damaged_file_is_told_of_and_the_point_is_simulated_again(tmp_path):
    found = planned(tmp_path)
    whole = simulated(found, tmp_path)
    files = sorted((tmp_path / "store").glob("*/*.parquet"))
    before = {path: path.read_bytes() for path in files}
    files[2].write_bytes(b"PAR1 nothing PAR1")
    told = []
    assert simulated(found, tmp_path, told=told.append).records == whole.records
    started = told[0]
    assert isinstance(started, Started)
    assert (started.kept, started.total) == (5, 6)
    assert started.damaged == (f"{files[2]}: it cannot be read",)
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
        with pytest.raises(RunError, match="No space left on device; 2 of 6 points are kept"):
            simulated(found, tmp_path)
    assert len(list((tmp_path / "store").glob("*/*.parquet"))) == 2
    assert list((tmp_path / "store").glob("*/.part-*")) == []
    told = []
    simulated(found, tmp_path, told=told.append)
    assert told[0].kept == 2


def test_searches_that_were_long_broken_off_are_swept_out(tmp_path):
    (tmp_path / "ab").mkdir()
    old, new = (tmp_path / "ab" / f"{name}.search" for name in ("old", "new"))
    for path, days in ((old, 31), (new, 29)):
        path.write_bytes(b"found")
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
