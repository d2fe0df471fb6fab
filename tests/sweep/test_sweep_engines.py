"""Which engine simulates the points of a sweep: all points of a process together decide."""

from __future__ import annotations

import pytest
from sweep_examples import BASE, planned, simulated

from simsched.engine.choice import foreseen_s
from simsched.experiment import cost
from simsched.experiment.sweep import task as tasks

pytest.importorskip("numba")


@pytest.mark.parametrize(("engine", "quick"), [("auto", True), ("simpy", False)])
def test_what_a_point_takes_is_foreseen_by_the_engine_that_it_names(engine, quick):
    assert (foreseen_s(engine, 1e6) < 1) == quick


def test_workers_know_how_much_they_simulate_in_all(tmp_path, monkeypatch):
    said = []
    simulate = tasks.run

    def noting(scenarios, *, phases, **options):
        said.append(phases)
        return simulate(scenarios, **options)

    monkeypatch.setattr(tasks, "run", noting)
    found = planned(tmp_path, base=BASE)
    simulated(found, tmp_path)
    whole = sum(cost.weight(found.scenario(point)) for point in found.points)
    assert said == [pytest.approx(whole)] * len(said) != []
