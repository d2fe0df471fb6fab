"""An interrupted run continues from its finished replications, with the same result."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from simsched import experiment
from simsched.errors import RunError
from simsched.experiment import checkpoint, simulating, store
from simsched.experiment.checkpoint import Checkpoint
from simsched.experiment.store import Store
from simsched.experiment.tables import requests_table, segments_table
from simsched.report import html, summary
from simsched.scenario import dump, loads
from simsched.statistics.contender import contenders_of

SCENARIO = """
name: kept
requests:
  page: [{cpu: {exponential: 4ms}}, {io: 20ms, on: db}, {parallel: [[{cpu: 1ms}], [{io: 2ms}]]}]
  ping: [{cpu: {exponential: 1ms}}]
workload: {open: {rate: 100/s}, mix: {page: 1, ping: 2}, requests: 120}
resources: {db: {capacity: 2}}
client: {timeout: 60ms, retries: {max: 2, backoff: {initial: 5ms, max: 20ms}}}
servers: {serial: {model: serial, workers: 2}, loop: {model: cooperative}}
run: {replications: 6, engine: simpy}
"""


class Stopped(BaseException):
    """Raised in place of Ctrl-C."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Keep every replication by itself."""
    monkeypatch.setattr(checkpoint, "EVERY_S", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)


def prepared(text=SCENARIO, **changes):
    return experiment.prepare([loads(text)], **changes)


def opened(root, scenarios):
    return Checkpoint(Store(root), scenarios, contenders_of(scenarios))


def stopped_after(root, done, scenarios):
    """Run until so many simulations are *done*, and stop there."""

    def stop(so_far, _):
        if so_far == done:
            raise Stopped

    with pytest.raises(Stopped):
        experiment.run(scenarios, stop, checkpoint=opened(root, scenarios))


def continued(root, scenarios, monkeypatch):
    """Run to the end; return the result, and which replications were simulated for it."""
    numbers = []
    draw = simulating.draw

    def noted(scenario, number):
        numbers.append(number)
        return draw(scenario, number)

    with monkeypatch.context() as patched:
        patched.setattr(simulating, "draw", noted)
        found = experiment.run(scenarios, checkpoint=opened(root, scenarios))
    return found, sorted(set(numbers))


def batches(root):
    return sorted(path.name for path in root.glob("*/*.run/*"))


def assert_same(found, whole):
    texts = {"kept": dump(whole.scenarios[0])}
    assert summary.to_json(found) == summary.to_json(whole)
    assert html.render(found, texts) == html.render(whole, texts)
    for table in (requests_table, segments_table):
        assert table(found).equals(table(whole), check_metadata=True)


@pytest.mark.parametrize("done", [2, 3, 7, 10])
def test_what_is_finished_is_not_simulated_again(tmp_path, monkeypatch, done):
    scenarios = prepared()
    whole = experiment.run(scenarios)
    stopped_after(tmp_path, done, scenarios)
    finished = (done - 1) // 2  # of two servers; the last simulation was not taken in
    assert len(batches(tmp_path)) == finished
    assert opened(tmp_path, scenarios).count == finished
    found, simulated = continued(tmp_path, scenarios, monkeypatch)
    assert simulated == list(range(finished + 1, 7))
    assert_same(found, whole)


def test_a_run_with_a_stopping_rule_continues_too(tmp_path, monkeypatch):
    until = "{until: {metric: throughput, relative: 8%, at_most: 30}, engine: simpy}"
    scenarios = prepared(SCENARIO.replace("{replications: 6, engine: simpy}", until))
    whole = experiment.run(scenarios)
    first = scenarios[0].run.replications
    wanted = whole.scenarios[0].run.replications
    assert wanted > first
    stopped_after(tmp_path, 2 * first + 4, scenarios)
    found, simulated = continued(tmp_path, scenarios, monkeypatch)
    assert simulated == list(range(first + 2, wanted + 1))
    assert_same(found, whole)


def test_many_small_replications_are_kept_together(tmp_path, monkeypatch):
    scenarios = prepared()
    now = [0.0]
    monkeypatch.setattr(checkpoint, "EVERY_S", 2.0)
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])

    def tick(*_):
        now[0] += 0.3

    whole = experiment.run(scenarios, tick, checkpoint=opened(tmp_path, scenarios))
    assert batches(tmp_path) == ["1-4.replications"]
    found, simulated = continued(tmp_path, scenarios, monkeypatch)
    assert simulated == [5, 6]
    assert_same(found, whole)


def test_no_more_than_a_tenth_of_the_time_is_spent_on_writing(tmp_path, monkeypatch):
    scenarios = prepared(replications=40)
    now, write = [0.0], store.write
    monkeypatch.setattr(checkpoint, "EVERY_S", 2.0)
    monkeypatch.setattr(checkpoint, "SHARE", 0.1)
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])

    def slow(*given):
        now[0] += 1.0
        write(*given)

    def tick(*_):
        now[0] += 0.5

    monkeypatch.setattr(store, "write", slow)
    experiment.run(scenarios, tick, checkpoint=opened(tmp_path, scenarios))
    # One second for each batch, and two simulations of half a second for each replication.
    expected = ["1-2", "3-12", "13-22", "23-32"]
    assert {path.removesuffix(".replications") for path in batches(tmp_path)} == set(expected)


