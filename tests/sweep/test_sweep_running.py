"""Points simulated by any workers, some of which die."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest
from sweep_examples import BASE, Threads, planned, simulated

from simsched.errors import RunError
from simsched.experiment import run
from simsched.experiment.cost import Pace, requests, shortened, weight
from simsched.experiment.forecast import estimate
from simsched.experiment.sweep import Finished
from simsched.experiment.sweep import task as tasks
from simsched.experiment.sweep.jobs import LONG, Job, Queue
from simsched.experiment.sweep.tables import rows
from simsched.experiment.sweep.task import DIED
from simsched.report.sweep.maps import maps
from simsched.report.sweep.points import shown_metrics
from simsched.statistics.summary import summary_rows


def test_the_figures_of_a_point_are_those_of_a_run_of_its_scenario(tmp_path):
    found = planned(tmp_path)
    result = simulated(found, tmp_path)
    for point in found.points:
        alone = run([found.scenario(point)])
        said = result.records[point.number]
        assert list(said.rows) == list(summary_rows(alone.servers))
        assert said.verdicts == alone.verdicts
        assert said.warnings == alone.warnings


def test_each_point_gets_the_replications_that_its_intervals_need(tmp_path):
    rule = "until: {metric: throughput, relative: 10%, at_most: 60}"
    base = BASE.replace("run: {replications: 3}", f"run: {{{rule}}}")
    text = "sweep: {matrix: {workload.requests: [20, 600]}}\n"
    found = planned(tmp_path, text, base)
    result = simulated(found, tmp_path)
    few, many = (one.replications for one in result.records.values())
    assert few > many >= 10
    alone = run([found.scenario(found.points[0])])
    assert alone.scenarios[0].run.replications == few
    assert {row[-1] for row in rows(result)} == {few, many}


def test_any_workers_give_the_same(tmp_path):
    found = planned(tmp_path)
    alone = simulated(found, tmp_path / "alone")
    for count in (1, 2, 5):
        threads = Threads(count)
        assert simulated(found, tmp_path / str(count), threads).records == alone.records
        threads.close(now=False)


def test_every_point_is_reported_once_with_the_progress(tmp_path):
    said = []
    simulated(planned(tmp_path), tmp_path, said=said.append)
    finished = [event for event in said if isinstance(event, Finished)]
    assert [event.done for event in finished] == [1, 2, 3, 4, 5, 6]
    assert sorted(event.point.number for event in finished) == [1, 2, 3, 4, 5, 6]
    assert all(event.left_s >= 0 for event in finished)
    assert finished[-1].left_s == 0


def test_points_that_are_one_scenario_are_simulated_once(tmp_path):
    text = "sweep: {matrix: {run: [{seed: 1}, {seed: 2}]}}\n"
    result = simulated(planned(tmp_path, text, seed=3), tmp_path)
    assert result.records[1] == result.records[2]
    assert len(list((tmp_path / "store").glob("*/*.json"))) == 1


def test_a_point_that_fails_is_recorded_and_the_rest_goes_on(tmp_path, monkeypatch):
    simulate = tasks.run

    def failing(scenarios, **options):
        if scenarios[0].servers["serial"].workers == 2:
            rate = scenarios[0].workload.open.rate
            raise {20.0: MemoryError(), 50.0: RunError("no end"), 90.0: KeyError("x")}[rate]
        return simulate(scenarios, **options)

    monkeypatch.setattr(tasks, "run", failing)
    found = planned(tmp_path)
    result = simulated(found, tmp_path)
    assert result.failures == {2: "out of memory", 4: "no end", 6: "KeyError: 'x'"}
    assert sorted(result.records) == [1, 3, 5]
    monkeypatch.undo()
    again = simulated(found, tmp_path)  # what failed is tried again
    assert not again.failures


def test_values_that_do_not_go_together_fail_their_point_alone(tmp_path):
    text = """
    sweep:
      matrix:
        servers.serial.workers: [1, 2]
        "events[0].worker": [0, 1]
    """
    base = BASE + "events: [{worker: 0, at: 0s, for: 1s, down: true, server: serial}]\n"
    said = []
    result = simulated(planned(tmp_path, text, base), tmp_path, said=said.append)
    assert list(result.failures) == [2]
    assert "events[0].worker" in result.failures[2]
    assert [event.done for event in said[1:]] == [1, 2, 3, 4]
    *_, figures = maps(result, shown_metrics(result))
    cells = [view.data[0]["text"] for view in figures.views]
    assert cells
    assert all(isinstance(text, str) for rows in cells for row in rows for text in row)


class Mortal:
    """Workers that die while they do what *deadly* says."""

    count = 2

    def __init__(self, deadly) -> None:
        self._deadly = deadly
        self.deaths = 0

    def submit(self, work, *arguments):
        future: Future = Future()
        if self._deadly(self, arguments[0]):
            future.set_exception(BrokenProcessPool("dead"))
        else:
            future.set_result(work(*arguments))
        return future

    def restart(self) -> None:
        self.deaths += 1


def test_workers_that_die_now_and_then_cost_nothing_but_time(tmp_path):
    found = planned(tmp_path)
    mortal = Mortal(lambda workers, _: workers.deaths < 4)
    assert simulated(found, tmp_path, mortal).records == simulated(found, tmp_path / "a").records
    assert mortal.deaths >= 4


def test_a_point_that_kills_every_worker_fails_and_the_rest_goes_on(tmp_path):
    found = planned(tmp_path)
    mortal = Mortal(lambda _, batch: any(t.workload.open.rate == 90 for t in batch))
    result = simulated(found, tmp_path, mortal)
    assert result.failures == {5: DIED, 6: DIED}
    assert sorted(result.records) == [1, 2, 3, 4]


def test_a_pool_that_breaks_while_it_is_given_work_is_replaced(tmp_path):
    class Refusing(Mortal):
        def submit(self, work, *arguments):
            if self.deaths < 2:
                raise BrokenProcessPool("dead")
            return super().submit(work, *arguments)

    result = simulated(planned(tmp_path), tmp_path, Refusing(lambda *_: False))
    assert len(result.records) == 6


def test_an_error_of_the_cluster_fails_the_points_that_met_it(tmp_path):
    class Cluster(Mortal):
        def submit(self, work, *arguments):
            future = super().submit(work, *arguments)
            if arguments[0][0].workload.open.rate == 20:
                future = Future()
                future.set_exception(ConnectionError("lost"))
            return future

    result = simulated(planned(tmp_path), tmp_path, Cluster(lambda *_: False))
    assert set(result.failures.values()) == {"ConnectionError: lost"}


def test_workers_that_are_gone_end_the_sweep_with_advice(tmp_path):
    class Gone(Mortal):
        def submit(self, *_):
            future: Future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(RunError, match="run the same command to continue"):
        simulated(planned(tmp_path), tmp_path, Gone(lambda *_: False))


def jobs(*weights: float) -> list[Job]:
    return [Job(f"job {n}", None, one) for n, one in enumerate(weights)]  # type: ignore[arg-type]


def test_the_heaviest_task_is_done_first_and_alone_until_the_pace_is_known():
    queue = Queue(jobs(1, 5, 3), 2)
    assert [job.weight for job in queue.batch()] == [5]
    assert [job.weight for job in queue.batch()] == [3]


def test_small_tasks_are_done_in_batches_and_large_ones_are_not():
    queue = Queue(jobs(*[1.0] * 5000), 2)
    queue.pace.learn(1.0, 0.001)
    size = len(queue.batch())
    assert size == pytest.approx(LONG / 0.001, rel=0.02)
    large = Queue(jobs(*[1.0] * 50), 2)
    large.pace.learn(1.0, 0.5)
    assert len(large.batch()) == 1


def test_batches_become_small_near_the_end():
    queue = Queue(jobs(*[1.0] * 400), 4)
    queue.pace.learn(1.0, 0.001)
    sizes = []
    while queue:
        sizes.append(len(queue.batch()))
    assert sizes[0] > 5 * sizes[-1]
    assert sum(sizes) == 400


def test_the_rest_takes_as_long_as_what_was_measured():
    pace = Pace()
    pace.learn(10, 2.0)
    pace.learn(30, 6.0)
    assert pace.foresee(100) == pytest.approx(20)


def test_work_grows_with_requests_servers_and_replications(tmp_path):
    text = "sweep: {matrix: {workload.requests: [1000, 2000], run.replications: [1, 2]}}\n"
    found = planned(tmp_path, text)
    one, twice, double, most = (weight(found.scenario(point)) for point in found.points)
    assert twice == 2 * one
    assert most == 2 * double
    assert 1.8 < double / one < 2


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        ("{open: {rate: 50/s}, duration: 10s}", 500),
        ("{open: {rate: 50/s}, requests: 70}", 70),
        ("{schedule: [{at: 0s, request: page, times: 3}, {at: 1s, request: page}]}", 4),
        ("{closed: {users: 10, think: 990ms}, duration: 10s}", 100),
    ],
)
def test_how_many_requests_there_will_be_is_foreseen(tmp_path, workload, expected):
    base = BASE.replace("workload:\n  open: {rate: 50/s}\n  requests: 60", f"workload: {workload}")
    found = planned(tmp_path, "sweep: {matrix: {run.seed: [1]}}\n", base)
    scenario = found.scenario(found.points[0])
    assert requests(scenario) == pytest.approx(expected)
    assert requests(shortened(scenario)) <= 500


def test_a_sweep_is_estimated_from_a_little_of_it(tmp_path):
    text = "sweep: {matrix: {workload.requests: [300, 600]}}\n"
    found = planned(tmp_path, text)
    said = []
    simulated(found, tmp_path, said=said.append)
    seconds, at_least = estimate(found)
    assert 0.01 < seconds < 60
    assert not at_least
