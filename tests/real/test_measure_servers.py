"""Each model for real: what must hold however busy the machine is."""

from __future__ import annotations

import os

import numpy as np
import pytest

from simsched.engine.trace import MISSING, Activity, Status
from simsched.errors import InputError, RunError, ScenarioError
from simsched.experiment.consistency import check_segments, check_trace
from simsched.experiment.workers import cores
from simsched.real import measuring
from simsched.real.burning import CHUNK_NS
from simsched.scenario import load

MS = 1_000_000
MINUTE = 60 * 1_000_000_000

PAGE = [{"cpu": "2ms"}, {"io": "5ms"}, {"cpu": "1ms"}]
BURST = {"schedule": [{"at": f"{at}ms", "request": "page"} for at in range(6)]}


def scenario(servers, *, requests=None, workload=None, **more):
    return load(
        {
            "name": "real",
            "requests": {"page": PAGE} if requests is None else requests,
            "workload": workload or BURST,
            "servers": servers,
            **more,
        }
    )


def measured(given, seed=None):
    """The trace of each server of the scenario *given*, measured."""
    found = measuring.measure(measuring.plan(given, seed, MINUTE), MINUTE)
    assert not found.is_interrupted
    traces = {name: traces[0] for name, traces in found.measured.traces.items()}
    for trace in traces.values():
        check_trace(trace)
        check_segments(trace)
    return traces


def stretches(trace, *activities):
    """When the stretches of some activities began and ended, in order, as the worker says."""
    shown = np.isin(trace.segments.activity, activities)
    starts, finishes = trace.segments.start_ns[shown], trace.segments.finish_ns[shown]
    order = np.argsort(starts)
    return starts[order], finishes[order]


def most(starts, finishes):
    """How many there are at most at the same time."""
    changes = sorted([(moment, -1) for moment in finishes] + [(moment, 1) for moment in starts])
    return max(np.cumsum([change for _, change in changes]))


def most_at_once(trace):
    """The most slots in use at the same time."""
    granted = trace.visits.granted_ns != MISSING
    return most(trace.visits.granted_ns[granted], trace.visits.released_ns[granted])


def test_every_model_serves_every_request_with_the_cpu_time_and_io_that_it_asks_for():
    traces = measured(
        scenario(
            {
                "serial": {"model": "serial"},
                "threaded": {"model": "threaded", "threads": 3},
                "cooperative": {"model": "cooperative"},
            }
        )
    )
    for trace in traces.values():
        assert (trace.status == Status.COMPLETED).all()
        assert (np.abs(trace.cpu_ns - 3 * MS) < MS).all(), "CPU time does not depend on the load"
        assert (trace.io_ns == 5 * MS).all()
        assert trace.arrival_ns.tolist() == [at * MS for at in range(6)]
        assert (trace.finish_ns - trace.arrival_ns >= 8 * MS - 4 * CHUNK_NS).all()
    starts, finishes = stretches(traces["serial"], Activity.IO, Activity.CPU)
    assert (finishes[:-1] <= starts[1:]).all(), "one after another"


def test_pools_fan_out_answers_and_failures_are_as_the_scenario_says():
    requests = {
        "held": [{"hold": "db", "phases": [{"io": "3ms"}, {"cpu": "0.5ms"}]}],
        "both": [{"parallel": [[{"io": "4ms", "on": "db"}], [{"io": "3ms"}]]}, {"cpu": "0.2ms"}],
        "early": [{"cpu": "0.2ms"}, {"respond": True}, {"cpu": "2ms"}],
        "bad": [{"io": "1ms", "fails": 1}, {"cpu": "9ms"}],
    }
    at = [{"at": f"{n}ms", "request": name} for n in range(4) for name in requests]
    servers = {
        "loop": {"model": "cooperative"},
        "threads": {"model": "threaded", "threads": 6, "parallel": "concurrent"},
        "one": {"model": "serial"},
    }
    given = scenario(
        servers, requests=requests, workload={"schedule": at}, resources={"db": {"capacity": 2}}
    )
    for name, trace in measured(given).items():
        classes = np.array([trace.classes[each] for each in trace.class_id])
        failed = classes == "bad"
        assert (trace.status[failed] == Status.FAILED).all()
        assert (trace.status[~failed] == Status.COMPLETED).all()
        assert (trace.cpu_ns[failed] == 0).all(), "a request that fails does no more"
        assert (trace.late_cpu_ns[classes == "early"] >= 2 * MS - CHUNK_NS).all()
        assert len(trace.visits) == 8
        assert most_at_once(trace) <= 2
        assert (trace.io_ns[classes == "both"] >= 7 * MS).all()
        assert trace.concurrent is (name != "one")


