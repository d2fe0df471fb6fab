"""A dumped scenario reads back as the same scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from written_scenarios import scenarios

from simsched.scenario import STARTER, Scenario, dump, load, loads

SLOW_TO_DRAW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@SLOW_TO_DRAW
@given(scenarios())
def test_a_scenario_reads_back_as_it_was_dumped(written: dict[str, Any]) -> None:
    scenario = Scenario.model_validate(written)
    text = dump(scenario)
    assert loads(text) == scenario
    assert dump(loads(text)) == text


def test_a_dump_keeps_the_order_the_user_s_form_and_leaves_out_defaults() -> None:
    text = """\
name: tidy
requests:
  page:
  - {cpu: 10000us, label: code}
  - io:
      lognormal: {p50: 0.5s, p99: 120s}
  ping: {phases: [{cpu: 0}]}
workload:
  open: {rate: 90/min, arrivals: poisson}
  mix: {page: 0.9, ping: 2.0}
  duration: 1h
servers:
  zebra: {model: serial, workers: 1}
  ant: {model: cooperative, workers: 2, overhead: {request: 1.5ms, switch: 0}}
run: {warmup: 1500ms, replications: 3}
"""
    assert (
        dump(loads(text))
        == """\
name: tidy
requests:
  page:
  - {cpu: 10ms, label: code}
  - io:
      lognormal: {p50: 500ms, p99: 2min}
  ping:
  - {cpu: 0s}
workload:
  open: {rate: 1.5/s}
  mix: {page: 0.9, ping: 2}
  duration: 1h
servers:
  zebra: {model: serial}
  ant:
    model: cooperative
    workers: 2
    overhead: {request: 1500us}
run: {seed: 1, replications: 3, warmup: 1500ms}
"""
    )


def test_a_dump_tells_the_seed_and_the_replications_that_were_put_in_later() -> None:
    scenario = loads(STARTER)
    run = scenario.run.model_copy(update={"seed": 42, "replications": 7})
    changed = scenario.model_copy(update={"run": run})
    assert "run: {seed: 42, replications: 7, warmup: 5s}" in dump(changed)
    assert loads(dump(changed)) == changed


def test_a_dump_holds_what_was_read_from_a_data_file(tmp_path: Path) -> None:
    (tmp_path / "db.csv").write_text("db_ms\n1.5\n40\n")
    file = tmp_path / "scenario.yaml"
    demand = "{empirical: {file: db.csv, column: db_ms, unit: ms}}"
    file.write_text(STARTER.replace("{lognormal: {p50: 30ms, p99: 200ms}}", demand))
    text = dump(load(file))
    assert "values: [1500us, 40ms]" in text
    assert loads(text) == load(file)


def test_a_dump_says_the_speed_of_every_worker() -> None:
    text = """\
name: unequal
requests: {page: [{cpu: 1ms}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {a: {model: serial, workers: [{speed: 1}, {speed: 0.5}]}}
"""
    assert "workers:\n    - {speed: 1}\n    - {speed: 0.5}\n" in dump(loads(text))
