"""Which engine simulates the points of a sweep."""

from __future__ import annotations

import pytest
from sweep_examples import BASE, planned, simulated

from simsched.experiment.sweep import engines
from simsched.experiment.sweep import task as tasks
from simsched.experiment.sweep.engines import (
    WORTH_THE_FIRST_TIME,
    compiled,
    guess_s,
    is_worth_compiling,
)

pytest.importorskip("numba")


def test_the_compiled_engine_is_taken_where_it_pays(monkeypatch):
    monkeypatch.setattr(engines, "_is_compiled", lambda: False)
    assert is_worth_compiling(WORTH_THE_FIRST_TIME)
    assert not is_worth_compiling(WORTH_THE_FIRST_TIME - 1)
    monkeypatch.setattr(engines, "_is_compiled", lambda: True)
    assert is_worth_compiling(WORTH_THE_FIRST_TIME - 1)
    assert not is_worth_compiling(1000)
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    assert not is_worth_compiling(WORTH_THE_FIRST_TIME)


@pytest.mark.parametrize(("run", "engine"), [("auto", "compiled"), ("simpy", "simpy")])
def test_an_engine_that_the_scenario_names_is_taken(tmp_path, run, engine):
    base = BASE.replace("run: {replications: 3}", f"run: {{replications: 3, engine: {run}}}")
    found = planned(tmp_path, base=base)
    scenario = found.scenario(found.points[0])
    assert compiled(scenario).run.engine == engine
    assert (guess_s(scenario, 1e6) < 1) == (engine == "compiled")


def test_workers_are_told_which_engine_to_take(tmp_path, monkeypatch):
    told = []
    simulate = tasks.run

    def noting(scenarios, **options):
        told.append(scenarios[0].run.engine)
        return simulate([one.model_copy(update={"run": usual}) for one in scenarios], **options)

    found = planned(tmp_path)
    usual = found.scenario(found.points[0]).run
    monkeypatch.setattr(tasks, "run", noting)
    monkeypatch.setattr("simsched.experiment.sweep.running.is_worth_compiling", lambda _: True)
    simulated(found, tmp_path)
    assert set(told) == {"compiled"}
