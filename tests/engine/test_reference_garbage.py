"""A simulation leaves Python's garbage collector as it was, and leaves it nothing to collect."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from workloads import lecture

from simsched.engine.reference import simulate
from simsched.engine.reference.simulation import collector_off
from simsched.scenario.model.servers import CooperativeServer

LOOP = CooperativeServer(model="cooperative")


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_nothing_is_collected_during_a_simulation() -> None:
    with collector_off():
        assert not gc.isenabled()


def test_the_collector_goes_on_after_a_simulation_and_after_an_error() -> None:
    simulate(lecture(), LOOP)
    assert gc.isenabled()
    with pytest.raises(KeyboardInterrupt), collector_off():
        raise KeyboardInterrupt
    assert gc.isenabled()


def test_who_has_no_collector_is_given_none() -> None:
    gc.disable()
    simulate(lecture(), LOOP)
    assert not gc.isenabled()


def test_a_simulation_leaves_no_requests_to_be_collected() -> None:
    simulate(lecture(), LOOP)
    gc.collect()
    gc.disable()
    simulate(lecture(), LOOP, timeline=0)
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        found = {type(each).__name__ for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert not {"Job", "Task"} & found
