"""Workloads that were recorded: the file is checked, its rows are left for later."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simsched.errors import ScenarioError
from simsched.scenario import Scenario, dump, load, loads

TEXT = """\
name: replay
requests:
  page: [{cpu: {column: cpu_s}}, {repeat: {times: 2, phases: [{io: {column: io_s}}]}}]
workload:
  trace: {file: runs.csv, arrival: arrival_s, request: class}
servers: {serial: {model: serial}}
"""
COLUMNS = ["arrival_s", "class", "cpu_s", "io_s"]


def faults(text: str, directory: Path) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        loads(text, "a.yaml", directory=directory)
    return [f"{fault.path}: {fault.message}; {fault.hint}" for fault in raised.value.faults]


def test_the_file_of_a_trace_is_named_from_where_the_scenario_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "runs.csv").write_text(",".join(COLUMNS) + "\n")
    (tmp_path / "data" / "a.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    trace = load("data/a.yaml").workload.trace
    assert trace is not None
    assert trace.file == str(tmp_path / "data" / "runs.csv")
    assert (trace.arrival, trace.request, trace.unit) == ("arrival_s", "class", "s")


def test_a_dumped_trace_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs.csv").write_text(",".join(COLUMNS) + "\n")
    scenario = loads(TEXT, directory=tmp_path)
    monkeypatch.chdir("/")
    assert loads(dump(scenario)) == scenario


def test_a_parquet_file_has_columns_too(tmp_path: Path) -> None:
    pq.write_table(pa.table({name: [1.0] for name in COLUMNS}), tmp_path / "runs.parquet")
    text = TEXT.replace("runs.csv", "runs.parquet")
    assert loads(text, directory=tmp_path).workload.trace is not None
    assert faults(text.replace("cpu_s", "cpus"), tmp_path) == [
        "requests.page[0].cpu.column: the trace has no such column; did you mean 'cpu_s'?"
    ]


def test_only_the_first_line_of_a_trace_is_read(tmp_path: Path) -> None:
    with (tmp_path / "runs.csv").open("w") as file:
        file.write(" , ".join(COLUMNS) + "\n")
        file.truncate(10 * 2**30)
    assert loads(TEXT, directory=tmp_path)


def test_a_trace_of_which_the_first_line_never_ends_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("a" * 3 * 2**20)
    assert faults(TEXT, tmp_path)[0] == (
        "workload.trace.file: 'runs.csv' cannot be used: "
        "its first line has more than 1,048,576 bytes; "
    )


def test_a_trace_that_nobody_writes_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "runs.csv")
    assert faults(TEXT, tmp_path) == [
        "workload.trace.file: 'runs.csv' cannot be used: not a regular file; "
    ]


def test_a_column_that_is_there_twice_is_none(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("arrival_s,arrival_s,class,cpu_s,io_s,io_s\n")
    assert faults(TEXT, tmp_path) == [
        "requests.page[1].repeat.phases[0].io.column: the trace has several columns of this name; ",
        "workload.trace.arrival: the file has several columns of this name; ",
    ]


def test_a_trace_made_in_python_is_checked_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs.csv").write_text(",".join(COLUMNS) + "\n")
    monkeypatch.chdir(tmp_path)
    written: dict[str, Any] = {
        "name": "made",
        "requests": {"page": [{"cpu": {"column": "cpu_s"}}]},
        "workload": {"trace": {"file": "runs.csv", "arrival": "arrival_s"}},
        "servers": {"serial": {"model": "serial"}},
    }
    assert Scenario.model_validate(written).workload.trace is not None
    written["requests"] = {"page": [{"cpu": {"column": "cpus"}}]}
    with pytest.raises(ScenarioError, match="the trace has no such column"):
        Scenario.model_validate(written)
