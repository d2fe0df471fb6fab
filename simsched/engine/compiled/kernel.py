"""The run: hand-overs first, then the next event, until there is none or the run ends."""

from __future__ import annotations

from simsched.engine.compiled import (
    actions,
    arrivals,
    calls,
    events,
    jobs,
    model,
    takers,
    together,
)
from simsched.engine.compiled.calendar import CAPACITY, TIMER, after
from simsched.engine.compiled.codes import (
    BEGIN,
    DONE,
    NEEDS_BLOCK,
    NEEDS_ROOM,
    PAUSES,
    PROCEED,
    STANDS_STILL,
)
from simsched.engine.compiled.layout import COLUMNS, GENERAL, NETWORK, NONE, REQUESTS, RUN, SERVER
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.pools import outage_at, task_at
from simsched.engine.compiled.world import General, Network, World
from simsched.engine.jit import apart, rule

_LONG = 5_000_000
"""After so many steps, some tenths of a second, a run stops to let Ctrl-C be heard."""

_STAY = 64
"""How many steps are made in one of several worlds before it is asked whose turn it is."""

_GOES_ON = NONE
"""No reason to stop."""


def plain(stage: int, run: int, server: int, requests: int, columns: int, end: int) -> int:
    """Do one *stage* of a plain run, up to *end* if it is the last; return why a run stops."""
    world = World(
        record_at(run, 0, RUN),
        record_at(server, 0, SERVER),
        record_at(requests, 0, REQUESTS),
        record_at(columns, 0, COLUMNS),
        None,
        None,
    )
    return _do(world, stage, _LONG, end)


def general(stage: int, place: int, end: int) -> int:
    """Do one *stage* of any other run, whose network is at the address *place*.

    Up to *end*, if it is the last stage; return why a run stops.
    """
    network = record_at(place, 0, NETWORK)
    if stage == PROCEED:
        for _ in range(_LONG // _STAY):
            stop = _do_in(network, network.current, PROCEED, end)
            if stop != PAUSES:
                return stop
        return PAUSES
    sequence = 0
    for at in range(network.places_size):
        calls.run_at(network, at).sequence = sequence
        _do_in(network, at, stage, end)
        sequence = calls.run_at(network, at).sequence
    calls.run_at(network, 0).sequence = sequence
    together.find_others(network)
    return DONE


@apart
def _do_in(network: Network, at: int, stage: int, end: int) -> int:
    """Do one stage, or a part of it, in the world of the server at this position."""
    one = calls.place_at(network, at)
    world = World(
        record_at(one.run, 0, RUN),
        record_at(one.server, 0, SERVER),
        record_at(one.requests, 0, REQUESTS),
        record_at(one.columns, 0, COLUMNS),
        record_at(one.general, 0, GENERAL),
        network,
    )
    return _do(world, stage, _STAY, end)


@rule
def _do(world: World, stage: int, steps: int, end: int) -> int:
    if stage == PROCEED:
        return _stay(world, steps)
    if stage == BEGIN:
        _begin(world)
    else:
        _conclude(world, end)
    return DONE


@rule
def _stay(world: World, steps: int) -> int:
    """Let so many things happen in a world, or fewer if it is another's turn.

    Return why the run stops, or that it pauses: it can be taken up again.
    """
    for _ in range(steps):
        if not _has_room(world):
            return NEEDS_ROOM
        stop = _step(world)
        if stop != _GOES_ON:
            return stop
    return PAUSES


@rule
def _step(world: World) -> int:
    """Let the next thing happen in a world; return why it does not, if so."""
    run = world.run
    if events.is_launched(world.general, world):
        slot, overhead = events.launch(world)
    elif run.handovers_count > 0:
        if events.needs_block(world.general, world):
            return NEEDS_BLOCK
        slot, overhead = events.settle(world)
        if run.stuck != NONE:
            return STANDS_STILL
    elif together.gives_way(world.network, world):
        return PAUSES
    else:
        slot, overhead = events.advance(world)
        if slot == events.OVER:
            return DONE
    if slot != NONE:
        model.carry_on(world, slot, overhead)
    return _GOES_ON


@apart
def _begin(world: World) -> None:
    """Let the takers be idle, and what is to come be expected."""
    for taker in range(world.run.takers_count):
        takers.next_task(world, taker)
    _expect_others(world.general, world)
    arrivals.expect(world)
    together.note_next(world.network, world)


@apart
def _conclude(world: World, end: int) -> None:
    """Account for the time up to *end*, and record the jobs that are still in the server."""
    world.run.now = end
    for at in range(world.run.fresh):
        if task_at(world, at).alive and task_at(world, at).job == at:
            jobs.settle(world, at)
            jobs.record(world, at)


@apart
def _expect_others(general: General | None, world: World) -> None:
    if general is not None:
        for position in range(general.outages_count):
            outage = outage_at(general, position)
            if outage.slower > 0:
                after(world, outage.start, CAPACITY, actions.SLOW_DOWN, position)
                after(world, outage.finish, CAPACITY, actions.SPEED_UP, position)
                continue
            if outage.drain:
                after(world, outage.start, CAPACITY, actions.DRAIN, outage.worker)
            else:
                after(world, outage.start, CAPACITY, actions.CLOSE, outage.worker)
                after(world, outage.start, TIMER, actions.FAIL, outage.worker)
            after(world, outage.finish, CAPACITY, actions.COME_UP, outage.worker)
        for user in range(general.users_count):
            arrivals.think(general, world, user)


@rule
def _has_room(world: World) -> bool:
    """Return whether whatever one event may need is there."""
    run = world.run
    if run.tasks_size - run.alive <= world.server.branches:
        return False
    if run.stretches_size - run.stretches_count <= 2 * run.tasks_size:
        return False
    return _has_general_room(world.general, world) and calls.has_room(world.network)


@rule
def _has_general_room(general: General | None, world: World) -> bool:
    """Return whether there is room for what plain runs have no more of than tasks."""
    if general is None:
        return True
    run = world.run
    return (
        run.heap_size - run.events > 4 * run.tasks_size
        and run.handovers_size - run.handovers_count > 4 * run.tasks_size
        and run.rows_size > run.rows
        and general.visits_size - run.visits > general.longest
        and general.timers_size > run.timers_count
    )
