"""Whatever a file holds, it is read or refused; and Python values pass the same checks."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_scenarios import damaged_scenarios

from simsched.errors import Fault, InputError, ScenarioError
from simsched.scenario import STARTER, Scenario, dump, load, loads
from simsched.scenario.file.composing import compose
from simsched.scenario.model.distributions import Exponential, Lognormal, Percentiles
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.request_class import RequestClass
from simsched.scenario.model.requests import CpuPhase, IoPhase
from simsched.scenario.model.servers import CooperativeServer, SerialServer

SLOW_TO_DRAW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
LECTURE = """\
name: lecture
description: Three requests.
requests:
  page:
    - {cpu: 10ms, label: framework}
    - {io: {lognormal: {p50: 30ms, p99: 0.4s}}, label: database}
  ping: {phases: [{cpu: 4ms}]}
workload:
  schedule:
    - {at: 0, request: page}
    - {at: 20ms, request: page}
    - {at: 72ms, request: ping}
servers:
  serial: {model: serial}
  cooperative: {model: cooperative, workers: 2, overhead: {switch: 20us}}
"""


def is_read_or_refused(text: str) -> None:
    try:
        scenario = loads(text)
    except ScenarioError as error:
        lines = str(error).split("\n")
    else:
        assert loads(dump(scenario)) == scenario
        return
    assert all(line.startswith("<string>") for line in lines)
    assert "Input should" not in "".join(lines)  # so begin messages that are not ours


def test_a_file_becomes_values_in_nanoseconds() -> None:
    scenario = loads(LECTURE)
    assert scenario.requests == {
        "page": RequestClass(
            phases=(
                CpuPhase(cpu="10ms", label="framework"),
                IoPhase(
                    io=Lognormal(lognormal=Percentiles(p50="30ms", p99="400ms")), label="database"
                ),
            )
        ),
        "ping": RequestClass(phases=(CpuPhase(cpu="4ms"),)),
    }
    assert scenario.requests["ping"].phases[0].cpu == 4_000_000
    assert [(each.at, each.request) for each in scenario.workload.schedule or ()] == [
        (0, "page"),
        (20_000_000, "page"),
        (72_000_000, "ping"),
    ]
    assert scenario.servers == {
        "serial": SerialServer(model="serial"),
        "cooperative": CooperativeServer(
            model="cooperative", workers=2, overhead=Overhead(switch="20us")
        ),
    }
    assert list(scenario.servers) == ["serial", "cooperative"]


def test_a_scenario_cannot_be_changed() -> None:
    scenario = loads(LECTURE)
    with pytest.raises(InputError, match="name of a Scenario cannot be changed; make a new one"):
        scenario.name = "other"
    with pytest.raises(InputError, match="seed of a Run cannot be changed"):
        scenario.run.seed = 3
    with pytest.raises(InputError, match="name of a Scenario cannot be changed"):
        del scenario.name
    assert scenario == loads(LECTURE)


def test_a_file_names_its_data_files_from_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "db.csv").write_text('"id, of row", db_ms \n1, 1.5\n\n"2",4e1\n')
    text = LECTURE.replace("cpu: 4ms", "cpu: {empirical: {file: db.csv, column: db_ms, unit: ms}}")
    (tmp_path / "data" / "a.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    phase = load("data/a.yaml").requests["ping"].phases[0]
    assert phase.cpu.empirical.values == (1_500_000, 40_000_000)
    monkeypatch.chdir(tmp_path / "data")
    assert loads(text).requests["ping"].phases[0] == phase


OBSERVED = LECTURE.replace("cpu: 4ms", "cpu: {empirical: {file: FILE, column: db, unit: ns}}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("db\n0,012\n", "db.csv:2: the row has 2 cells, but the header 1 column"),
        ("id,db\n1\n", "db.csv:2: the row has 1 cell, but the header 2 columns"),
        ('db\n"0,012"\n', "db.csv:2: db: '0,012' is not a number; write 0.012"),
        ("id;db\n1;2\n", "'db.csv' cannot be used: its cells are separated by semicolons"),
        ("id\tdb\n1\t2\n", "'db.csv' cannot be used: its cells are separated by tabs"),
        ("db\n-1\n", "db.csv:2: db: -1 is not a time; it must be a number of at least 0"),
        ("id,db\n1,\n", "db.csv:2: db: the cell is empty"),
    ],
)
def test_observed_durations_have_the_faults_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, fault: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("db.csv").write_text(text)
    with pytest.raises(ScenarioError) as told:
        loads(OBSERVED.replace("FILE", "db.csv"))
    assert len(told.value.faults) == 1
    assert fault in str(told.value)


def test_observed_durations_are_exact_in_csv_and_parquet(tmp_path: Path) -> None:
    values = (31_000_000_000_000_001, 31_000_000_000_000_003)
    (tmp_path / "db.csv").write_text("\ufeffdb\n" + "".join(f"{value}\n" for value in values))
    pq.write_table(pa.table({"db": list(values)}), tmp_path / "db.parquet")
    for name in ("db.csv", "db.parquet"):
        phase = loads(OBSERVED.replace("FILE", name), directory=tmp_path).requests["ping"].phases[0]
        assert phase.cpu.empirical.values == values
    pq.write_table(pa.table({"db": [True]}), tmp_path / "db.parquet")
    with pytest.raises(ScenarioError, match="db: the column is of type bool, which is no time"):
        loads(OBSERVED.replace("FILE", "db.parquet"), directory=tmp_path)


def test_the_rows_of_data_files_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "db.csv").write_text("db_s\n" + "1\n" * 100_001)
    text = LECTURE.replace("cpu: 4ms", "cpu: {empirical: {file: db.csv, column: db_s}}")
    with pytest.raises(ScenarioError, match="file: more than 100000 rows are too many"):
        loads(text, directory=tmp_path)


def test_the_columns_of_data_files_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "db.csv").write_text("db_s\n1\n")
    files = [f"./{'/' * n}db.csv" for n in range(101)]
    phases = ",".join(f"{{cpu: {{empirical: {{file: '{file}', column: db_s}}}}}}" for file in files)
    text = LECTURE.replace("{cpu: 4ms}", phases)
    with pytest.raises(ScenarioError, match="more than 100 columns of files are too many") as told:
        loads(text, directory=tmp_path)
    assert len(told.value.faults) == 1


def test_python_values_pass_the_same_checks() -> None:
    with pytest.raises(ScenarioError, match="10 has no unit; write 10ms or 10s"):
        CpuPhase(cpu=10)
    with pytest.raises(ScenarioError, match="unknown distribution"):
        CpuPhase(cpu={"exponental": "10ms"})
    with pytest.raises(ScenarioError, match="p99 must be more than p50"):
        Percentiles(p50="10ms", p99="9ms")


def test_python_values_may_be_models_or_plain_data() -> None:
    demand = Exponential(exponential="10ms")
    assert CpuPhase(cpu=demand) == CpuPhase(cpu={"exponential": "10ms"})
    phases = [CpuPhase(cpu=0), {"io": "40ms"}]
    assert RequestClass(phases=phases) == RequestClass.model_validate([{"cpu": 0}, {"io": "40ms"}])


def test_a_scenario_made_in_python_is_checked_as_a_whole() -> None:
    with pytest.raises(ScenarioError, match="there is no such class of requests"):
        Scenario(
            name="made",
            requests={"page": [{"cpu": "10ms"}]},
            workload={"schedule": [{"at": "0ms", "request": "pgae"}]},
            servers={"serial": SerialServer(model="serial")},
        )


def test_a_scenario_made_in_python_says_all_that_is_missing() -> None:
    with pytest.raises(ScenarioError) as raised:
        Scenario(name="x")
    assert [str(fault).partition(";")[0] for fault in raised.value.faults] == [
        "Scenario: requests is missing",
        "Scenario: workload is missing",
        "Scenario: servers is missing",
    ]


def test_a_part_made_in_python_says_what_is_wrong_with_it() -> None:
    with pytest.raises(ScenarioError) as raised:
        SerialServer(model="serial", threads=3, workers=0)
    assert str(raised.value) == "SerialServer: threads: this key goes with model: threaded"
    with pytest.raises(ScenarioError) as raised:
        CooperativeServer(model="cooperative", workers=0)
    assert str(raised.value) == (
        "CooperativeServer: workers: the number 0 is too small; it must be at least 1"
    )


def test_parts_inside_a_part_have_paths_from_the_whole() -> None:
    # Were their own __init__ called, their faults would be raised before the others are looked for.
    with pytest.raises(ScenarioError) as raised:
        Scenario(name="x", requests={"a": [{"cpu": 5}]}, workload={}, servers={"uv": {"model": 1}})
    assert [fault.path for fault in raised.value.faults] == [
        "requests.a[0].cpu",
        "workload",
        "servers.uv.model",
    ]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_mapping_is_refused_in_the_words_of_its_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = path.read_bytes().decode(errors="replace").removeprefix("\ufeff")
    document = compose(text, "file")
    data = document.root.data() if document.root else None
    if document.faults or "\ufffd" in text or not isinstance(data, dict):
        pytest.skip("the text itself is wrong, which no mapping can be")
    monkeypatch.chdir(path.parent)
    of_file, of_mapping = faults_of(path.name), faults_of(data)
    # An alias repeats a fault in a mapping, which has no places to see that it is one.
    assert {fault.message for fault in of_mapping} == {fault.message for fault in of_file}
    assert {fault.path for fault in of_mapping} >= {fault.path for fault in of_file}
    assert not any(fault.line for fault in of_mapping if fault.file == "scenario")
    assert faults_of_making(data) == {(f.path, f.message, f.hint) for f in of_mapping}


def faults_of(source: object) -> tuple[Fault, ...]:
    with pytest.raises(ScenarioError) as raised:
        load(source)
    return raised.value.faults


def faults_of_making(data: dict[str, Any]) -> set[tuple[str, str, str]]:
    with pytest.raises(ScenarioError) as raised:
        Scenario.model_validate(data)
    return {(fault.path, fault.message, fault.hint) for fault in raised.value.faults}


SMALL: dict[str, Any] = {
    "name": "small",
    "requests": {"page": [{"cpu": "10ms"}]},
    "workload": {"schedule": [{"at": 0, "request": "page"}]},
    "servers": {"uv": {"model": "cooperative"}},
}


def test_a_mapping_of_every_kind_of_value_is_read_as_its_file_would_be() -> None:
    values = {
        **SMALL,
        "requests": MappingProxyType({"page": ({"cpu": "10ms"}, IoPhase(io="5ms"))}),
        "servers": {"uv": CooperativeServer(model="cooperative", workers=2)},
        "run": {"seed": np.int64(7), "confidence": np.float64(0.9), "replications": None},
        "slo": {"fast": "response_time.p99 < 500ms"},
    }
    expected = loads(
        "{name: small, requests: {page: [{cpu: 10ms}, {io: 5ms}]}, "
        "workload: {schedule: [{at: 0, request: page}]}, "
        "servers: {uv: {model: cooperative, workers: 2}}, "
        "run: {seed: 7, confidence: 0.9}, slo: {fast: response_time.p99 < 500ms}}"
    )
    assert load(values) == Scenario(**values) == Scenario.model_validate(values) == expected
    assert load(expected) == expected
    assert load(expected, ["run.seed=8"]).run.seed == 8


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("run", {"seed": 10**5000}, "run.seed: a whole number is needed, not the number inf"),
        ("run", {"seed": float("nan")}, "run.seed: a whole number is needed, not the number nan"),
        ("run", {"seed": Fraction(7, 2)}, "run.seed: a whole number is needed, not the number 3.5"),
        ("run", {"seed": Decimal("3.5")}, "run.seed: a whole number is needed, not the number 3.5"),
        ("run", {"seed": True}, "run.seed: a whole number is needed, not true"),
        ("run", [("seed", 1)], "run: a mapping is needed, not a list; its keys are"),
        ("run", {1: 2}, "run: a key is text, not the number 1; write it in quotes: '1'"),
        ("run", {("seed",): 2}, "run: a key is text, not a list"),
        ("name", b"x", "name: a bytes cannot be used in a scenario; write text, a number, True"),
        ("name", {"x"}, "name: a set cannot be used in a scenario"),
        ("name", Path("x"), "name: a PosixPath cannot be used in a scenario"),
        ("name", object, "name: a type cannot be used in a scenario"),
        ("name", "a\0b", "name: 'a\\x00b' holds the control character U+0000; leave it out"),
        ("name", "\ud800", "name: '\\ud800' holds the control character U+D800; leave it out"),
    ],
)
def test_values_that_no_file_can_hold_are_faults(key: str, value: object, said: str) -> None:
    (fault,) = faults_of({**SMALL, key: value})
    assert str(fault).startswith(f"scenario: {said}")


def test_values_without_end_are_refused() -> None:
    endless: list[object] = [0]
    endless.append(endless)
    (fault,) = faults_of({**SMALL, "requests": endless})
    assert str(fault) == "scenario: requests[1]: a list or mapping cannot hold itself"
    (fault,) = faults_of({**SMALL, "requests": [[0] for _ in range(500_000)]})
    assert str(fault) == "scenario: more than 500000 values, aliases written out"


def test_python_values_that_are_met_again_are_bounded_as_aliases_are() -> None:
    call = [{"io": "1ms"}]
    branches = [call] * 100
    values = {**SMALL, "requests": {"page": [{"parallel": [[{"parallel": branches}]] * 100}]}}
    (fault,) = faults_of(values)
    assert str(fault) == (
        "scenario: requests.page[0].parallel[66]: the lists and mappings used again repeat "
        "20,295 values; the most is 20,000"
    )
    values["requests"] = {"page": [{"parallel": [[{"parallel": [call] * 30}]] * 30}]}
    assert len(load(values).requests["page"].phases[0].parallel) == 30


def test_json_is_read_as_a_mapping() -> None:
    assert Scenario.model_validate_json(json.dumps(SMALL)) == load(SMALL)
    with pytest.raises(ScenarioError, match="Scenario: not JSON: EOF while parsing"):
        Scenario.model_validate_json(b"{")
    with pytest.raises(ScenarioError, match="Scenario: requests is missing"):
        Scenario.model_validate_json('{"name": "x"}')


@SLOW_TO_DRAW
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    is_read_or_refused(data.decode("latin-1"))


YAML_BITS = st.sampled_from(
    ["\n", " ", "  ", ": ", "- ", "{", "}", "[", "]", ",", "&a ", "*a", "!t ", "#", "'", '"', "|\n",
     "? ", "<<: ", "%", "---\n", "...\n", "\t", "\\", "@", "`", "~", "é", "\ufeff", "0", ".inf",
     "cpu", "io", "at", "page", "10ms", "80/s", "model", "serial", "exponential", "null", "1e999"]
)  # fmt: skip


@SLOW_TO_DRAW
@given(st.lists(YAML_BITS, max_size=40).map("".join))
def test_any_scraps_of_yaml_are_read_or_refused(text: str) -> None:
    is_read_or_refused(text)


@SLOW_TO_DRAW
@given(
    st.sampled_from([LECTURE, STARTER, *(path.read_text("latin-1") for path in BAD)]),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 12), YAML_BITS), max_size=4),
)
def test_a_file_with_some_damage_is_read_or_refused(
    text: str, damages: list[tuple[int, int, str]]
) -> None:
    for place, length, scrap in damages:
        at = place % (len(text) + 1)
        text = text[:at] + scrap + text[at + length :]
    is_read_or_refused(text)


@SLOW_TO_DRAW
@given(damaged_scenarios())
def test_a_scenario_with_odd_values_is_read_or_refused(written: Any) -> None:
    is_read_or_refused(yaml.safe_dump(written, sort_keys=False, allow_unicode=True))


def test_reading_a_scenario_imports_nothing_heavy() -> None:
    code = "import sys, simsched.scenario as s; s.loads(s.STARTER); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "scipy", "pandas", "pyarrow", "simpy", "plotly", "jinja2", "rich", "numba"}
    assert not heavy & set(done.stdout.split())


def test_keys_that_pyyaml_reads_as_booleans_are_what_was_written() -> None:
    text = """
    name: keys
    requests: {page: [{io: 5ms, on: db}]}
    workload: {open: {rate: 10/s, bursts: {on: 1s, off: 1s}}, requests: 10}
    servers: {loop: {model: cooperative}}
    resources: {db: {capacity: 1}}
    """
    values = yaml.safe_load(text)
    assert True in values["requests"]["page"][0]
    assert load(values) == loads(text)
