"""What no order of work can beat, of a schedule or a trace: held against simulations."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsched
from simsched.engine import Status, simulate
from simsched.scenario import loads
from simsched.statistics.theory import batch_of, known
from simsched.workload import draw

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TOLERANCE = 1e-9

HEAD = """
name: x
requests:
  long: [{cpu: 10ms}, {io: 40ms, on: db}, {cpu: 10ms}]
  short: [{cpu: 2ms}, {io: 5ms}]
resources: {db: {capacity: 1}}
servers: {s: {model: serial}}
"""

SERVERS = [
    "{model: serial}",
    "{model: serial, workers: 2, dispatch: random}",
    "{model: cooperative, overhead: {request: 1ms, switch: 1ms}}",
    "{model: cooperative, workers: 3, cores: 2}",
    "{model: threaded, threads: 2}",
    "{model: threaded, workers: 2, cores: 2, interpreter_lock: false}",
    "{model: cooperative, max_in_flight: 1, discipline: shortest}",
]


def bounds(scenario):
    """Return the bounds on the scenario's only server, by metric."""
    (server,) = scenario.servers.values()
    found = known(scenario, "s", server, batch=batch_of(scenario))
    return {figure.metric: figure.value for one in found for figure in one.figures}


def scheduled(*arrivals, **more):
    told = ", ".join(f"{{at: {at}ms, request: {name}}}" for at, name in arrivals)
    text = HEAD + f"workload: {{schedule: [{told}]}}\n"
    return loads(
        text, overrides=[f"{key.replace('__', '.')}={value}" for key, value in more.items()]
    )


@pytest.mark.parametrize(
    ("server", "length_ms"),
    [
        ("{model: serial}", 60 + 60 + 7),
        ("{model: cooperative}", 40 + 40),
        ("{model: cooperative, overhead: {request: 30ms}}", 50 + 50 + 32),
        ("{model: serial, workers: 3}", 40 + 40),
        ("{model: threaded, threads: 1}", 60 + 60 + 7),
    ],
)
def test_the_busiest_station_bounds_the_run(server, length_ms):
    found = bounds(scheduled((0, "long"), (0, "long"), (0, "short"), servers__s=server))
    assert found["throughput_per_s"] == pytest.approx(3 / length_ms * 1000)


def test_what_arrives_late_bounds_the_run_with_its_own_work():
    late = bounds(scheduled((0, "short"), (500, "long"), (500, "long")))
    assert late["throughput_per_s"] == pytest.approx(3 / 0.620)
    last = bounds(scheduled((0, "long"), (500, "short"), servers__s="{model: cooperative}"))
    assert last["throughput_per_s"] == pytest.approx(2 / 0.507)


def test_requests_take_their_demand_on_average():
    found = bounds(scheduled((0, "long"), (0, "short"), (9, "short")))
    assert found["response_time_s.mean"] == pytest.approx((60 + 7 + 7) / 3 / 1000)


@pytest.mark.parametrize(
    "setting",
    [
        {"client__timeout": "50ms"},
        {"workload__duration": "5s"},
        {"run__warmup": "1ms"},
        {"servers__s__backlog": "1"},
        {"events": "[{at: 0ms, for: 5ms, server: s, worker: 0, down: true}]"},
    ],
)
def test_where_not_all_are_answered_or_counted_nothing_is_bounded(setting):
    try:
        scenario = scheduled((0, "long"), (5, "short"), **setting)
    except simsched.errors.InputError as error:
        pytest.fail(str(error))
    assert bounds(scenario) == {}


def test_the_lectures_serial_server_does_what_it_can():
    result = simsched.run(SCENARIOS / "lecture.yaml")
    told = {(one.server, f.metric): f.value for one in result.known for f in one.figures}
    for name, one in result.servers.items():
        figure = one.estimates["throughput_per_s"].value
        assert figure <= told[name, "throughput_per_s"] * (1 + TOLERANCE)
        mean = one.estimates["response_time_s.mean"].value
        assert mean >= told[name, "response_time_s.mean"] * (1 - TOLERANCE)
    serial = result.servers["serial"].estimates["throughput_per_s"].value
    assert serial == pytest.approx(told["serial", "throughput_per_s"])


arrivals = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["long", "short"])), min_size=1, max_size=8
)


@settings(deadline=None, max_examples=60)
@given(arrivals=arrivals, server=st.sampled_from(SERVERS))
def test_no_run_of_a_schedule_beats_its_bounds(arrivals, server):
    scenario = scheduled(*sorted(arrivals), servers__s=server)
    trace = simulate(draw(scenario, 1), scenario.servers["s"])
    assert (trace.status == Status.COMPLETED).all()
    found = bounds(scenario)
    response_s = (trace.finish_ns - trace.arrival_ns).mean() / 1e9
    assert len(trace) / trace.end_ns * 1e9 <= found["throughput_per_s"] * (1 + TOLERANCE)
    assert response_s >= found["response_time_s.mean"] * (1 - TOLERANCE)


TRACE = """
name: x
requests:
  long: [{cpu: {column: cpu}}, {parallel: [[{io: {column: io}}], [{io: 1ms}]]}]
  short: [{cpu: 2ms}]
servers: {s: {model: serial}}
workload: {trace: {file: runs.csv, arrival: at, request: kind, unit: ms}}
"""


@pytest.fixture
def recorded(tmp_path):
    rows = ["at,kind,cpu,io", "0,long,10,30", "5,short,0,0", "6,long,30,50"]
    (tmp_path / "runs.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_a_trace_is_bounded_by_what_its_columns_sum_up_to(recorded):
    scenario = loads(TRACE, directory=recorded)
    total = (10 + 30 + 1) + 2 + (30 + 50 + 1)
    assert bounds(scenario) == {
        "throughput_per_s": pytest.approx(3 / total * 1000),
        "response_time_s.mean": pytest.approx(total / 3 / 1000),
    }


def test_a_trace_that_is_cut_short_is_bounded_by_what_is_left(recorded):
    scenario = loads(TRACE, directory=recorded, overrides=["workload.requests=2"])
    assert bounds(scenario)["response_time_s.mean"] == pytest.approx((41 + 2) / 2 / 1000)


def test_a_trace_whose_file_has_gone_has_no_bounds(recorded):
    scenario = loads(TRACE, directory=recorded)
    (recorded / "runs.csv").unlink()
    assert bounds(scenario) == {}


@pytest.mark.parametrize("server", SERVERS)
def test_no_run_of_a_trace_beats_its_bounds(recorded, server):
    scenario = loads(TRACE, directory=recorded, overrides=[f"servers.s={server}"])
    trace = simulate(draw(scenario, 1), scenario.servers["s"])
    found = bounds(scenario)
    response_s = (trace.finish_ns - trace.arrival_ns).mean() / 1e9
    assert len(trace) / trace.end_ns * 1e9 <= found["throughput_per_s"] * (1 + TOLERANCE)
    assert response_s >= found["response_time_s.mean"] * (1 - TOLERANCE)
