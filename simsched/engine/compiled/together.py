"""A run of several servers: the one that is compared, and the services that its requests call.

Each has a world of its own. The next event is the first of all worlds; what it sets off at its
instant is settled in its own world first.
"""

from __future__ import annotations

from simsched.engine.compiled import calls, clients, jobs, layout, tasks
from simsched.engine.compiled.actions import CAME_BACK, RECEIVED, WAITED
from simsched.engine.compiled.calendar import find_first, is_before
from simsched.engine.compiled.handovers import hand_over
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
    NOBODY,
    PAUSES,
    PROCEED,
    STANDS_STILL,
)
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.pools import handover_at
from simsched.engine.compiled.world import Network, World
from simsched.engine.jit import apart, rule


def services(stage: int, place: int, end: int) -> int:
    """Do one *stage* of a run with services, whose network is at the address *place*.

    Up to *end*, if it is the last stage; return why a run stops.
    """
    network = record_at(place, 0, layout.NETWORK)
    if stage == PROCEED:
        return _proceed(network)
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
            begin(world)
        else:
            conclude(world, end)
    return DONE


@apart
def _proceed(network: Network) -> int:
    for _ in range(LONG):
        one = calls.place_at(network, network.current)
        world = World(
            record_at(one.run, 0, layout.RUN),
            record_at(one.server, 0, layout.SERVER),
            record_at(one.requests, 0, layout.REQUESTS),
            record_at(one.columns, 0, layout.COLUMNS),
            record_at(one.general, 0, layout.GENERAL),
            network,
        )
        stop = _step(network, world)
        if stop != PAUSES:
            return stop
    return PAUSES


@rule
def _step(network: Network, world: World) -> int:
    """Let one thing happen; return why the run stops there, if it does, and else ``PAUSES``."""
    if not has_room(world) or not calls.has_room(network, world):
        return NEEDS_ROOM
    if is_launched(world.general, world):
        launch(world)
    elif world.run.handovers_count > 0:
        return _settle(network, world)
    else:
        _note_next(network, world)
        _choose(network, world)
        if network.current == world.run.place and not advance(world):
            return DONE
    return PAUSES


@rule
def _settle(network: Network, world: World) -> int:
    """Settle the first hand-over, as :func:`_step` does."""
    if needs_block(world.general, world):
        return NEEDS_BLOCK
    if not _settle_message(network, world):
        settle(world)
    return PAUSES if world.run.stuck == NOBODY else STANDS_STILL


@rule
def _settle_message(network: Network, world: World) -> bool:
    """Settle the first hand-over if it is a message from another world; return whether it is."""
    handover = handover_at(world.run, world.run.handed)
    action, subject = handover.action, handover.subject
    if action == RECEIVED:
        _forget_handover(world)
        clients.receive(network, world, subject)
    elif action == CAME_BACK:
        _forget_handover(world)
        _come_back(network, world, subject)
    else:
        return False
    calls.forget(network, subject)
    return True


@rule
def _forget_handover(world: World) -> None:
    world.run.handed += 1
    world.run.handovers_count -= 1


@apart
def _come_back(network: Network, world: World, at: int) -> None:
    """Let the caller go on, or fail where the service did not do what it was asked for."""
    message = calls.message_at(network, at)
    if tasks.counts(world, message.ticket):
        place = calls.place_at(network, message.sender)
        calls.call_at(place, message.sent_by).answered = world.run.now
        if message.status != jobs.COMPLETED:
            jobs.fail(world, tasks.job_of_ticket(world, message.ticket))
        hand_over(world.run, WAITED, message.ticket)


@rule
def _note_next(network: Network, world: World) -> None:
    """Note when the next event of the world is; the others have not changed."""
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
def _choose(network: Network, world: World) -> None:
    """Let things happen next in the world whose next event is the first of all."""
    first = world.run.place
    for at in range(network.places_size):
        one, other = calls.place_at(network, at), calls.place_at(network, first)
        if one.time != NEVER and is_before(one.time, one.rank, other.time, other.rank):
            first = at
    if first != world.run.place:
        calls.switch(network, world.run, first)
