"""The compiled engine tells what the reference does, to the nanosecond."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sameness import disagreement
from workloads import MS, call, closed, cpu, io, off, workload

from scenarios import (
    SERVICES,
    calling_programs,
    conditions,
    plain_programs,
    programs,
    servers,
    streams,
    users,
    with_services,
    workloads,
)
from simsched.engine import compiled, reference
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions, Outage, Service
from simsched.engine.standstill import MOST_AT_ONCE
from simsched.errors import RunError
from simsched.scenario import load, loads
from simsched.scenario.model.client import Client
from simsched.scenario.model.disciplines import Dispatch
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server
from simsched.workload import draw
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload
from simsched.workload.merging import merged

ROOT = Path(__file__).parents[3]

MEASURED = """
name: measured
requests: {{page: [{{cpu: {{column: cpu1_s}}}}, {waiting}, {{cpu: {{column: cpu2_s}}}}]}}
workload: {{trace: {{file: {file}, arrival: arrival_s, unit: s}}, requests: 1000}}
servers:
  serial: {{model: serial, workers: 3, cores: 2, time_slice: 1ms}}
  threaded: {{model: threaded, threads: 4, overhead: {{request: 0.5ms, switch: 20us}}}}
  cooperative: {{model: cooperative, overhead: {{request: 1ms}}}}
"""


@given(workloads(plain_programs), servers)
@settings(max_examples=150)
def test_the_engines_agree_on_plain_runs(workload: Workload, server: Server) -> None:
    assert disagreement(workload, server, Conditions(), timeline=None) == []


@given(workloads(programs, impatient=True), servers, conditions())
@settings(max_examples=250)
def test_the_engines_agree_whatever_happens(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    assert disagreement(workload, server, conditions, timeline=None) == []


@given(users(programs), servers, conditions())
@settings(max_examples=150)
def test_the_engines_agree_on_users(
    workload: ClosedWorkload, server: Server, conditions: Conditions
) -> None:
    assert disagreement(workload, server, conditions, timeline=None) == []


@given(streams(), servers, conditions())
@settings(max_examples=200)
def test_the_engines_agree_on_several_streams(
    several: tuple[Workload | ClosedWorkload, tuple[Client, ...]],
    server: Server,
    conditions: Conditions,
) -> None:
    workload, clients = several
    conditions = replace(conditions, client=Client(), clients=clients)
    assert disagreement(workload, server, conditions, timeline=None) == []


@given(workloads(calling_programs, SERVICES), servers, with_services())
@settings(max_examples=100)
def test_the_engines_agree_on_calls_of_services(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    assert disagreement(workload, server, conditions, timeline=None) == []


@given(users(calling_programs, SERVICES), servers, with_services())
@settings(max_examples=60)
def test_the_engines_agree_on_users_whose_requests_call_services(
    workload: ClosedWorkload, server: Server, conditions: Conditions
) -> None:
    assert disagreement(workload, server, conditions, timeline=None) == []


@given(workloads(programs), servers, st.sets(st.integers(1, 12)))
@settings(max_examples=20)
def test_the_engines_keep_the_same_timelines(
    workload: Workload, server: Server, also: set[int]
) -> None:
    assert disagreement(workload, server, Conditions(), timeline=2, also=also) == []


@pytest.mark.parametrize("file", sorted(ROOT.glob("scenarios/*.yaml")), ids=lambda path: path.stem)
def test_the_engines_agree_on_the_scenarios(file: Path) -> None:
    scenario = load(file)
    workload = draw(scenario, 1)
    for name, server in scenario.servers.items():
        assert disagreement(workload, server, Conditions.of(scenario, name)) == []


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("tests/data/measured/*.csv")), ids=lambda path: path.stem
)
def test_the_engines_agree_on_what_was_measured(file: Path) -> None:
    branches = re.findall(r"io\d?_s", file.read_text().partition("\n")[0])
    waiting = ", ".join(f"[{{io: {{column: {each}}}}}]" for each in branches)
    scenario = loads(MEASURED.format(file=file, waiting=f"{{parallel: [{waiting}]}}"))
    workload = draw(scenario, 1)
    for server in scenario.servers.values():
        assert disagreement(workload, server, Conditions()) == []


def test_a_worker_goes_down_at_the_moment_at_which_a_thread_of_it_has_computed() -> None:
    requests = workload([(0, off("thread", cpu(2), io(1))), (0, cpu(5))])
    down = Conditions(outages=(Outage(0, 2 * MS, 4 * MS),))
    assert disagreement(requests, CooperativeServer(model="cooperative"), down) == []


@pytest.mark.parametrize("computing", [1, 3])
@pytest.mark.parametrize("dispatch", ["shared", "last_idle"])
def test_a_loop_whose_drain_is_called_off_runs_one_request_at_a_time(
    computing: int, dispatch: Dispatch
) -> None:
    """The loop is idle before it drains or while it does, and takes the second request at 4 ms."""
    server = CooperativeServer(model="cooperative", dispatch=dispatch)
    drained = Conditions(outages=(Outage(0, 2 * MS, 4 * MS, drain=True),))
    first = cpu(computing) + io(5 - computing) + cpu(1)
    for engine in (reference, compiled):
        trace = engine.simulate(workload([(0, first), (3, cpu(3))]), server, drained)
        assert trace.finish_ns.tolist() == [8 * MS, 7 * MS]
        assert trace.cpu_wait_ns.tolist() == [2 * MS, 0]


def test_a_service_serves_the_shortest_call_of_users_whose_requests_come_beside_others() -> None:
    calls = [call("db", cpu(length)) for length in (5, 4, 3, 2, 1)]
    shared = {"services": ("db",), "catalogue": calls}
    several = merged(
        {
            "open": workload([(0, calls[0]), (1, calls[1])], **shared),
            "users": closed([[(2, each)] for each in calls[2:]], iterations=1, **shared),
        }
    )
    shortest = Service("db", SerialServer(model="serial", discipline="shortest"))
    conditions = Conditions(clients=(Client(), Client()), services=(shortest,))
    loop = CooperativeServer(model="cooperative")
    assert disagreement(several, loop, conditions) == []


def test_what_users_do_is_joined_a_few_times_however_many_blocks_they_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    joined = []

    def join(supply: Supply, arrays: Callable[[Supply], object] = Supply.arrays) -> object:
        joined.append(supply.drawn)
        return arrays(supply)

    monkeypatch.setattr(Supply, "arrays", join)
    with pytest.raises(RunError, match="time stands still"):
        compiled.simulate(closed([[(0, cpu(0))]]), SerialServer(model="serial"), Conditions())
    assert joined[-1] > MOST_AT_ONCE
    assert len(joined) < 40
