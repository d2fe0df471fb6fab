"""Points whose replications are tasks of their own come to the same, whatever happens."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sweep_examples import BASE, Threads, planned, simulated

from simsched.engine.trace import MISSING
from simsched.errors import RunError
from simsched.experiment import store
from simsched.experiment.cost import Pace
from simsched.experiment.runner import replicate
from simsched.experiment.runs import Runs
from simsched.experiment.store import Store
from simsched.experiment.stored_traces import pack, unpack
from simsched.experiment.sweep import jobs
from simsched.experiment.sweep import task as tasks
from simsched.experiment.sweep.executing import DIED
from simsched.experiment.sweep.jobs import PASSED_S, Job, is_worth_splitting
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
    """Have points split as if their replications took long."""
    monkeypatch.setattr(jobs, "LOST_S", 0.0)
    monkeypatch.setattr(jobs, "PASSED_S", 0.0)


def unfinished(folder: Path) -> list[Path]:
    """Return the files of replications whose points are not finished."""
    return sorted((folder / "store").glob("*/*.replication"))


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    "run",
    [
        "run: {replications: 3}",
        "run: {until: {metric: throughput, relative: 8%, at_most: 60}}",
    ],
)
def test_a_point_comes_to_the_same_in_one_task_and_in_many(tmp_path, monkeypatch, run):
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
    put, left = Store.put_part, [4]

    def ending(*given):
        put(*given)
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "put_part", ending)
        with pytest.raises(KeyboardInterrupt):
            simulated(found, tmp_path)
    assert len(unfinished(tmp_path)) == 4
    said, simulated_again = [], []

    def counted(scenarios, runs, numbers):
        simulated_again.extend(numbers)
        return replicate(scenarios, runs, numbers)

    monkeypatch.setattr(tasks, "replicate", counted)
    result = simulated(found, tmp_path, said=said.append)
    assert (said[0].kept, said[0].parts) == (0, 4)
    assert sorted(simulated_again) == [2, 3]
    assert result.records == simulated(found, tmp_path / "whole").records


@pytest.mark.usefixtures("always")
def test_a_damaged_replication_is_reported_and_simulated_again(tmp_path, monkeypatch, caplog):
    found = planned(tmp_path, TWO)
    with monkeypatch.context() as patched:
        patched.setattr("simsched.experiment.sweep.executing.perform", no_end_of_the_third)
        with pytest.raises(RunError, match="no end"):
            simulated(found, tmp_path)
    one, other = unfinished(tmp_path)
    data = one.read_bytes()
    one.write_bytes(data[:-9] + bytes([data[-9] ^ 0x5A]) + data[-8:])
    said = []
    result = simulated(found, tmp_path, said=said.append)
    assert caplog.messages == [
        f"{one}: its content is not what was written; it is ignored, and simulated again"
    ]
    assert said[0].parts == 1
    assert not other.exists()
    assert result.records == simulated(found, tmp_path / "whole").records


def no_end_of_the_third(batch):
    if any(getattr(task, "number", 0) == 3 for task in batch):
        raise RunError("no end")
    return tasks.perform(batch)


@pytest.mark.usefixtures("always")
def test_a_replication_that_fails_fails_its_point_and_no_other(tmp_path, monkeypatch):
    def failing(scenarios, runs, numbers):
        if scenarios[0].workload.open.rate == 30 and numbers[0] == 2:
            raise RunError("no end")
        return replicate(scenarios, runs, numbers)

    monkeypatch.setattr(tasks, "replicate", failing)
    threads = Threads(2)
    result = simulated(planned(tmp_path, TWO), tmp_path, threads)
    threads.close(now=False)
    assert result.failures == {1: "no end"}
    assert sorted(result.records) == [2]


@pytest.mark.usefixtures("always")
def test_a_replication_that_kills_every_worker_fails_its_point_and_no_other(tmp_path):
    class Mortal:
        count = 2

        def submit(self, work, batch):
            future: Future = Future()
            if any(task.scenario.workload.open.rate == 90 for task in batch):
                future.set_exception(BrokenProcessPool("dead"))
            else:
                future.set_result(work(batch))
            return future

        def restart(self) -> None:
            pass

    result = simulated(planned(tmp_path, TWO), tmp_path, Mortal())
    assert result.failures == {2: DIED}
    assert sorted(result.records) == [1]


def test_replications_that_are_gone_or_damaged_are_simulated_again(tmp_path):
    """Another sweep that finishes the same point removes them at any moment."""
    found = planned(tmp_path, TWO)
    scenario = found.scenario(found.points[0])
    (second,) = tasks.perform([tasks.Task("replication", scenario, number=2)])
    parts = (tmp_path / "gone.replication", second.data, b"damaged")
    whole, concluded = tasks.perform(
        [tasks.Task("point", scenario), tasks.Task("conclusion", scenario, parts=parts)]
    )
    assert concluded.data == whole.data


@pytest.mark.usefixtures("always")
def test_replications_stay_on_the_disk_until_their_figures_are_drawn(tmp_path, monkeypatch):
    handed_out = []

    def noting(batch):
        handed_out.extend(batch)
        return tasks.perform(batch)

    monkeypatch.setattr("simsched.experiment.sweep.executing.perform", noting)
    simulated(planned(tmp_path, TWO), tmp_path)
    parts = [part for task in handed_out for part in task.parts]
    assert len(parts) == 6
    assert all(isinstance(part, Path) for part in parts)


def job(weight: float, replications: int = 10, rows: float = 0.0, kept: bool = False) -> Job:
    parts = frozenset({1}) if kept else frozenset()
    return Job("a", None, weight, replications, rows, kept=parts)  # type: ignore[arg-type]


def pace(seconds: float) -> Pace:
    found = Pace()
    found.learn(1.0, seconds)
    return found


def test_points_are_split_where_too_few_are_left_to_keep_all_workers_busy():
    assert is_worth_splitting(job(10), left=30, workers=2, pace=pace(1.0))
    assert not is_worth_splitting(job(10), left=300, workers=2, pace=pace(1.0))
    assert is_worth_splitting(job(10), left=300, workers=20, pace=pace(1.0))
    assert not is_worth_splitting(job(10), left=10, workers=1, pace=pace(1.0))


def test_a_point_is_one_task_where_its_replications_are_too_small_or_too_large_to_be_sent():
    assert not is_worth_splitting(job(10), left=10, workers=2, pace=pace(0.01))
    assert not is_worth_splitting(job(10, replications=1), left=10, workers=2, pace=pace(1.0))
    assert not is_worth_splitting(job(10, rows=3 / PASSED_S), 10, workers=2, pace=pace(1.0))


def test_long_replications_and_unfinished_points_are_split_however_many_there_are():
    assert is_worth_splitting(job(10), left=1e6, workers=1, pace=pace(10.0))
    assert is_worth_splitting(job(10, rows=1e9, kept=True), left=1e6, workers=1, pace=pace(0.001))


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
        patched.setattr("simsched.experiment.sweep.executing.perform", no_end_of_the_third)
        with pytest.raises(RunError, match="no end"):
            simulated(found, tmp_path)
    for path, content in zip(unfinished(tmp_path), (b"", b"\xff" * 1000), strict=True):
        store.write(path, content)  # with a digest that is right
    result = simulated(found, tmp_path)
    assert len(caplog.messages) == 2
    assert all("; it is ignored, and simulated again" in each for each in caplog.messages)
    assert not any("\n" in each for each in caplog.messages)
    assert result.records == simulated(found, tmp_path / "whole").records