@pytest.mark.skipif(cores() < 2, reason="two workers need two cores")
def test_workers_share_the_requests_as_the_dispatch_says():
    servers = {
        "turns": {"model": "cooperative", "workers": 2, "dispatch": "round_robin"},
        "race": {"model": "threaded", "workers": 2, "threads": 2, "cores": 1},
    }
    given = scenario(servers)
    traces = measured(given)
    for trace in traces.values():
        assert (trace.status == Status.COMPLETED).all()
        assert set(trace.worker) <= {0, 1}
    assert traces["turns"].worker.tolist() == [0, 1, 0, 1, 0, 1]


def test_limits_refuse_and_bound_what_is_served():
    at = {"schedule": [{"at": "0ms", "request": "page"} for _ in range(8)]}
    servers = {
        "full": {"model": "serial", "workers": 2, "cores": 1, "backlog": 2},
        "late": {"model": "serial", "queue_timeout": "1ms"},
        "few": {"model": "cooperative", "max_in_flight": 2},
    }
    # So long that a client on a busy machine has sent the last before the first is served.
    requests = {"page": [{"io": "300ms"}]}
    traces = measured(scenario(servers, requests=requests, workload=at))
    for name in ("full", "late"):
        ended = [Status(each) for each in traces[name].status]
        assert set(ended) <= {Status.REFUSED, Status.COMPLETED}
        assert Status.REFUSED in ended
    few = traces["few"]
    assert (few.status == Status.COMPLETED).all()
    assert most(*stretches(few, Activity.IO)) <= 2


def test_users_think_ask_and_wait_for_their_answers():
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    closed = {"closed": {"users": 3, "think": "4ms"}, "requests": 12}
    (trace,) = measured(scenario({"s": {"model": "cooperative"}}, workload=closed)).values()
    assert before is None or os.sched_getaffinity(0) == before, "cores are given back"
    assert len(trace) == 12
    assert (trace.status == Status.COMPLETED).all()
    for user in range(3):
        mine = trace.user == user
        arrivals, finishes = trace.arrival_ns[mine], trace.finish_ns[mine]
        assert (arrivals[1:] == finishes[:-1] + 4 * MS).all(), "counted from the intended moment"


def test_a_run_with_a_duration_ends_then():
    workload = {"open": {"rate": "200/s", "arrivals": "constant"}, "duration": "100ms"}
    requests = {"page": [{"io": "1s"}]}
    given = scenario({"s": {"model": "cooperative"}}, requests=requests, workload=workload)
    (trace,) = measured(given).values()
    assert trace.end_ns == 100 * MS
    assert len(trace) == 20
    assert (trace.status == Status.UNFINISHED).all()


def test_what_was_measured_before_an_interruption_is_kept(monkeypatch):
    given = scenario({"first": {"model": "serial"}, "second": {"model": "serial"}})
    planned = measuring.plan(given, None, MINUTE)
    trace = planned.simulated.traces["first"][0]

    def interrupted(*_):
        if interrupted.calls:
            raise KeyboardInterrupt
        interrupted.calls += 1
        return measuring._Measured(trace)

    interrupted.calls = 0
    monkeypatch.setattr(measuring, "_measured", interrupted)
    found = measuring.measure(planned, MINUTE)
    assert found.is_interrupted
    assert list(found.measured.servers) == ["first"]
    assert list(found.measured.scenarios[0].servers) == ["first"]
    interrupted.calls = 1
    with pytest.raises(KeyboardInterrupt):
        measuring.measure(planned, MINUTE)


def test_a_worker_that_dies_ends_the_run(monkeypatch):
    planned = measuring.plan(scenario({"s": {"model": "serial"}}), None, MINUTE)
    reported = measuring.Crew.__enter__

    def killed(crew):
        reported(crew)
        crew.processes[0].kill()
        return crew

    monkeypatch.setattr(measuring.Crew, "__enter__", killed)
    with pytest.raises(RunError, match="a worker process ended"):
        measuring.measure(planned, MINUTE)


SERVER = {"model": "cooperative"}


