"""A run of several servers: the one that is compared, and the services that its requests call.

Each has a world of its own. Things happen in one of them until the next event is another's.
"""

from __future__ import annotations

from simsched.engine.compiled import calls, layout
from simsched.engine.compiled.calendar import find_first, is_before
from simsched.engine.compiled.kernel import (
    LONG,
    advance,
    begin,
    conclude,
    has_room,
    is_launched,
    launch,
    needs_block,
    settle,
)
from simsched.engine.compiled.layout import (
    BEGIN,
    DONE,
    NEEDS_BLOCK,
    NEEDS_ROOM,
    NEVER,
    NONE,
    PAUSES,
    PROCEED,
    STANDS_STILL,
)
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.world import Network, World
from simsched.engine.jit import apart, rule

_STAY = 16
"""How many steps are made in a world before it is asked whose turn it is."""


def services(stage: int, place: int, end: int) -> int:
    """Do one *stage* of a run with services, whose network is at the address *place*.

    Up to *end*, if it is the last stage; return why a run stops.
    """
    network = record_at(place, 0, layout.NETWORK)
    if stage == PROCEED:
        return _proceed(network)
    sequence = 0
    for at in range(network.places_size):
        one = calls.place_at(network, at)
        world = World(
            record_at(one.run, 0, layout.RUN),
            record_at(one.server, 0, layout.SERVER),
            record_at(one.requests, 0, layout.REQUESTS),
            record_at(one.columns, 0, layout.COLUMNS),
            record_at(one.general, 0, layout.GENERAL),
            network,
        )
        if stage == BEGIN:
            world.run.sequence = sequence
            begin(world)
            _note_next(network, world)
            sequence = world.run.sequence
        else:
            conclude(world, end)
    if stage == BEGIN:
        calls.run_at(network, 0).sequence = sequence
        _find_others(network)
    return DONE


@apart
def _proceed(network: Network) -> int:
    for _ in range(LONG // _STAY):
        one = calls.place_at(network, network.current)
        world = World(
            record_at(one.run, 0, layout.RUN),
            record_at(one.server, 0, layout.SERVER),
            record_at(one.requests, 0, layout.REQUESTS),
            record_at(one.columns, 0, layout.COLUMNS),
            record_at(one.general, 0, layout.GENERAL),
            network,
        )
        stop = _stay(network, world)
        if stop != PAUSES:
            return stop
    return PAUSES


@rule
def _stay(network: Network, world: World) -> int:
    """Let things happen in a world until another's turn; return why the run stops, or pauses."""
    for _ in range(_STAY):
        if not has_room(world) or not calls.has_room(network):
            return NEEDS_ROOM
        if is_launched(world.general, world):
            launch(world)
        elif world.run.handovers_count > 0:
            stop = _settle(world)
            if stop != PAUSES:
                return stop
        elif _is_others_turn(network, world):
            _switch(network, world)
            return PAUSES
        elif not advance(world):
            return DONE
    return PAUSES


@rule
def _settle(world: World) -> int:
    if needs_block(world.general, world):
        return NEEDS_BLOCK
    settle(world)
    return PAUSES if world.run.stuck == NONE else STANDS_STILL


@rule
def _is_others_turn(network: Network, world: World) -> bool:
    """Return whether the next event is another world's."""
    if network.next_time == NEVER:
        return False
    _note_next(network, world)
    place = calls.place_at(network, world.run.place)
    return is_before(network.next_time, network.next_rank, place.time, place.rank)


@rule
def _note_next(network: Network, world: World) -> None:
    """Note when the next event of the world is."""
    run = world.run
    time, rank = run.next_arrival, run.next_rank
    if find_first(run) and is_before(run.first_time, run.first_rank, time, rank):
        time, rank = run.first_time, run.first_rank
    if run.timers_count > 0 and is_before(run.next_timer, run.next_timer_rank, time, rank):
        time, rank = run.next_timer, run.next_timer_rank
    place = calls.place_at(network, run.place)
    place.time = time
    place.rank = rank


@rule
def _switch(network: Network, world: World) -> None:
    """Let things happen in the world whose turn it is, and in this one no more."""
    run = calls.run_at(network, network.next)
    run.now = world.run.now
    run.sequence = world.run.sequence
    network.current = network.next
    _find_others(network)


@apart
def _find_others(network: Network) -> None:
    """Find out which of the worlds that wait for their turn has it first."""
    network.next_time = NEVER
    network.next_rank = NEVER
    for at in range(network.places_size):
        one = calls.place_at(network, at)
        if at != network.current and is_before(
            one.time, one.rank, network.next_time, network.next_rank
        ):
            network.next = at
            network.next_time = one.time
            network.next_rank = one.rank
