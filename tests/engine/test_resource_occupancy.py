"""How much of a resource was in use, as the trace tells."""

from __future__ import annotations

import pytest

from simsched.engine import simulate
from simsched.engine.trace import Occupancy
from simsched.scenario import loads
from simsched.workload import draw

MS = 1_000_000


def occupancy(phases, arrivals="{at: 0ms, request: page, times: 3}", end="", server="cooperative"):
    scenario = loads(
        f"name: t\nrequests: {{page: {phases}}}\nresources: {{db: {{capacity: 2}}}}\n"
        f"workload: {{schedule: [{arrivals}]{end}}}\nservers: {{s: {{model: {server}}}}}\n"
    )
    trace = simulate(draw(scenario, 1), scenario.servers["s"])
    return trace.end_ns, trace.occupancy


def test_slots_are_in_use_for_as_long_as_the_io_takes():
    end, found = occupancy("[{io: 10ms, on: db}, {io: 5ms}]")
    assert found == (Occupancy("db", 2, 30 * MS),)
    assert end == 25 * MS


def test_a_slot_that_is_held_is_in_use_while_its_request_computes():
    _, (found,) = occupancy("[{hold: db, phases: [{cpu: 4ms}, {io: 6ms}]}]", server="serial")
    assert found.busy_ns == 30 * MS


def test_a_slot_that_is_never_given_back_is_in_use_to_the_end():
    phases = "[{hold: db, phases: [{io: 1ms}, {io: 4ms, on: db}]}]"
    end, (found,) = occupancy(phases)
    assert end == 1 * MS  # two requests have a slot each and wait for another
    assert found.busy_ns == 2 * end


@pytest.mark.parametrize("duration", ["7ms", "12ms"])
def test_a_run_that_ends_in_the_middle_counts_up_to_its_end(duration):
    end, (found,) = occupancy("[{io: 10ms, on: db}]", end=f", duration: {duration}")
    assert found.busy_ns == 2 * min(end, 10 * MS) + max(0, end - 10 * MS)


def test_without_resources_there_is_nothing_to_tell():
    scenario = loads(
        "name: t\nrequests: {page: [{io: 1ms}]}\n"
        "workload: {schedule: [{at: 0ms, request: page}]}\nservers: {s: {model: serial}}\n"
    )
    assert simulate(draw(scenario, 1), scenario.servers["s"]).occupancy == ()
