"""The phases, servers and workloads of the deeper model, as values."""

from __future__ import annotations

import pytest

from simsched.errors import ScenarioError
from simsched.scenario import Scenario, dump, loads
from simsched.scenario.model.counts import PoissonTimes, UniformTimes
from simsched.scenario.model.plausibility import take_no_time
from simsched.scenario.model.rates import Daily, Ramp
from simsched.scenario.model.requests import (
    ChoosePhase,
    HoldPhase,
    IoPhase,
    ParallelPhase,
    RepeatPhase,
)
from simsched.scenario.model.servers import CooperativeServer, SerialServer, ThreadedServer
from simsched.scenario.model.workload import Bursts

TEXT = """\
name: deep
requests:
  page:
    priority: -3
    phases:
      - {io: 40ms, on: db, blocking: true}
      - parallel: [[{io: 40ms}, {cpu: 3ms}], [{io: 20ms}]]
        label: fan-out
      - {hold: db, phases: [{cpu: 2ms}]}
      - choose: [{weight: 9, phases: []}, {weight: 1, phases: [{io: 40ms}]}]
      - repeat: {times: 5, phases: [{io: 2ms}]}
      - repeat: {times: {uniform: {low: 1, high: 5}}, phases: [{io: 2ms}]}
      - repeat: {times: {poisson: {mean: 3}}, phases: [{io: 2ms}]}
  ping: [{cpu: 1ms}]
resources: {db: {capacity: 10}}
workload:
  closed: {users: 20, think: {exponential: 1s}, ramp_up: 5s}
  duration: 60s
servers:
  a: {model: serial}
  b: {model: threaded}
  c: {model: cooperative}
client: {timeout: 2s, retries: {max: 3, budget: {ratio: 0.1}}}
events:
  - {at: 10s, for: 5s, resource: db, slower: 10}
"""


def scenario(old: str = "", new: str = "") -> Scenario:
    assert old in TEXT
    return loads(TEXT.replace(old, new) if old else TEXT)


def test_phases_may_hold_phases() -> None:
    page = scenario().requests["page"]
    io, parallel, hold, choose, thrice, some, any_number = page.phases
    assert page.priority == -3
    assert isinstance(io, IoPhase)
    assert (io.on, io.blocking) == ("db", True)
    assert isinstance(parallel, ParallelPhase)
    assert [len(branch) for branch in parallel.parallel] == [2, 1]
    assert isinstance(hold, HoldPhase)
    assert (hold.hold, len(hold.phases)) == ("db", 1)
    assert isinstance(choose, ChoosePhase)
    assert [(each.weight, len(each.phases)) for each in choose.choose] == [(9.0, 0), (1.0, 1)]
    assert isinstance(thrice, RepeatPhase)
    assert thrice.repeat.times == 5
    assert isinstance(some, RepeatPhase)
    assert isinstance(some.repeat.times, UniformTimes)
    assert isinstance(any_number, RepeatPhase)
    assert isinstance(any_number.repeat.times, PoissonTimes)


def test_each_model_of_server_has_its_own_defaults() -> None:
    servers = scenario().servers
    assert servers == {
        "a": SerialServer(model="serial", dispatch="shared", parallel="sequential"),
        "b": ThreadedServer(
            model="threaded",
            threads=8,
            switch_interval="5ms",
            interpreter_lock=True,
            dispatch="shared",
            parallel="sequential",
        ),
        "c": CooperativeServer(model="cooperative", dispatch="random", parallel="concurrent"),
    }
    assert {server.time_slice for server in servers.values()} == {3_000_000}
    assert {server.cores for server in servers.values()} == {None}


def test_clients_wait_for_ever_unless_they_are_told_not_to() -> None:
    client = scenario("client:", "# client:").client
    assert (client.timeout, client.retries) == (None, None)
    retries = scenario().client.retries
    assert retries is not None
    backoff = retries.backoff
    assert (backoff.initial, backoff.factor, backoff.max) == (100_000_000, 2.0, 10_000_000_000)
    assert retries.budget is not None
    assert (retries.jitter, retries.budget.burst) == ("none", 10)


def test_an_event_begins_and_lasts() -> None:
    (event,) = scenario().events
    assert (event.at, event.lasting) == (10_000_000_000, 5_000_000_000)
    assert "{resource: db, at: 10s, for: 5s, slower: 10}" in dump(scenario())


