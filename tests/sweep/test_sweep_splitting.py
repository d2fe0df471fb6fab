"""Points whose replications are simulated side by side come to the same, whatever happens."""

from __future__ import annotations

import contextlib
import errno
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sweep_examples import BASE, Threads, planned, simulated

from simsched.engine.trace import MISSING
from simsched.errors import RunError
from simsched.experiment import checkpoint, simulating, store
from simsched.experiment.runner import replicate
from simsched.experiment.runs import Runs
from simsched.experiment.stored_traces import unpack, write
from simsched.experiment.sweep import jobs
from simsched.experiment.sweep.jobs import PASSED_S, Job, large
from simsched.experiment.sweep.task import DIED
from simsched.experiment.untrusted import DamagedError

EVERYTHING = """
name: everything
requests:
  page: [{cpu: {exponential: 4ms}}, {io: 5ms, on: db}, {parallel: [[{cpu: 1ms}], [{io: 2ms}]]}]
  ping: [{cpu: {exponential: 1ms}}]
workload: {open: {rate: 50/s}, requests: 200, mix: {page: 2, ping: 1}}
resources: {db: {capacity: 2}}
client: {timeout: 30ms, retries: {max: 2, backoff: {initial: 5ms, max: 20ms}}}
servers:
  serial: {model: serial, backlog: 4}
  cooperative: {model: cooperative, workers: 2}
run: {replications: 3}
"""

TWO = "sweep: {matrix: {workload.open.rate: [30/s, 90/s]}}\n"


@pytest.fixture
def always(monkeypatch) -> None:
    """Have points simulated by replications, and each of these stored by itself."""
    monkeypatch.setattr(jobs, "LOST_S", 0.0)
    monkeypatch.setattr(jobs, "LEAST_S", 0.0)
    monkeypatch.setattr(jobs, "PASSED_S", 0.0)
    monkeypatch.setattr(checkpoint, "EVERY_S", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)


def unfinished(folder: Path) -> list[Path]:
    """Return the files of replications whose points are not finished."""
    return sorted((folder / "store").glob("*/*.run/*.replications"))


class Stopped(BaseException):
    """Raised in place of Ctrl-C."""


def stop_at_the_third(monkeypatch) -> None:
    """Stop a sweep when the third replication of a point is drawn."""
    draw = simulating.draw

    def drawn(scenario, number):
        if number == 3:
            raise Stopped
        return draw(scenario, number)

    monkeypatch.setattr(simulating, "draw", drawn)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    "run",
    [
        "run: {replications: 3}",
        "run: {until: {metric: throughput, relative: 8%, at_most: 60}}",
    ],
)
def test_a_point_comes_to_the_same_in_one_task_and_by_replications(tmp_path, monkeypatch, run):
    found = planned(tmp_path, TWO, BASE.replace("run: {replications: 3}", run))
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "LOST_S", 1e9)
        whole = simulated(found, tmp_path / "whole")
    for count in (1, 3):
        folder = tmp_path / str(count)
        threads = Threads(count)
        assert simulated(found, folder, threads).records == whole.records
        threads.close(now=False)
        assert unfinished(folder) == []
        kept = {path.name: path.read_bytes() for path in folder.glob("store/*/*")}
        assert kept == {path.name: path.read_bytes() for path in tmp_path.glob("whole/store/*/*")}


@pytest.mark.usefixtures("always")
def test_replications_of_a_point_that_was_not_finished_are_taken_next_time(tmp_path, monkeypatch):
    found = planned(tmp_path, TWO)
    with monkeypatch.context() as patched:
        stop_at_the_third(patched)
        with pytest.raises(Stopped):
            simulated(found, tmp_path)
    assert [path.name for path in unfinished(tmp_path)] == ["1-1.replications", "2-2.replications"]
    said, simulated_again, draw = [], [], simulating.draw

    def counted(scenario, number):
        simulated_again.append((scenario.workload.open.rate, number))
        return draw(scenario, number)

    monkeypatch.setattr(jobs, "LOST_S", 1e9)  # what was started as replications goes on so
    monkeypatch.setattr(simulating, "draw", counted)
    result = simulated(found, tmp_path, said=said.append)
    assert (said[0].kept, said[0].parts) == (0, 2)
    assert len([number for _, number in simulated_again if number < 3]) == 2
    assert unfinished(tmp_path) == []
    assert result.records == simulated(found, tmp_path / "whole").records


@pytest.mark.usefixtures("always")
def test_a_damaged_replication_is_reported_and_simulated_again(tmp_path, monkeypatch, caplog):
    found = planned(tmp_path, TWO)
    with monkeypatch.context() as patched:
        stop_at_the_third(patched)
        with pytest.raises(Stopped):
            simulated(found, tmp_path)
    one, other = unfinished(tmp_path)
    data = one.read_bytes()
    one.write_bytes(data[:-9] + bytes([data[-9] ^ 0x5A]) + data[-8:])
    result = simulated(found, tmp_path)
    assert caplog.messages == [
        f"{one}: its content is not what was written; it is ignored, and simulated again"
    ]
    assert not other.exists()
    assert result.records == simulated(found, tmp_path / "whole").records


@pytest.mark.usefixtures("always")
def test_a_replication_that_fails_fails_its_point_and_no_other(tmp_path, monkeypatch):
    draw = simulating.draw

    def failing(scenario, number):
        if scenario.workload.open.rate == 30 and number == 2:
            raise RunError("no end")
        return draw(scenario, number)

    monkeypatch.setattr(simulating, "draw", failing)
    threads = Threads(2)
    result = simulated(planned(tmp_path, TWO), tmp_path, threads)
    threads.close(now=False)
    assert result.failures == {1: "no end"}
    assert sorted(result.records) == [2]


