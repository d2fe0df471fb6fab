"""What a run is told to be made with."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

import simsched
from simsched.experiment.result import merged
from simsched.report import stored, terminal
from simsched.report.run_document import document

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"

PACKAGE = {"simpy": "simpy", "compiled": "numba"}


@pytest.mark.parametrize("engine", PACKAGE)
def test_a_result_names_its_engine_and_versions(engine: str) -> None:
    result = simsched.run(LECTURE, overrides=[f"run.engine={engine}"])
    assert result.made_with == {
        "engine": engine,
        "numpy": version("numpy"),
        PACKAGE[engine]: version(PACKAGE[engine]),
    }


def test_all_outputs_of_a_run_name_its_engine_and_versions(tmp_path: Path) -> None:
    folder = simsched.write(simsched.run(LECTURE), tmp_path)
    told = {"simsched": simsched.__version__, "engine": "simpy", "numpy": version("numpy")}
    told |= {"simpy": version("simpy")}
    assert json.loads((folder / "summary.json").read_text())["made_with"] == told
    again = stored.read(folder).result
    assert again.made_with == told
    assert ", seed 1, engine simpy\n" in terminal.render(document(again), 100, color=False)
    assert f", engine simpy, numpy {version('numpy')}" in (folder / "report.html").read_text()


def test_what_two_runs_were_made_with_is_merged() -> None:
    one = {"simsched": "1", "engine": "simpy", "simpy": "4"}
    other = {"simsched": "1", "engine": "compiled", "numba": "0.6"}
    assert merged(one, other) == {
        "simsched": "1",
        "engine": "simpy and compiled",
        "simpy": "4",
        "numba": "0.6",
    }


def test_a_comparison_of_runs_names_the_engines_and_versions_of_both(tmp_path: Path) -> None:
    runs = [
        stored.read(simsched.write(simsched.run(LECTURE, overrides=changes), tmp_path))
        for changes in ([], ["run.engine=compiled"])
    ]
    assert stored.join(*runs).result.made_with["engine"] == "simpy and compiled"
