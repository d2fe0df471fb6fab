"""Calls of services in the tables of a run: written, read back, and refused where damaged."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest

import simsched
from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.experiment.stored_traces import unpack, write
from simsched.experiment.untrusted import DamagedError
from simsched.scenario import loads
from simsched.workload import draw

SCENARIO = loads(
    """
name: tiers
services:
  db: {model: threaded, threads: 2, interpreter_lock: false, cores: 1, backlog: 2}
  stock: {model: cooperative, workers: 2}
requests:
  page:
    - {cpu: 1ms}
    - call: stock
      phases: [{cpu: 1ms}, {call: db, phases: [{cpu: {exponential: 9ms}}], network: 1ms}]
workload: {open: {rate: 100/s}, requests: 50}
servers: {loop: {model: cooperative}}
"""
)


@pytest.fixture(scope="module")
def trace() -> Trace:
    conditions = Conditions.of(SCENARIO, "loop")
    return simulate(draw(SCENARIO, 1), SCENARIO.servers["loop"], conditions)


def stored(trace: Trace) -> Trace:
    file = BytesIO()
    write(SimpleNamespace(traces={"loop": (trace,)}), file)
    return unpack(file.getvalue())["loop"][0]


def test_calls_are_read_back_as_they_were(trace):
    again = stored(trace)
    assert len(trace.calls) > 50
    assert again.services == trace.services
    for name, column in vars(trace.calls).items():
        np.testing.assert_array_equal(getattr(again.calls, name), column)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda calls: {"worker": calls.worker + 2}, "a worker is out of range"),
        (lambda calls: {"caller": calls.caller + len(calls)}, "a caller is out of range"),
        (lambda calls: {"sent_ns": calls.sent_ns + 10**9}, "times are not in order"),
        (lambda calls: {"cpu_ns": calls.cpu_ns - 10**12}, "a duration is out of range"),
        (lambda calls: {"status": calls.status * 0 + 4}, "a finish does not go with its status"),
    ],
)
def test_calls_that_cannot_be_are_refused(trace, change, fault):
    calls = replace(trace.calls, **change(trace.calls))
    with pytest.raises(DamagedError, match=fault):
        stored(replace(trace, calls=calls))


def test_a_run_without_its_calls_is_refused(tmp_path):
    folder = simsched.write(simsched.run(SCENARIO), tmp_path)
    (folder / "calls.parquet").unlink()
    from simsched.report.stored import read_traces

    with pytest.raises(simsched.errors.InputError, match=r"calls\.parquet: damaged: it is missing"):
        read_traces(folder)
