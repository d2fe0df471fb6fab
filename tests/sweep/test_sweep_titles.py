"""What a sweep is called, and the sentences that come with its points."""

from __future__ import annotations

import pytest
from sweep_examples import BASE, planned, write

from simsched.experiment.sweep import plan
from simsched.report.sweep.points import sweep_text

SAME = "- matrix: {workload.open.rate: [20/s, 30/s]}"


@pytest.mark.parametrize(
    ("other", "note"),
    [
        ("[30/s, 40/s]", "1 repeated point is left out"),
        ("[20/s, 30/s]", "2 repeated points are left out"),
    ],
)
def test_points_that_were_there_before_are_counted_in_a_sentence(tmp_path, other, note):
    text = f"sweep:\n  {SAME}\n  - matrix: {{workload.open.rate: {other}}}\n"
    assert planned(tmp_path, text).notes == (note,)


NAMES = "sweep: {zip: {name: [one, two], servers.serial.workers: [1, 2]}}\n"


def test_a_sweep_over_names_keeps_that_of_its_file(tmp_path):
    found = planned(tmp_path, NAMES)
    assert found.name == "small"
    assert [found.scenario(point).name for point in found.points] == ["one", "two"]


def test_a_sweep_over_names_whose_scenario_has_none_is_called_as_its_file(tmp_path):
    file = write(tmp_path, NAMES, BASE.replace("name: small\n", ""), name="labelled.yaml")
    assert plan(file).name == "labelled"


def test_a_sweep_over_descriptions_keeps_that_of_its_file(tmp_path):
    text = "sweep: {matrix: {description: [first, second]}}\n"
    assert planned(tmp_path, text).description == ""
    assert planned(tmp_path, text, f"{BASE}description: own\n").description == "own"


def test_a_path_with_a_long_name_is_shown_in_full(tmp_path):
    name = "a-name-of-more-than-forty-characters-which-are-many"
    base = BASE.replace("servers:\n", f"servers:\n  {name}: {{model: serial}}\n")
    path = f"servers.{name}.workers"
    found = planned(tmp_path, f"sweep: {{matrix: {{{path}: [1, 2]}}}}\n", base)
    assert found.parameters[0].name == path
    again = tmp_path / "again.yaml"
    again.write_text(sweep_text(found), encoding="utf-8")
    assert [each.values for each in plan(again).points] == [each.values for each in found.points]
