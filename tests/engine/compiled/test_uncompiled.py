"""The rules of the compiled engine are right as they are written, before any compiler has them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[2] / "scenarios"
LEAST_COVERED = 80
"""Per cent of the lines and branches of the rules."""

TROUBLE = """
name: trouble
requests:
  page: [{cpu: {exponential: 8ms}}, {io: {exponential: 20ms}, on: db, timeout: 30ms}, {cpu: 2ms}]
  ping: {phases: [{cpu: 1ms}], priority: -1}
workload: {open: {rate: 150/s}, mix: {page: 3, ping: 1}, requests: 30}
resources: {db: {capacity: 2, rate_limit: {rate: 90/s, burst: 3, when_full: wait}}}
client: {timeout: 150ms, retries: {max: 2, backoff: {initial: 10ms}}}
events:
  - {worker: 0, at: 40ms, for: 60ms, down: true}
  - {at: 100ms, for: 50ms, resource: db, slower: 3}
servers:
  shortest: {model: serial, workers: 2, discipline: shortest, backlog: 4}
  batches: {model: serial, workers: 2, batch: {max: 3, wait: 5ms, duration: {base: 4ms}}}
  preemptive: {model: serial, workers: 4, cores: 1, discipline: preemptive}
  restarts: {model: serial, workers: 2, max_requests: 6, boot: 10ms}
  loops: {model: cooperative, workers: 2, discipline: shortest, max_in_flight: 3}
  threads: {model: threaded, workers: 2, threads: 2, cores: 1, dispatch: least_busy}
"""
USERS = """
name: users
requests: {page: [{cpu: 5ms}, {io: {exponential: 20ms}}]}
workload: {closed: {users: 4, think: {exponential: 10ms}}, requests: 30}
servers:
  serial: {model: serial, discipline: lifo}
  loop: {model: cooperative, cancel_abandoned: true}
client: {timeout: 40ms}
"""


def test_the_rules_uncompiled_do_as_the_reference_and_most_lines_are_met(tmp_path):
    for name, text in (("trouble", TROUBLE), ("users", USERS)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    files = [*SCENARIOS.glob("*.yaml"), *tmp_path.glob("*.yaml")]
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "COVERAGE_FILE": str(tmp_path / "coverage"),
    }
    included = "--include=*/engine/compiled/*"
    coverage = [sys.executable, "-m", "coverage"]
    commands = (
        [*coverage, "run", "--branch", "--rcfile=", included, HERE / "uncompiled.py", *files],
        [*coverage, "report", "--rcfile=", included, f"--fail-under={LEAST_COVERED}"],
    )
    said = []
    for command in commands:
        done = subprocess.run(
            list(map(str, command)), env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    assert said[0].splitlines()[-1] == "[]"
