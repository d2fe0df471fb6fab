"""The names that a program may rely on."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import simsched
from simsched import errors, experiment, scenario

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"


def test_the_public_names():
    assert dir(simsched) == [
        "BestResult",
        "CapacityResult",
        "CheckResult",
        "Fault",
        "FitResult",
        "InputError",
        "MeasureResult",
        "Phase",
        "Resource",
        "Result",
        "RunError",
        "Scenario",
        "ScenarioError",
        "Server",
        "SimschedError",
        "SweepResult",
        "Workload",
        "__version__",
        "best",
        "capacity",
        "check",
        "fit",
        "load",
        "measure",
        "run",
        "sweep",
        "write",
    ]
    assert simsched.__all__ == dir(simsched)


def test_no_public_name_is_that_of_a_module():
    # A module that is imported takes the place of a function of its name.
    modules = {each.name for each in pkgutil.iter_modules(simsched.__path__)}
    assert modules & {*simsched.__all__} == set()


@pytest.mark.parametrize("name", sorted({*simsched.__all__} - {"__version__", "Phase"}))
def test_a_public_name_is_there_and_explained(name):
    assert len(inspect.getdoc(getattr(simsched, name)) or "") > 20


def test_classes_are_the_ones_of_their_modules():
    assert issubclass(simsched.Result, experiment.Result)
    assert simsched.Scenario is scenario.Scenario
    assert simsched.ScenarioError is errors.ScenarioError


def test_a_name_that_is_not_there_is_an_ordinary_error():
    with pytest.raises(AttributeError, match="module 'simsched' has no attribute 'rnu'"):
        simsched.rnu  # noqa: B018  the look-up is what is tested


def test_importing_simsched_is_quick():
    code = "import simsched, sys; print({'numpy', 'pydantic', 'pandas', 'yaml'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("kind", [str, Path, simsched.load])
def test_a_scenario_is_given_as_a_path_or_as_it_is(kind):
    result = simsched.run(kind(LECTURE))
    assert result.servers["serial"].completion_order == (1, 2, 3)
    assert result.servers["cooperative"].completion_order == (1, 3, 2)


def test_a_scenario_can_be_made_in_python():
    made = simsched.Scenario.model_validate(
        {
            "name": "made",
            "requests": {"page": [{"cpu": "10ms"}]},
            "workload": {"schedule": [{"at": "0ms", "request": "page"}]},
            "servers": {"one": {"model": "serial"}},
        }
    )
    assert simsched.run(made).requests["finish_ns"].tolist() == [10_000_000]


MADE = {
    "name": "made",
    "requests": {"page": [{"cpu": "10ms"}]},
    "workload": {"schedule": [{"at": "0ms", "request": "page"}]},
    "servers": {"uv": {"model": "cooperative"}},
}


def test_a_scenario_is_given_as_a_mapping():
    assert simsched.run(MADE).requests["finish_ns"].tolist() == [10_000_000]
    assert simsched.load(MADE) == simsched.Scenario(**MADE)
    result = simsched.run(MADE, overrides=["servers.uv.workers=2"], seed=3)
    assert result.scenarios[0].servers["uv"].workers == 2


def test_what_is_wrong_with_several_scenarios_is_said_together():
    one, two = ({**MADE, "servers": {"uv": {"model": "serial", key: 0}}} for key in "ab")
    with pytest.raises(simsched.ScenarioError) as raised:
        simsched.run(one, LECTURE, two)
    assert [str(fault).partition(";")[0] for fault in raised.value.faults] == [
        "scenario 1: servers.uv.a: unknown key",
        "scenario 3: servers.uv.b: unknown key",
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: simsched.load(3),
            "scenario: the path of a file or a mapping is needed, not the n",
        ),
        (
            lambda: simsched.load(None),
            "scenario: the path of a file or a mapping is needed, not not",
        ),
        (
            lambda: simsched.load(b"a"),
            "scenario: the path of a file or a mapping is needed, not a by",
        ),
        (lambda: simsched.load({}), "scenario: name is missing; write for example name: lecture"),
        (lambda: simsched.load(MADE, "name=x"), r"overrides are a list such as \["),
        (lambda: simsched.load(MADE, {"name": "x"}), "overrides are a list .*, not a mapping"),
        (lambda: simsched.load(MADE, None), "overrides are a list .*, not nothing"),
        (lambda: simsched.load(MADE, [3]), "overrides are text, as in .*, not the number 3"),
        (lambda: simsched.load(LECTURE, "name=x"), r"overrides are a list such as \["),
        (lambda: simsched.run(["a.yaml", MADE]), "scenario: the path of a file .*, not a list"),
        (lambda: simsched.run(MADE, 3), "scenario 2: the path of a file or a mapping is needed"),
        (lambda: simsched.run(MADE, MADE), "2 scenarios are called 'made'"),
        (lambda: simsched.run(MADE, seed="x"), "seed: a whole number is needed, not the text 'x'"),
        (lambda: simsched.run(MADE, replications=0), "replications: the number 0 is too small"),
        (lambda: simsched.run(MADE, overrides="name=x"), r"overrides are a list such as \["),
        (
            lambda: simsched.write(MADE),
            "a result of run, sweep, capacity, best or measure is needed, not a m",
        ),
        (
            lambda: simsched.write(simsched.run(MADE), 3),
            "directory: the path of a folder is needed",
        ),
        (
            lambda: simsched.write(simsched.run(MADE), plotlyjs="x"),
            "plotlyjs is one of inline, cdn,",
        ),
        (lambda: simsched.write(simsched.run(MADE), "/dev/null/a"), "/dev/null/.*: cannot write"),
        (lambda: simsched.write(simsched.run(MADE), "a\0b"), "not a possible name of a folder"),
    ],
)
def test_a_bad_argument_is_an_input_error(call, said):
    with pytest.raises(simsched.InputError, match=said):
        call()


def test_a_result_is_shown_in_a_line():
    shown = "Result('lecture', servers=['serial', 'cooperative'], replications=1)"
    assert repr(simsched.run(LECTURE)) == shown


def test_the_figures_of_a_server_are_shown_in_a_line():
    summary = simsched.run(LECTURE).servers["serial"]
    assert repr(summary) == "ServerSummary('serial', completed=3)"


RESULTS = [
    *(simsched.Result, simsched.SweepResult, simsched.CapacityResult, simsched.BestResult),
    *(simsched.FitResult, simsched.CheckResult, simsched.MeasureResult),
]


def completed(kind):
    return [name for name in dir(kind.__new__(kind)) if not name.startswith("_")]


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
def test_what_a_result_completes_is_there_and_documented(kind):
    page = (LECTURE.parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
    stored = {each.name for each in fields(kind)}
    for name in completed(kind):
        assert name in stored or hasattr(kind, name), name
        assert f"`{name}`" in page, name


def test_what_a_result_has_from_the_stages_before_is_not_completed():
    assert completed(simsched.SweepResult) == ["failures", "figure", "summary"]
    assert not {"like", "of", "traces"} & {*completed(simsched.Result)}


def test_several_scenarios_are_compared():
    other = simsched.load(LECTURE, ["name=other", "servers.serial.workers=2"])
    result = simsched.run(LECTURE, other)
    assert {each.baseline for each in result.comparisons} == {"lecture/serial"}


def test_overrides_seed_and_replications_reach_the_run():
    result = simsched.run(LECTURE, overrides=["servers.serial.workers=2"], seed=4, replications=2)
    (run,) = (each.run for each in result.scenarios)
    assert (run.seed, run.replications) == (4, 2)
    assert result.traces["serial"][0].workers == 2


def test_overrides_change_a_scenario_as_they_change_its_file():
    changes = ["servers.serial.workers=2", "requests.ping[1].io=9ms"]
    of_object = simsched.run(simsched.load(LECTURE), overrides=changes)
    assert of_object.scenarios == simsched.run(LECTURE, overrides=changes).scenarios
    assert of_object.summary.equals(simsched.run(LECTURE, overrides=changes).summary)


def test_nothing_to_run_is_an_error():
    with pytest.raises(simsched.InputError, match="nothing to run"):
        simsched.run()


def test_a_bad_file_raises_all_its_faults():
    with pytest.raises(simsched.ScenarioError) as raised:
        simsched.run(LECTURE, overrides=["servers.serial.workers=0", "run.seed=-1"])
    assert [fault.path for fault in raised.value.faults] == ["servers.serial.workers", "run.seed"]


def test_a_result_can_be_written(tmp_path):
    folder = simsched.write(simsched.run(LECTURE), tmp_path / "reports")
    assert folder.parent == tmp_path / "reports" / "lecture"
    assert (folder / "report.html").stat().st_size > 1000
    assert simsched.load(folder / "scenario.yaml").servers.keys() == {"serial", "cooperative"}


def test_every_scenario_of_a_result_is_written(tmp_path):
    other = simsched.load(LECTURE, ["name=other"])
    folder = simsched.write(simsched.run(LECTURE, other), str(tmp_path))
    names = [simsched.load(folder / f"scenario-{n}.yaml").name for n in (1, 2)]
    assert names == ["lecture", "other"]


def test_a_search_that_needs_a_value_names_its_argument():
    with pytest.raises(simsched.InputError, match=r"or name another value with vary$"):
        simsched.capacity(LECTURE, "response_time.mean < 1s")
