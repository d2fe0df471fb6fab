"""What faults and errors say."""

from __future__ import annotations

import pickle

import pytest

from simsched.errors import Fault, InputError, RunError, ScenarioError, SimschedError


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.yaml", "the file is empty"), "a.yaml: the file is empty"),
        (Fault("a.yaml", "a tab cannot indent", 3, 1), "a.yaml:3:1: a tab cannot indent"),
        (Fault("a.csv", "not CSV", 7), "a.csv:7: not CSV"),
        (
            Fault("a.yaml", "unknown key", 3, 1, "servers.a.wokers", "did you mean 'workers'?"),
            "a.yaml:3:1: servers.a.wokers: unknown key; did you mean 'workers'?",
        ),
    ],
)
def test_a_fault_tells_place_path_message_and_hint(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_a_fault_is_one_line_that_a_terminal_only_shows() -> None:
    fault = Fault("a\nb.yaml", "bell \x07, colour \x1b[31m, backwards \u202e, umlaut ü")
    assert str(fault) == r"a\nb.yaml: bell \x07, colour \x1b[31m, backwards \u202e, umlaut ü"


def test_a_scenario_error_has_a_line_for_each_fault() -> None:
    error = ScenarioError((Fault("a.yaml", "first"), Fault("a.yaml", "second", 2, 1)))
    assert str(error) == "a.yaml: first\na.yaml:2:1: second"


def test_a_scenario_error_keeps_its_faults_on_the_way_between_processes() -> None:
    error = ScenarioError((Fault("a.yaml", "first"), Fault("a.yaml", "second", 2, 1)))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  it was made a line above
    assert (again.faults, str(again)) == (error.faults, str(error))


def test_bad_input_ends_the_command_line_with_2_and_a_failed_run_with_1() -> None:
    assert (ScenarioError(()).exit_code, InputError("").exit_code) == (2, 2)
    assert (RunError("").exit_code, SimschedError("").exit_code) == (1, 1)
