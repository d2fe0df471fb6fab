"""Overheads are recovered from runs whose overheads are known, and predict real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simsched
from simsched.calibrate import Replay, compare, fit, read_measured
from simsched.calibrate.agreement import course
from simsched.errors import InputError, ScenarioError

DATA = Path(__file__).parents[1] / "data" / "measured"

TEXT = """
name: replay
requests: {{page: [{{cpu: {{column: cpu1}}}}, {{io: {{column: io}}}}, {{cpu: {{column: cpu2}}}}]}}
workload: {{trace: {{file: {file}, arrival: arrival}}}}
servers: {{s: {server}}}
run: {{engine: compiled}}
"""

LOOP = "{model: cooperative}"
MS = 1_000_000


def recording(path: Path, seed: int = 1, requests: int = 300, rate: float = 60.0) -> Path:
    """Write requests that arrive at random, and no answers yet."""
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(1 / rate, requests))
    cpu1, cpu2 = rng.exponential(0.004, (2, requests))
    io = rng.lognormal(np.log(0.02), 1.0, requests)
    columns = np.stack([arrival, cpu1, io, cpu2, arrival], axis=1)
    _write(path, columns)
    return path


def _write(path: Path, columns: np.ndarray) -> None:
    header = "arrival,cpu1,io,cpu2,done"
    np.savetxt(path, columns, fmt="%.9f", delimiter=",", header=header, comments="")


def replay(path: Path, server: str = LOOP) -> Replay:
    text = TEXT.format(file=path.name, server=server)
    return Replay.of(simsched.scenario.loads(text, directory=path.parent), "s")


def answered(path: Path, overheads: tuple[int, int], server: str = LOOP):
    """Let the recording have the answers of a server with these overheads; return its replay."""
    found = replay(path, server)
    response_s = found.response_ns(*overheads) / 1e9
    columns = np.loadtxt(path, delimiter=",", skiprows=1)
    columns[:, 4] = columns[:, 0] + response_s
    _write(path, columns)
    return found, read_measured(found.scenario.workload.trace, "done")


@pytest.mark.parametrize(
    "server",
    [
        LOOP,
        "{model: serial, workers: 4, cores: 1}",
        "{model: threaded, threads: 8}",
        "{model: cooperative, workers: 2, cores: 1, overhead: {switch: 100us}}",
    ],
)
@pytest.mark.parametrize("overheads", [(600_000, 1_500_000), (1_200_000, 0), (0, 2_000_000)])
def test_known_overheads_are_recovered(tmp_path, server, overheads):
    found = fit(*answered(recording(tmp_path / "run.csv"), overheads, server))
    request, io = found.parameters["request"], found.parameters["io"]
    assert (request.value_ns, io.value_ns) == pytest.approx(overheads, abs=20_000)
    assert abs(found.prediction.figures["mean"].error) < 0.002
    assert found.prediction.kendall_tau > 0.999
    assert not found.indistinct


MOSTLY_COMPUTING = """
name: replay
requests:
  cached: [{{cpu: {{column: cpu1}}}}]
  page: [{{cpu: {{column: cpu1}}}}, {{io: {{column: io}}}}]
