"""Workloads replayed from a file."""

from __future__ import annotations

import numpy as np
import pytest
from workload_scenes import scenario

import simsched
from simsched.errors import ScenarioError
from simsched.workload import draw, is_random, offered_load

RUNS = """\
arrival_s,kind,io_s,cpu_s
0.30,page,0.040,0.001
0.10,ping,0.006,0.002
0.20,page,0.050,0.003
0.20,ping,0.007,0.004
"""

RECORDED = [{"cpu": "1ms"}, {"io": {"column": "io_s"}}]
CLASSES = {"page": RECORDED, "ping": [{"cpu": {"column": "cpu_s"}}]}


@pytest.fixture
def runs(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(RUNS)
    return path


def trace(path, request="kind", **end):
    return {"trace": {"file": str(path), "arrival": "arrival_s", "request": request}, **end}


def programs(workload):
    bounds = zip(workload.first_row[:-1], workload.first_row[1:], strict=True)
    return [workload.duration_ns[a:b].tolist() for a, b in bounds]


def test_each_request_takes_its_arrival_class_and_durations_from_its_row(runs):
    workload = draw(scenario(trace(runs), CLASSES), 1)
    assert workload.arrival_ns.tolist() == [100_000_000, 200_000_000, 200_000_000, 300_000_000]
    assert workload.class_id.tolist() == [1, 0, 1, 0]
    assert programs(workload) == [
        [2_000_000],
        [1_000_000, 50_000_000],
        [4_000_000],
        [1_000_000, 40_000_000],
    ]
    assert workload.end_ns is None


def test_a_nested_phase_takes_the_duration_of_its_own_request(runs):
    inner = {"choose": [{"weight": 1, "phases": RECORDED}, {"weight": 1, "phases": []}]}
    repeated = {"repeat": {"times": {"values": [0, 2]}, "phases": RECORDED}}
    workload = draw(scenario(trace(runs, request=None), {"page": [inner, repeated]}), 1)
    for program, io_ns in zip(programs(workload), [6e6, 50e6, 7e6, 40e6], strict=True):
        assert program in [[1_000_000, io_ns] * times for times in (0, 1, 2, 3)]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ({"requests": 3}, [1, 2, 2]),
        ({"duration": "300ms"}, [1, 2, 2]),
        ({"requests": 9}, [1, 2, 2, 3]),
        ({"duration": "1ms"}, []),
    ],
)
def test_a_trace_may_end_before_its_rows_do(runs, end, expected):
    workload = draw(scenario(trace(runs, **end), CLASSES), 1)
    assert (workload.arrival_ns // 10**8).tolist() == expected
    assert len(workload.step_id) == workload.first_row[-1]


def test_without_a_column_of_classes_the_mix_decides(runs):
    written = trace(runs, request=None, mix={"page": 1})
    workload = draw(scenario(written, CLASSES), 1)
    assert workload.class_id.tolist() == [0] * 4


def test_a_file_that_changed_since_it_was_checked_is_refused(runs):
    scene = scenario(trace(runs), CLASSES)
    runs.write_text(RUNS + "0.4,pge,1,1\n0.5,page,-1,1\n")
    with pytest.raises(ScenarioError) as caught:
        draw(scene, 1)
    assert [(fault.line, fault.path) for fault in caught.value.faults] == [(6, "kind"), (7, "io_s")]


def test_a_large_trace_is_read_in_reasonable_time(tmp_path):
    n = 100_000
    arrivals = np.sort(np.random.default_rng(1).random(n))
    path = tmp_path / "many.csv"
    lines = (f"{arrival:.9f},page,0.01,0.001" for arrival in arrivals)
    path.write_text("\n".join([RUNS.splitlines()[0], *lines]))
    workload = draw(scenario(trace(path), CLASSES), 1)
    assert np.array_equal(workload.arrival_ns, np.rint(arrivals * 1e9).astype(np.int64))


@pytest.mark.parametrize(
    ("request_column", "classes", "expected"),
    [
        ("kind", CLASSES, False),
        (None, CLASSES, True),
        (None, {"page": RECORDED}, False),
        (None, {"page": [{"cpu": {"exponential": "1ms"}}]}, True),
    ],
)
def test_a_trace_is_random_only_where_it_leaves_something_to_chance(
    runs, request_column, classes, expected
):
    assert is_random(scenario(trace(runs, request_column), classes)) == expected


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_nanoseconds_beyond_2_to_the_53_are_exact_to_the_end_of_a_run(tmp_path, engine):
    late = 31_000_000_000_000_001
    path = tmp_path / "late.csv"
    path.write_text(f"arrival,io\n{late},{late}\n{late + 1},3\n{late + 2},5\n")
    written = {"trace": {"file": str(path), "arrival": "arrival", "unit": "ns"}}
    scene = scenario(
        written,
        {"page": [{"io": {"column": "io"}}]},
        server={"model": "cooperative"},
        run={"engine": engine},
    )
    requests = simsched.run(scene).requests
    assert requests["arrival_ns"].tolist() == [late, late + 1, late + 2]
    assert requests["finish_ns"].tolist() == [2 * late, late + 4, late + 7]


def test_a_trace_offers_no_rate(runs):
    scene = scenario(trace(runs), CLASSES)
    assert offered_load(scene, scene.servers["server"]) is None