@pytest.mark.usefixtures("always")
def test_a_disk_that_is_full_ends_the_sweep_with_advice(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write", full)
    with pytest.raises(RunError, match=r"No space left .*run the same command to continue"):
        simulated(planned(tmp_path, TWO), tmp_path)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("error", [BrokenProcessPool("dead"), CancelledError()])
def test_workers_that_always_die_fail_their_point_and_those_that_are_gone_all(tmp_path, error):
    class Mortal:
        count = 2

        def submit(self, work, *given):
            future: Future = Future()
            if given[0].scenario.workload.open.rate == 90:
                future.set_exception(error)
            else:
                future.set_result(work(*given))
            return future

        def restart(self) -> None:
            pass

    def result():
        return simulated(planned(tmp_path, TWO), tmp_path, Mortal())

    if isinstance(error, CancelledError):
        with pytest.raises(RunError, match="the workers are gone"):
            result()
        return
    found = result()
    assert found.failures == {2: DIED}
    assert sorted(found.records) == [1]


def job(weight: float, seconds: float, replications: int = 10, rows: float = 0.0) -> Job:
    return Job(f"{weight}", None, weight, replications, rows, seconds)  # type: ignore[arg-type]


def test_points_are_large_that_too_few_others_keep_the_workers_busy_beside():
    three = [job(weight, seconds=10) for weight in (10, 10.1, 10.2)]
    assert large(three, workers=2) == three[::-1]
    assert large(three, workers=1) == []
    many = [job(weight, seconds=10) for weight in range(10, 40)]
    assert large(many, workers=2) == []
    assert large([job(1000, seconds=10), *many], workers=2) == [job(1000, seconds=10)]


def test_a_point_is_one_task_where_its_replications_are_too_small_or_too_large_to_be_sent():
    assert large([job(10, seconds=0.1)], workers=2) == []
    assert large([job(10, seconds=10, replications=1)], workers=2) == []
    assert large([job(10, seconds=10, rows=3 / PASSED_S)], workers=2) == []


def test_points_with_long_replications_are_large_however_many_there_are():
    many = [job(weight, seconds=100) for weight in range(40, 10, -1)]
    assert large(many, workers=1) == many
    assert large(many, workers=10) == many


def test_points_are_tasks_where_their_replications_would_leave_workers_without_work():
    many = [job(weight, seconds=100) for weight in range(40, 10, -1)]
    assert large(many, workers=20) == []
    assert large(many[:15], workers=20) == []
    assert large(many[:10], workers=20) == many[:10]


def test_a_replication_comes_back_as_it_was_whatever_its_server_does(tmp_path):
    found = planned(tmp_path, TWO, EVERYTHING)
    runs = Runs()
    replicate([found.scenario(found.points[0])], runs, [2])
    back = unpack(pack(runs))
    for server, (trace,) in runs.traces.items():
        (read,) = back[server]
        given = {"late_cpu_ns": 0, "late_until_ns": MISSING}  # stands for every row where absent
        for name, value in vars(trace).items():
            if name in {"segments", "visits", "calls"}:
                assert_equal(vars(getattr(read, name)), vars(value))
            elif name != "requests":  # it is derived from the others
                expected = given[name] if value is None and name in given else value
                assert_equal({name: getattr(read, name)}, {name: expected})
    assert len(runs.traces["serial"][0].visits) > 0


def pack(runs: Runs) -> bytes:
    """Return the traces of *runs* as the store has them."""
    file = BytesIO()
    write(runs, file)
    return file.getvalue()


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        is_none = name == "attempt" and value is None
        assert np.array_equal(found[name], 1 if is_none else value) or (
            np.all(found[name] == (1 if is_none else value))
        ), name


def test_the_traces_of_a_replication_are_checked_before_they_are_used(tmp_path):
    found = planned(tmp_path, TWO)
    runs = Runs()
    replicate([found.scenario(found.points[0])], runs, [2])
    data = pack(runs)
    for place in range(0, len(data), 97):  # whatever is damaged is refused, or does no harm
        with contextlib.suppress(DamagedError):
            unpack(data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :])
        if place % 970 == 0:
            with pytest.raises(DamagedError):
                unpack(data[:place])


def test_a_column_whose_name_is_no_text_is_damage(tmp_path):
    found = planned(tmp_path, TWO)
    runs = Runs()
    replicate([found.scenario(found.points[0])], runs, [2])
    with pytest.raises(DamagedError, match="the name of a column"):
        unpack(pack(runs).replace(b"demand_ns", b"demand\xac_n"))


@pytest.mark.usefixtures("always")
def test_a_replication_that_someone_forged_is_ignored_in_a_line(tmp_path, monkeypatch, caplog):
    found = planned(tmp_path, TWO)
    with monkeypatch.context() as patched:
        stop_at_the_third(patched)
        with pytest.raises(Stopped):
            simulated(found, tmp_path)
    for path, content in zip(unfinished(tmp_path), (b"", b"\xff" * 1000), strict=True):
        store.write(path, content)  # with a digest that is right
    result = simulated(found, tmp_path)
    assert len(caplog.messages) == 2
    assert all("; it is ignored, and simulated again" in each for each in caplog.messages)
    assert not any("\n" in each for each in caplog.messages)
    assert result.records == simulated(found, tmp_path / "whole").records