@pytest.mark.parametrize(
    ("servers", "more", "said"),
    [
        (
            {"s": SERVER},
            {"client": {"timeout": "1s"}},
            "client.timeout: cannot be measured: clients",
        ),
        ({"s": SERVER}, {"client": {"retries": {"max": 1}}}, "client.retries: cannot be measured"),
        (
            {"s": SERVER},
            {"client": {"connections": {"max": 1}}},
            "client.connections: cannot be measured: each request has a connection of its own",
        ),
        (
            {"s": SERVER},
            {"events": [{"worker": 0, "at": "1ms", "for": "1ms", "down": True}]},
            "events: cannot be measured: events can only be simulated; leave them out to measure",
        ),
        (
            {"s": {**SERVER, "workers": 999}},
            {},
            "servers.s: cannot be measured: it needs 999 cores",
        ),
        (
            {"s": {**SERVER, "workers": [{"speed": 1}, {"speed": 0.5}], "cores": 1}},
            {},
            "servers.s.workers: cannot be measured: the cores of this machine are all as fast;"
            " write workers: 2",
        ),
        (
            {"s": {**SERVER, "workers": 2, "cores": 1, "time_slice": "1ms"}},
            {},
            "servers.s.time_slice: cannot be measured: the operating system has time slices",
        ),
        ({"s": {**SERVER, "discipline": "lifo"}}, {}, "servers.s.discipline: cannot be measured"),
        (
            {"s": {**SERVER, "dispatch": "last_idle"}},
            {},
            "servers.s.dispatch: cannot be measured: which idle process is woken",
        ),
        ({"s": {**SERVER, "backlog": 0}}, {}, "servers.s.backlog: cannot be measured: a socket"),
        (
            {"s": {**SERVER, "backlog": 9, "backlog_full": "drop"}},
            {},
            "servers.s.backlog_full: cannot be measured: local sockets drop nothing; write refuse",
        ),
        (
            {"s": {"model": "threaded", "workers": 2, "cores": 1, "backlog": 3}},
            {},
            "servers.s.backlog: cannot be measured: workers that race accept whatever comes",
        ),
        (
            {"s": {**SERVER, "workers": 2, "cores": 1, "max_in_flight": 3}},
            {},
            "servers.s.max_in_flight: cannot be measured: worker processes do not count together",
        ),
        (
            {"s": {"model": "threaded", "interpreter_lock": False}},
            {},
            "servers.s.interpreter_lock: cannot be measured: this Python has an interpreter lock",
        ),
        (
            {"s": {**SERVER, "max_requests": 5}},
            {},
            "servers.s.max_requests: cannot be measured: it can only be simulated",
        ),
        (
            {"s": SERVER},
            {"resources": {"db": {"capacity": 1, "discipline": "random"}}},
            "resources.db.discipline: cannot be measured: no real pool chooses at random",
        ),
        (
            {"s": {**SERVER, "workers": 2, "cores": 1}},
            {"resources": {"db": {"capacity": 1}}},
            "resources.db: cannot be measured: worker processes do not share slots; write per",
        ),
        (
            {"s": SERVER},
            {
                "resources": {"db": {"capacity": 1, "per": "worker"}},
                "requests": {"page": [{"io": "1ms", "on": "db", "blocking": True}]},
            },
            "servers.s: cannot be measured: blocking I/O that waits for a slot blocks the loop",
        ),
        (
            {"s": {"model": "threaded"}},
            {"requests": {"page": [{"cpu": "1ms", "lock_free": "50%"}]}},
            "servers.s: cannot be measured: computing without the lock can only be simulated",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_starts(servers, more, said):
    with pytest.raises(ScenarioError) as refused:
        measuring.plan(scenario(servers, **more), None, MINUTE)
    (fault,) = refused.value.faults
    assert said in str(fault)


def test_all_that_cannot_be_measured_is_said_together():
    given = scenario({"s": {**SERVER, "discipline": "lifo"}}, client={"timeout": "1s"})
    with pytest.raises(ScenarioError) as refused:
        measuring.plan(given, None, MINUTE)
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize(
    "workload",
    [
        {"open": {"rate": "1/s"}, "duration": "2h"},
        {"open": {"rate": "1/s"}, "requests": 7200},
        {"schedule": [{"at": "2h", "request": "page"}]},
        {"closed": {"users": 1, "think": "1h"}, "requests": 2},
    ],
)
def test_what_takes_longer_than_the_limit_is_refused(workload):
    given = scenario({"s": SERVER}, workload=workload)
    with pytest.raises(
        InputError, match=r"takes (2.00 h|7,?20. s), as .*, and the limit is 60.0 s; raise --time"
    ):
        measuring.plan(given, None, MINUTE)


def test_a_stopping_rule_is_for_simulations():
    until = {"until": {"metric": "response_time.mean", "relative": "2%"}}
    given = scenario({"s": SERVER}, run=until)
    planned = measuring.plan(given, 7, MINUTE)
    assert planned.scenario.run.until is None
    assert (planned.scenario.run.replications, planned.scenario.run.seed) == (1, 7)