def test_a_single_replication_is_not_stored_however_long_it_takes(tmp_path):
    scenarios = prepared(replications=1)
    experiment.run(scenarios, checkpoint=opened(tmp_path, scenarios))
    assert batches(tmp_path) == []


def test_a_short_run_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "EVERY_S", 1e9)
    monkeypatch.setattr(store, "engine_version", lambda: pytest.fail("it is not needed"))
    scenarios = prepared()
    kept = opened(tmp_path, scenarios)
    experiment.run(scenarios, checkpoint=kept)
    kept.forget()
    assert list(tmp_path.iterdir()) == []


def test_another_seed_is_another_run(tmp_path):
    stopped_after(tmp_path, 6, prepared())
    assert opened(tmp_path, prepared()).count == 2
    assert opened(tmp_path, prepared(seed=9)).count == 0
    assert opened(tmp_path, prepared(replications=7)).count == 0


def test_a_finished_run_is_forgotten_and_others_are_not(tmp_path):
    ours, others = prepared(), prepared(seed=9)
    stopped_after(tmp_path, 6, ours)
    stopped_after(tmp_path, 8, others)
    opened(tmp_path, ours).forget()
    assert opened(tmp_path, ours).count == 0
    assert opened(tmp_path, others).count == 3


def test_interrupted_runs_are_removed_after_a_month(tmp_path):
    stopped_after(tmp_path, 6, prepared(seed=9))
    (folder,) = tmp_path.glob("*/*.run")
    os.utime(folder, (0, 0))
    opened(tmp_path, prepared())
    assert not folder.exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda data: data[:-9], "its content is not what was written"),
        (lambda _: b"no table", "its content is not what was written"),
        (None, "it holds other replications than its name says"),
    ],
)
def test_a_damaged_batch_is_named_in_a_line_and_simulated_again(
    tmp_path, monkeypatch, caplog, content, why
):
    scenarios = prepared()
    whole = experiment.run(scenarios)
    stopped_after(tmp_path, 10, scenarios)
    path = next(tmp_path.glob("*/*.run/2-2.replications"))
    if content is None:
        (first,) = tmp_path.glob("*/*.run/1-1.replications")
        data = first.read_bytes().partition(b"\n")[2]
        path = path.with_name("2-3.replications")
        path.with_name("3-3.replications").unlink()
        path.with_name("2-2.replications").unlink()
        store.write(path, data)  # with a digest that is right
    else:
        path.write_bytes(content(path.read_bytes()))
    found, simulated = continued(tmp_path, scenarios, monkeypatch)
    assert simulated == [2, *([3] if content is None else []), 5, 6]
    assert caplog.messages == [f"{path}: {why}; it is ignored, and simulated again"]
    assert_same(found, whole)
    assert opened(tmp_path, scenarios).count == 5  # nothing is left to simulate after the last


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("loop:", "pool:"), "it has no server 'loop' of the scenario"),
        (("workers: 2", "workers: 3"), "the workers of 'serial' are not those of the scenario"),
        (("ping", "pong"), "the classes of 'serial' are not those of the scenario"),
        (("db", "pool"), "the resources of 'serial' are not those of the scenario"),
    ],
)
def test_traces_of_another_scenario_are_refused(tmp_path, monkeypatch, caplog, change, why):
    scenarios, others = prepared(), prepared(SCENARIO.replace(*change))
    stopped_after(tmp_path, 4, others)
    (forged,) = tmp_path.glob("*/*.run/1-1.replications")
    target = Store(tmp_path).run_folder(store.key_of_search(scenarios, "run")) / forged.name
    target.parent.mkdir(parents=True)
    target.write_bytes(forged.read_bytes())
    found, simulated = continued(tmp_path, scenarios, monkeypatch)
    assert simulated == [1, 2, 3, 4, 5, 6]
    assert caplog.messages == [f"{target}: {why}; it is ignored, and simulated again"]
    assert_same(found, experiment.run(scenarios))


def test_a_full_disk_ends_the_run_and_what_is_kept_is_taken_next_time(tmp_path, monkeypatch):
    scenarios = prepared()
    write, left = store.write, [3]

    def full(path: Path, content: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", full)
        message = "No space left on device; 3 replications are stored: make room and run"
        with pytest.raises(RunError, match=message):
            experiment.run(scenarios, checkpoint=opened(tmp_path, scenarios))
    found, simulated = continued(tmp_path, scenarios, monkeypatch)
    assert simulated == [4, 5, 6]
    assert_same(found, experiment.run(scenarios))


def test_of_a_very_long_run_only_what_is_held_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("simsched.experiment.runs.HELD", 700)
    scenarios = prepared()
    whole = experiment.run(scenarios)
    assert not whole.holds_every_request
    stopped_after(tmp_path, 11, scenarios)
    held = len(next(iter(whole.traces.values())))
    assert len(batches(tmp_path)) == held < 5
    found, _ = continued(tmp_path, scenarios, monkeypatch)
    assert summary.to_json(found) == summary.to_json(whole)