workload: {{trace: {{file: {file}, arrival: arrival, request: kind}}}}
servers: {{s: {{model: cooperative}}}}
"""


def test_lateness_is_recovered_where_most_requests_do_no_io(tmp_path):
    rng, path = np.random.default_rng(4), tmp_path / "run.csv"
    table = pd.DataFrame(
        {
            "arrival": np.cumsum(rng.exponential(1 / 40, 400)),
            "kind": rng.choice(["cached", "page"], 400, p=[0.7, 0.3]),
            "cpu1": rng.exponential(0.004, 400),
            "io": rng.exponential(0.02, 400),
        }
    )
    table.to_csv(path, index=False)
    text = MOSTLY_COMPUTING.format(file=path.name)
    run = Replay.of(simsched.scenario.loads(text, directory=tmp_path), "s")
    table["done"] = table["arrival"] + run.response_ns(300_000, 2_000_000) / 1e9
    table.to_csv(path, index=False)
    found = fit(run, read_measured(run.scenario.workload.trace, "done")).parameters
    assert found["request"].value_ns == pytest.approx(300_000, abs=20_000)
    assert found["io"].value_ns == pytest.approx(2_000_000, abs=20_000)


def test_estimates_are_within_their_standard_errors(tmp_path):
    """Of 16 estimates under noise, at least 13 are within two standard errors (binomial, 0.95)."""
    inside = 0
    for seed in range(8):
        path = recording(tmp_path / f"{seed}.csv", seed, rate=80)
        run, measured = answered(path, (600_000, 1_500_000))
        noise = np.random.default_rng(1000 + seed).laplace(0, 0.3 * MS, len(measured))
        noisy = type(measured)(measured.arrival_ns, measured.done_ns + noise.astype(np.int64))
        found = fit(run, noisy).parameters
        for name, true in (("request", 600_000), ("io", 1_500_000)):
            off = abs(found[name].value_ns - true)
            assert off < 60_000
            inside += off <= 2 * found[name].standard_error_ns
    assert inside >= 13


def test_a_single_worker_does_not_distinguish_cpu_from_lateness(tmp_path):
    path = recording(tmp_path / "run.csv", rate=20)
    found = fit(*answered(path, (600_000, 1_500_000), "{model: serial}"))
    assert found.indistinct
    assert list(found.parameters) == ["request"]
    assert found.parameters["request"].value_ns == pytest.approx(2_100_000, abs=20_000)


def test_requests_without_io_have_no_lateness(tmp_path):
    path = recording(tmp_path / "run.csv")
    text = TEXT.format(file=path.name, server=LOOP).replace("{io: {column: io}}, ", "")
    run = Replay.of(simsched.scenario.loads(text, directory=tmp_path), "s")
    measured = read_measured(run.scenario.workload.trace, "done")
    responses = run.response_ns(800_000, 0).astype(np.int64)
    found = fit(run, type(measured)(measured.arrival_ns, measured.arrival_ns + responses))
    assert list(found.parameters) == ["request"]
    assert not found.indistinct
    assert found.parameters["request"].value_ns == pytest.approx(800_000, abs=20_000)


def test_stalls_of_the_machine_have_little_weight(tmp_path):
    run, measured = answered(recording(tmp_path / "run.csv"), (600_000, 1_500_000))
    stalled = measured.done_ns.copy()
    stalled[100:108] += 500 * MS
    found = fit(run, type(measured)(measured.arrival_ns, stalled)).parameters
    assert found["request"].value_ns == pytest.approx(600_000, abs=50_000)
    assert found["io"].value_ns == pytest.approx(1_500_000, abs=50_000)


def test_the_same_measurements_give_the_same_estimates(tmp_path):
    run, measured = answered(recording(tmp_path / "run.csv"), (600_000, 1_500_000))
    assert fit(run, measured) == fit(run, measured)


@pytest.mark.parametrize(
    ("file", "server"),
    [
        ("quart_r40", LOOP),
        ("flask1_r8", "{model: serial}"),
        ("flask4_r40", "{model: serial, workers: 4, cores: 1}"),
    ],
)
def test_the_first_half_of_a_real_run_predicts_the_second(file, server):
    text = TEXT.format(file=f"{file}.csv", server=server)
    for name in ("arrival", "cpu1", "cpu2", "io"):
        text = text.replace(f"{name}}}", f"{name}_s}}")
    run = Replay.of(simsched.scenario.loads(text, directory=DATA), "s")
    found = fit(run, read_measured(run.scenario.workload.trace, "done_s"))
    assert abs(found.prediction.figures["mean"].error) < 0.02
    assert abs(found.prediction.figures["p95"].error) < 0.04
    assert found.prediction.kendall_tau > 0.998


def test_means_over_time_are_those_of_equal_parts():
    arrival = np.arange(40) * 10**9
    measured = np.where(arrival < 20 * 10**9, 2, 4) * 10**9
    simulated = np.stack([measured + 10**9, measured + 3.0 * 10**9])
    times, known, found = course(arrival, measured, simulated)
    assert times == pytest.approx([39 / 4, 3 * 39 / 4])
    assert (known, found) == ([2, 4], [4, 6])
    assert course(arrival[:0], measured[:0], simulated[:, :0]) == ([], [], [])


def test_parts_of_the_time_without_requests_or_answers_are_left_out():
    arrival = np.array([0] * 40 + [100] * 40) * 10**9
    nothing = np.where(arrival > 0, np.nan, 1e9)
    times, known, found = course(arrival, np.full(80, 10**9), nothing)
    assert (times, known, found) == ([12.5], [1], [1])


def test_what_agrees_has_no_error():
    arrival = np.arange(100) * MS
    response = np.arange(100)[::-1] * MS
    found = compare(arrival, response, response.astype(float))
    assert {pair.error for pair in found.figures.values()} == {0.0}
    assert (found.kendall_tau, found.requests, found.unanswered) == (1.0, 100, 0)


def test_what_has_no_answer_is_left_out_and_counted():
    arrival = np.arange(4) * MS
    predicted = np.array([2.0, np.nan, 4.0, 6.0]) * MS
    found = compare(arrival, np.array([1, 9, 2, 3]) * MS, predicted)
    assert (found.requests, found.unanswered) == (3, 1)
    assert found.figures["mean"].error == pytest.approx(1.0)


def test_a_request_that_was_done_before_it_arrived_is_an_error(tmp_path):
    path = recording(tmp_path / "run.csv")
    columns = np.loadtxt(path, delimiter=",", skiprows=1)
    columns[7, 4] = columns[7, 0] - 0.001
    _write(path, columns)
    with pytest.raises(ScenarioError, match=r"was done before it arrived.*the same moment"):
        read_measured(replay(path).scenario.workload.trace, "done")


def test_too_few_requests_are_an_error(tmp_path):
    path = recording(tmp_path / "run.csv", requests=19)
    with pytest.raises(ScenarioError, match="19 requests; at least 20 are needed"):
        read_measured(replay(path).scenario.workload.trace, "done")


def test_only_a_trace_is_replayed():
    scenario = simsched.load(DATA.parents[2] / "scenarios" / "lecture.yaml")
    with pytest.raises(InputError, match="only a trace workload replays what was measured"):
        Replay.of(scenario, "serial")
