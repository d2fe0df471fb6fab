"""Several streams of requests: each is drawn as if it were alone, and all meet one server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import simsched
from simsched.engine import Status, Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.errors import InputError
from simsched.scenario import Scenario, dump, loads
from simsched.workload import ClosedWorkload, Workload, draw, offered_load
from simsched.workload.chance import is_certain
from simsched.workload.work import check_work

MS = 1_000_000

REQUESTS = {"page": [{"cpu": {"exponential": "5ms"}}], "ping": [{"cpu": "1ms"}]}

LOAD = {"open": {"rate": "50/s"}, "duration": "4s", "mix": {"page": 1}}
PROBE = {"open": {"rate": "10/s", "arrivals": "constant"}, "duration": "4s", "mix": {"ping": 1}}
USERS = {"closed": {"users": 3, "think": {"exponential": "50ms"}}, "duration": "2s"}


def scenario(workload: Mapping[str, Any], **sections: Any) -> Scenario:
    given = {"requests": REQUESTS, "servers": {"s": {"model": "serial"}}} | sections
    return Scenario(name="streams", workload=workload, **given)


def run(workload: Mapping[str, Any], **sections: Any) -> Trace:
    made = scenario(workload, **sections)
    return simulate(draw(made, 1), made.servers["s"], Conditions.of(made, "s"))


def of(trace: Trace, stream: str) -> Trace:
    return trace.rows(trace.stream_id == trace.streams.index(stream))


def test_a_stream_is_the_same_whatever_is_beside_it() -> None:
    alone = draw(scenario({"load": LOAD}), 1)
    both = draw(scenario({"probe": PROBE, "load": LOAD}), 1)
    assert isinstance(both, Workload)
    mine = both.stream_id == 1
    assert both.streams == ("probe", "load")
    assert (both.arrival_ns[mine] == alone.arrival_ns).all()
    assert (both.demand_ns()[mine] == alone.demand_ns()).all()
    assert (np.diff(both.arrival_ns) >= 0).all()


def test_streams_of_one_kind_differ() -> None:
    both = draw(scenario({"one": LOAD, "other": LOAD}), 1)
    counts = [(both.stream_id == number).sum() for number in range(2)]
    assert min(counts) > 150
    assert not np.array_equal(*(both.arrival_ns[both.stream_id == i][:100] for i in range(2)))


def test_those_who_arrive_together_come_in_the_order_of_the_file() -> None:
    listed = {"schedule": [{"at": "1ms", "request": "ping", "times": 2}]}
    both = draw(scenario({"b": listed, "a": listed}), 1)
    assert both.stream_id.tolist() == [0, 0, 1, 1]


def test_users_and_others_are_numbered_together() -> None:
    listed = {"schedule": [{"at": "0ms", "request": "ping"}, {"at": "5ms", "request": "ping"}]}
    users = {"closed": {"users": 2, "think": "3ms"}, "requests": 4, "mix": {"ping": 1}}
    trace = run({"users": users, "listed": listed})
    # Users think until 3 ms; who is served first, until 4 ms, asks again at 7 ms.
    assert trace.arrival_ns.tolist() == [0, 3 * MS, 3 * MS, 5 * MS, 7 * MS, 8 * MS]
    assert trace.request.tolist() == [1, 2, 3, 4, 5, 6]
    assert trace.user.tolist() == [-1, 0, 1, -1, 0, 1]
    assert [trace.streams[i] for i in trace.stream_id.tolist()] == [
        "listed",
        "users",
        "users",
        "listed",
        "users",
        "users",
    ]


def test_users_of_several_kinds_are_numbered_one_kind_after_the_other() -> None:
    paced = {"closed": {"users": 2, "pacing": "10ms", "iterations": 2}, "mix": {"ping": 1}}
    few = {"closed": {"users": 1, "think": "4ms"}, "requests": 3, "mix": {"ping": 1}}
    trace = run({"paced": paced, "few": few})
    by_user = {user: (trace.arrival_ns[trace.user == user] // MS).tolist() for user in range(3)}
    # At 4 ms the server is idle; at 9 ms too; at 14 ms, too.
    assert by_user == {0: [0, 10], 1: [0, 10], 2: [4, 9, 14]}


def test_users_stop_at_the_end_of_their_stream_and_the_run_at_that_of_the_last() -> None:
    trace = run({"users": USERS, "load": LOAD})
    assert trace.end_ns == 4_000 * MS
    assert 1_900 * MS < of(trace, "users").arrival_ns.max() < 2_000 * MS
    assert of(trace, "load").arrival_ns.max() > 3_900 * MS


def test_where_a_stream_has_no_moment_to_end_all_are_answered() -> None:
    counted = {"open": {"rate": "50/s"}, "requests": 20}
    trace = run({"users": USERS, "counted": counted})
    assert (trace.status == Status.COMPLETED).all()
    assert len(of(trace, "counted")) == 20


def test_each_stream_has_clients_of_its_own() -> None:
    """Both arrive as a request of 10 ms begins: one client waits 5 ms, twice; the other, 2 ms."""
    requests = {"long": [{"cpu": "10ms"}], "ping": [{"cpu": "1ms"}]}
    asked = {"schedule": [{"at": "1ms", "request": "ping"}]}
    trace = run(
        {
            "long": {"schedule": [{"at": "0ms", "request": "long"}]},
            "twice": asked
            | {"client": {"timeout": "5ms", "retries": {"max": 1, "backoff": {"initial": "1ms"}}}},
            "once": asked | {"client": {"timeout": "2ms"}},
        },
        requests=requests,
        servers={"s": {"model": "serial", "cancel_abandoned": True}},
        client={"timeout": "100ms"},
    )
    assert of(trace, "long").status.tolist() == [Status.COMPLETED]
    twice, once = of(trace, "twice"), of(trace, "once")
    assert once.finish_ns.tolist() == [3 * MS]
    assert twice.arrival_ns.tolist() == [1 * MS, 7 * MS]
    assert twice.status.tolist() == [Status.TIMED_OUT, Status.COMPLETED]
    assert twice.finish_ns.tolist() == [6 * MS, 11 * MS]


def test_a_retry_budget_is_a_streams_own() -> None:
    """Of three that are refused at once, a budget of one lets one of each stream try again."""
    refused = {"schedule": [{"at": "1ms", "request": "ping", "times": 3}]}
    frugal = {
        "retries": {
            "max": 1,
            "backoff": {"initial": "1ms"},
            "budget": {"ratio": 0.01, "burst": 1},
        }
    }
    trace = run(
        {
            "long": {"schedule": [{"at": "0ms", "request": "long"}]},
            "a": refused | {"client": frugal},
            "b": refused | {"client": frugal},
        },
        requests={"long": [{"cpu": "10ms"}], "ping": [{"cpu": "1ms"}]},
        servers={"s": {"model": "serial", "backlog": 0}},
    )
    assert [int(of(trace, name).attempt.sum()) for name in "ab"] == [3 + 2, 3 + 2]


def test_the_offered_load_is_that_of_all_streams() -> None:
    """50/s of 5 ms and 10/s of 1 ms keep a worker busy for 26 %."""
    made = scenario({"load": LOAD, "probe": PROBE})
    load = offered_load(made, made.servers["s"])
    assert load is not None
    assert load.arrival_rate_per_s == pytest.approx(60)
    assert load.bottleneck.utilisation == pytest.approx(0.26)
    users = scenario({"load": LOAD, "users": USERS})
    assert offered_load(users, users.servers["s"]) is None


def test_chance_in_one_stream_is_chance() -> None:
    listed = {"schedule": [{"at": "1ms", "request": "ping"}]}
    certain = scenario({"a": listed, "b": listed})
    assert is_certain(certain, certain.servers["s"])
    assert not is_certain(scenario({"a": listed, "b": LOAD}), certain.servers["s"])


def test_each_stream_is_checked_for_its_size() -> None:
    endless = {"open": {"rate": "1000000/s"}, "duration": "1000h"}
    with pytest.raises(InputError, match="the workload has about 3,600,000,000,000 requests"):
        check_work(scenario({"probe": PROBE, "endless": endless}))


def test_one_stream_alone_is_a_workload_with_a_name() -> None:
    workload = draw(scenario({"users": USERS}), 1)
    assert isinstance(workload, ClosedWorkload)
    assert workload.block(0).streams == ("users",)


def test_a_scenario_with_streams_is_written_as_it_was() -> None:
    made = scenario({"load": LOAD, "users": USERS})
    assert loads(dump(made)) == made


def test_figures_are_of_each_stream() -> None:
    made = scenario(
        {"load": LOAD, "probe": PROBE},
        slo={"quick": {"limit": "response_time.mean < 1s", "stream": "probe"}},
    )
    result = simsched.run(made, replications=2)
    assert sorted(result.requests["stream"].unique()) == ["load", "probe"]
