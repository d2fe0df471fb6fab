from __future__ import annotations

import json

import numpy as np
import pytest

import simsched
from simsched.engine.compiled import simulate
from simsched.engine.compiled.parts import has_parts, simulate_parts
from simsched.engine.conditions import Conditions
from simsched.errors import InputError
from simsched.experiment import streaming
from simsched.report.stored import read
from simsched.scenario import loads
from simsched.statistics.streaming import RELATIVE_ERROR
from simsched.workload import draw, draw_chunks

SERVERS = """
  loop: {model: cooperative}
  loops: {model: cooperative, workers: 3, cores: 2}
  threads: {model: threaded, threads: 4, overhead: {request: 1ms, switch: 20us}}
  workers: {model: serial, workers: 9, backlog: 5}
"""
SCENARIO = """
name: parts
requests:
  page: [{{cpu: {{exponential: 4ms}}}}, {{io: {{exponential: 50ms}}}}, {{cpu: 4ms}}]
  ping: [{{cpu: 1ms}}]
workload: {{open: {{rate: {rate}}}, {end}}}
client: {client}
servers: {servers}
run: {run}
"""


def scenario(
    rate="80/s", end="requests: 3000", client="{}", servers=SERVERS, run="{keep: statistics}"
):
    return loads(SCENARIO.format(rate=rate, end=end, client=client, servers=servers, run=run))


LIGHT = scenario()
CUT_OFF = scenario(end="duration: 30s", client="{timeout: 70ms}")
OVERLOADED = scenario(rate="500/s", end="requests: 2000", client="{timeout: 300ms}")


@pytest.mark.parametrize("size", [1, 100, 777, 10**6])
@pytest.mark.parametrize("one", [LIGHT, CUT_OFF, OVERLOADED], ids=["light", "cut off", "overload"])
def test_a_run_in_parts_is_the_run_to_the_nanosecond(one, size):
    if size == 1:
        one = one.model_copy(update={"servers": {"loop": one.servers["loop"]}})
    for name, server in one.servers.items():
        conditions = Conditions.of(one, name)
        whole = simulate(draw(one, 1), server, conditions, timeline=0)
        parts = list(simulate_parts(draw_chunks(one, 1, size), server, conditions))
        for column, expected in vars(whole).items():
            if isinstance(expected, np.ndarray):
                found = np.concatenate([getattr(part, column) for part in parts])
                assert found.dtype == expected.dtype
                assert (found == expected).all(), (name, column)
        assert parts[-1].end_ns == whole.end_ns


def test_no_more_is_held_than_overlaps_with_what_is_new():
    lengths = [len(part) for part in simulate_parts(draw_chunks(LIGHT, 1, 100), loop(LIGHT))]
    assert len(lengths) == 30
    assert all(60 < length < 140 for length in lengths)


def loop(one):
    return one.servers["loop"]


@pytest.mark.parametrize(
    ("changes", "possible"),
    [
        ({}, True),
        ({"client": "{timeout: 1s}"}, True),
        ({"client": "{timeout: 1s, retries: {max: 1}}"}, False),
        ({"servers": "{loop: {model: cooperative, discipline: shortest}}"}, False),
    ],
)
def test_requests_are_forgotten_where_nobody_comes_back_to_them(changes, possible):
    one = scenario(**changes)
    conditions = Conditions.of(one, "loop")
    assert has_parts(draw(one, 1), loop(one), conditions) is possible


ENGINES = ("simpy", "compiled")


def kept_and_counted(engine, **changes):
    run = f"replications: 2, warmup: 2s, engine: {engine}, keep: "
    return (
        simsched.run(scenario(run=f"{{{run}{keep}}}", **changes))
        for keep in ("requests", "statistics")
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_is_counted_tells_what_one_that_is_kept_does(engine, monkeypatch):
    monkeypatch.setattr(streaming.count, "__defaults__", (500,))
    kept, counted = kept_and_counted(engine)
    assert counted.traces == {}
    for name, server in kept.servers.items():
        assert counted.servers[name].requests == server.requests
        for metric, one in server.estimates.items():
            found = counted.servers[name].estimates[metric]
            exact = 1e-9 if ".p" not in metric else 1.01 * RELATIVE_ERROR
            assert found.value == pytest.approx(one.value, rel=exact), metric
    assert [each.metric for each in counted.comparisons] == [
        each.metric for each in kept.comparisons
    ]
    assert counted.warnings == kept.warnings


def test_a_run_that_is_counted_leaves_a_report_and_no_requests(tmp_path):
    _, counted = kept_and_counted("simpy", end="requests: 300")
    folder = simsched.write(counted, tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        "report.html",
        "scenario.yaml",
        "summary.csv",
        "summary.json",
    ]
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert streaming.COUNTED in told["notes"]
    with pytest.raises(InputError, match=r"missing, as it is where run\.keep is statistics"):
        read(folder)
    with pytest.raises(InputError, match=r"were not kept; run with run\.keep: requests"):
        _ = counted.requests


def test_goals_add_replications_to_what_is_counted():
    run = "{keep: statistics, until: {metric: response_time.mean, relative: 5%, at_most: 12}}"
    one = scenario(end="requests: 300", run=run, servers="{loop: {model: cooperative}}")
    counted = simsched.run(one)
    assert counted.scenarios[0].run.replications == 12
    assert len(counted.servers["loop"].measurements["throughput_per_s"].replications) == 12


def test_users_are_counted_though_their_run_is_simulated_whole():
    text = SCENARIO.replace("{{open: {{rate: {rate}}}, {end}}}", "{{closed: {{users: 5}}, {end}}}")
    one = loads(
        text.format(
            end="duration: 5s",
            client="{}",
            servers="{loop: {model: cooperative}}",
            run="{keep: statistics, replications: 1}",
        )
    )
    counted = simsched.run(one).servers["loop"]
    whole = simsched.run(
        one.model_copy(update={"run": one.run.model_copy(update={"keep": "requests"})})
    )
    assert counted.requests == whole.servers["loop"].requests
