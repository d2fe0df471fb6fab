"""What a sweep is called, and the sentences that come with its points."""

from __future__ import annotations

import pytest
from sweep_examples import BASE, planned, write

from simsched.experiment.sweep import plan

SAME = "- matrix: {workload.open.rate: [20/s, 30/s]}"


@pytest.mark.parametrize(
    ("other", "note"),
    [
        ("[30/s, 40/s]", "1 point was there before, and is simulated once"),
        ("[20/s, 30/s]", "2 points were there before, and are simulated once"),
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