@pytest.mark.parametrize(
    "rate",
    [
        "{steps: [{at: 0, rate: 0/s}, {at: 10s, rate: 100/s}]}",
        "{ramp: [{at: 0s, rate: 10/s}, {at: 10s, rate: 0}]}",
        "{daily: {mean: 50/s, peak: 80/s, peak_at: 14h}}",
    ],
)
def test_a_rate_may_change_over_time(rate: str) -> None:
    text = TEXT.replace("closed: {users: 20, think: {exponential: 1s}, ramp_up: 5s}",
                        f"open: {{rate: {rate}}}")  # fmt: skip
    read = loads(text)
    assert loads(dump(read)) == read


def test_rates_that_change_are_told_apart_by_their_key() -> None:
    closed = "closed: {users: 20, think: {exponential: 1s}, ramp_up: 5s}"
    ramp = scenario(closed, "open: {rate: {ramp: [{at: 0, rate: 0}, {at: 1s, rate: 9/s}]}}")
    assert ramp.workload.open is not None
    assert isinstance(ramp.workload.open.rate, Ramp)
    assert [(point.at, point.rate) for point in ramp.workload.open.rate.ramp] == [
        (0, 0.0),
        (1_000_000_000, 9.0),
    ]
    daily = scenario(closed, "open: {rate: {daily: {mean: 1/s, peak: 2/s, peak_at: 1h}}}")
    assert daily.workload.open is not None
    assert isinstance(daily.workload.open.rate, Daily)
    assert daily.workload.open.rate.daily.period == 24 * 3600 * 10**9
    bursty = scenario(closed, "open: {rate: 9/s, bursts: {on: 2s, off: 8s, idle: 1/s}}")
    assert bursty.workload.open is not None
    assert bursty.workload.open.bursts == Bursts(on="2s", off="8s", idle="1/s")


def nested(depth: int) -> str:
    phase = "{cpu: 1ms}"
    for _ in range(depth):
        phase = f"{{choose: [{{weight: 1, phases: [{phase}]}}]}}"
    return TEXT.replace("ping: [{cpu: 1ms}]", f"ping: [{phase}]")


def test_phases_lie_inside_each_other_to_a_bound() -> None:
    deep = loads(nested(20))
    assert loads(dump(deep)) == deep
    with pytest.raises(ScenarioError, match="more than 20 phases lie around this one"):
        loads(nested(21))


@pytest.mark.parametrize(
    ("phases", "at_once"),
    [
        ("[{cpu: 0}, {io: {empirical: {values: [0, 0ms]}}}]", True),
        ("[{cpu: {mixture: [{weight: 1, duration: 0}, {weight: 1, duration: 1ns}]}}]", False),
        ("[{cpu: {shifted: {by: 0, duration: 0}}}]", True),
        ("[{cpu: {exponential: 1ns}}]", False),
        ("[{parallel: [[{cpu: 0}], [{io: 0}]]}]", True),
        ("[{parallel: [[{cpu: 0}], [{io: 1ns}]]}]", False),
        ("[{hold: db, phases: [{cpu: 0}]}]", True),
        ("[{hold: db, phases: [{cpu: 1ns}]}]", False),
        ("[{choose: [{weight: 1, phases: []}]}]", True),
        ("[{choose: [{weight: 1, phases: []}, {weight: 1, phases: [{cpu: 1ns}]}]}]", False),
        ("[{repeat: {times: 0, phases: [{cpu: 1ns}]}}]", True),
        ("[{repeat: {times: {values: [0, 0]}, phases: [{cpu: 1ns}]}}]", True),
        ("[{repeat: {times: {uniform: {low: 0, high: 0}}, phases: [{cpu: 1ns}]}}]", True),
        ("[{repeat: {times: {poisson: {mean: 1}}, phases: [{cpu: 1ns}]}}]", False),
        ("[{repeat: {times: 2, phases: [{cpu: 0}]}}]", True),
    ],
)
def test_phases_that_take_no_time_are_known(phases: str, at_once: bool) -> None:
    assert take_no_time(scenario("[{cpu: 1ms}]", phases).requests["ping"].phases) is at_once


def test_users_who_never_wait_must_come_to_an_end() -> None:
    text = TEXT.replace("think: {exponential: 1s}, ", "").replace("[{cpu: 1ms}]", "[{cpu: 0}]")
    assert loads(text)  # a page takes time
    only_pings = text.replace("  duration: 60s", "  mix: {ping: 1}\n  duration: 60s")
    with pytest.raises(ScenarioError, match="without think time and service time"):
        loads(only_pings)
    assert loads(only_pings.replace("duration: 60s", "requests: 1000"))
