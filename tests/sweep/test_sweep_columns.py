"""What stands beside a point is what its scenario has, also where it does not set it itself."""

from __future__ import annotations

import pytest
from sweep_examples import BASE, planned

from simsched.experiment.sweep import Plan
from simsched.scenario.sweep.points import Sweep

OWN = BASE.replace("serial: {model: serial}", "serial: {model: serial, workers: 4}")


def column(found: Plan, name: str) -> list[str | None]:
    place = [parameter.name for parameter in found.parameters].index(name)
    values = [point.values[place] for point in found.points]
    return [None if value is None else value.text for value in values]


def test_a_detail_is_that_of_the_whole_which_a_point_sets(tmp_path):
    text = """
    sweep:
      - matrix: {servers.serial.workers: [2, 3]}
      - include:
          - {servers.serial: {model: serial, workers: 5}}
          - {servers.serial: {model: cooperative}}
          - {workload.open.rate: 9/s}
    """
    found = planned(tmp_path, text, OWN)
    assert column(found, "servers.serial.workers") == ["2", "3", "5", "1", "4"]


def test_a_whole_has_the_details_which_a_point_sets(tmp_path):
    text = """
    sweep:
      - matrix: {servers.serial: [{model: cooperative}]}
      - include: [{servers.serial.backlog: 3}, {workload.open.rate: 9/s}]
    """
    assert column(planned(tmp_path, text, OWN), "servers.serial") == [
        "{model: cooperative}",
        "{model: serial, workers: 4, backlog: 3}",
        "{model: serial, workers: 4}",
    ]


def test_what_a_point_has_by_default_goes_by_its_own_model(tmp_path):
    text = """
    sweep:
      - matrix: {servers.serial: [{model: serial}, {model: threaded}, {model: cooperative}]}
      - include: [{servers.serial.model: threaded}]
      - include: [{servers.serial: {model: threaded}, servers.serial.threads: 3}]
    """
    found = planned(tmp_path, text)
    assert column(found, "servers.serial.threads") == [None, "8", None, "3"]


def test_a_default_goes_by_a_model_that_is_swept_beside_it(tmp_path):
    text = """
    sweep:
      - matrix: {servers.serial.model: [threaded, serial, cooperative], run.seed: [1, 2]}
      - include: [{servers.serial.model: threaded, servers.serial.threads: 3}]
    """
    found = planned(tmp_path, text)
    assert column(found, "servers.serial.threads") == ["8", "8", None, None, None, None, "3"]


def test_a_point_that_is_no_scenario_has_no_defaults(tmp_path):
    text = """
    sweep:
      - matrix:
          servers.serial: [{model: serial}, {model: serial, workers: 2}]
          "events[0].worker": [0, 1]
      - include: [{servers.serial.dispatch: shared, servers.serial.workers: 3}]
    """
    base = BASE + "events: [{worker: 0, at: 0s, for: 1s, down: true, server: serial}]\n"
    found = planned(tmp_path, text, base)
    assert column(found, "servers.serial.workers") == ["1", "1", "2", "2", "3"]


def test_few_scenarios_are_made_for_many_points(tmp_path, monkeypatch):
    made = []
    scenario = Sweep.scenario

    def counted(sweep: Sweep, point: object) -> object:
        made.append(point)
        return scenario(sweep, point)  # type: ignore[arg-type]

    monkeypatch.setattr(Sweep, "scenario", counted)
    text = """
    sweep:
      - matrix: {servers.serial.workers: [1, 2], run.seed: {from: 1, to: 50, steps: 50}}
      - matrix: {servers.serial: [{model: threaded}], run.seed: {from: 1, to: 50, steps: 50}}
    """
    found = planned(tmp_path, text)
    assert column(found, "servers.serial.workers")[-50:] == ["1"] * 50
    assert len(made) < 80 < len(found.points)


@pytest.mark.parametrize("steps", ["servers.other.workers", "client.timeout"])
def test_what_no_point_but_one_has_is_none_of_the_others(tmp_path, steps):
    base = BASE.replace("  cooperative", "  other: {model: serial}\n  cooperative")
    whole = "servers: {serial: {model: serial}}"
    text = f"sweep: {{include: [{{{whole}}}, {{client.timeout: 3s, servers.other.workers: 2}}]}}\n"
    assert column(planned(tmp_path, text, base), steps)[0] is None
