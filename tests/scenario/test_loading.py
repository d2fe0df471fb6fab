"""Whatever a file holds, it is read or refused; and Python values pass the same checks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from written_scenarios import damaged_scenarios

from simsched.errors import ScenarioError
from simsched.scenario import STARTER, Scenario, dump, load, loads
from simsched.scenario.distributions import Exponential, Lognormal, Percentiles
from simsched.scenario.phases import CpuPhase, IoPhase, RequestClass
from simsched.scenario.servers import CooperativeServer, Overhead, SerialServer

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
    with pytest.raises(ValidationError, match="frozen"):
        scenario.name = "other"
    with pytest.raises(ValidationError, match="frozen"):
        scenario.run.seed = 3


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
    with pytest.raises(ValidationError, match="10 has no unit; write 10ms or 10s"):
        CpuPhase(cpu=10)
    with pytest.raises(ValidationError, match="unknown distribution"):
        CpuPhase(cpu={"exponental": "10ms"})
    with pytest.raises(ValidationError, match="p99 must be more than p50"):
        Percentiles(p50="10ms", p99="9ms")


def test_python_values_may_be_models_or_plain_data() -> None:
    demand = Exponential(exponential="10ms")
    assert CpuPhase(cpu=demand) == CpuPhase(cpu={"exponential": "10ms"})
    phases = [CpuPhase(cpu=0), {"io": "40ms"}]
    assert RequestClass(phases=phases) == RequestClass.model_validate([{"cpu": 0}, {"io": "40ms"}])


def test_a_scenario_made_in_python_is_checked_as_a_whole() -> None:
    with pytest.raises(ValidationError, match="there is no such class of requests"):
        Scenario(
            name="made",
            requests={"page": [{"cpu": "10ms"}]},
            workload={"schedule": [{"at": "0ms", "request": "pgae"}]},
            servers={"serial": SerialServer(model="serial")},
        )


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
