"""The run: hand-overs first, then the next event, until there is none or the run ends."""

from __future__ import annotations

from simsched.engine.compiled import (
    actions,
    arrivals,
    calls,
    clients,
    cpu,
    jobs,
    messages,
    model,
    outages,
    phases,
    queues,
    resources,
    tasks,
)
from simsched.engine.compiled.calendar import (
    CAPACITY,
    TIMER,
    action_of,
    after,
    find_first,
    is_before,
    take_first,
)
from simsched.engine.compiled.handovers import take_handover
from simsched.engine.compiled.layout import (
    BEGIN,
    COLUMNS,
    DONE,
    GENERAL,
    NEEDS_BLOCK,
    NEEDS_ROOM,
    NEVER,
    NONE,
    PAUSES,
    PROCEED,
    REQUESTS,
    RUN,
    SERVER,
    STANDS_STILL,
)
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.pools import handover_at, outage_at, task_at
from simsched.engine.compiled.world import General, Network, World
from simsched.engine.jit import apart, rule

LONG = 5_000_000
"""After so many steps, some tenths of a second, a run stops to let Ctrl-C be heard."""


def plain(
    stage: int,
    run: int,
    server: int,
    requests: int,
    columns: int,
    general: int,  # noqa: ARG001 - as in the other variant
    end: int,
) -> int:
    """Do one *stage* of a plain run, up to *end* if it is the last; return why a run stops."""
    world = World(
        record_at(run, 0, RUN),
        record_at(server, 0, SERVER),
        record_at(requests, 0, REQUESTS),
        record_at(columns, 0, COLUMNS),
        None,
        None,
    )
    return _do(world, stage, end)


def general(
    stage: int, run: int, server: int, requests: int, columns: int, general: int, end: int
) -> int:
    """Do one *stage* of a general run, up to *end* if it is the last; return why a run stops."""
    world = World(
        record_at(run, 0, RUN),
        record_at(server, 0, SERVER),
        record_at(requests, 0, REQUESTS),
        record_at(columns, 0, COLUMNS),
        record_at(general, 0, GENERAL),
        None,
    )
    return _do(world, stage, end)


@rule
def _do(world: World, stage: int, end: int) -> int:
    if stage == PROCEED:
        return proceed(world)
    if stage == BEGIN:
        begin(world)
    else:
        conclude(world, end)
    return DONE


@apart
def proceed(world: World) -> int:
    """Let things happen until the run stops; return why it does. It can be taken up again."""
    run = world.run
    for _ in range(LONG):
        if not has_room(world):
            return NEEDS_ROOM
        if is_launched(world.general, world):
            launch(world)
        elif run.handovers_count > 0:
            if needs_block(world.general, world):
                return NEEDS_BLOCK
            settle(world)
            if run.stuck != NONE:
                return STANDS_STILL
        elif not advance(world):
            return DONE
    return PAUSES


@apart
def begin(world: World) -> None:
    """Let the takers be idle, and what is to come be expected."""
    for taker in range(world.run.takers_count):
        queues.next_task(world, taker)
    _expect_others(world.general, world)
    arrivals.expect(world)


@apart
def conclude(world: World, end: int) -> None:
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
def has_room(world: World) -> bool:
    """Return whether whatever one event may need is there."""
    run = world.run
    if run.tasks_size - run.alive <= world.server.branches:
        return False
    if run.stretches_size - run.stretches_count <= 2 * run.tasks_size:
        return False
    return _has_general_room(world.general, world)


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


@rule
def is_launched(general: General | None, world: World) -> bool:
    """Return whether a branch has yet to begin."""
    if general is None:
        return False
    return world.run.launched != NONE


@rule
def launch(world: World) -> None:
    """Let the first branch begin that has yet to."""
    model.begin_branch(world, phases.take_launched(world))


@rule
def needs_block(general: General | None, world: World) -> bool:
    """Return whether requests are to be drawn before the first hand-over is settled."""
    if general is None:
        return False
    handover = handover_at(world.run, world.run.handed)
    return handover.action == actions.ANSWERED and arrivals.needs_block(general, handover.subject)


@rule
def settle(world: World) -> None:
    """Settle the first hand-over."""
    action, subject = take_handover(world.run)
    if action == actions.HANDED:
        model.take_up(world, subject)
    else:
        _settle_other(world.general, world, action, subject)


@apart
def _settle_other(general: General | None, world: World, action: int, subject: int) -> None:
    if general is not None:
        if action == actions.ANSWERED:
            arrivals.think(general, world, subject)
        elif action == actions.BEGIN_ANEW:
            outages.begin_anew(world, subject)
        elif action == actions.RELEASED:
            clients.serve_line(general, world, subject)
        elif tasks.counts(world, subject):
            _settle_task(general, world, action, tasks.slot_of(subject))


@rule
def _settle_task(general: General, world: World, action: int, slot: int) -> None:
    if action == actions.EXECUTED:
        model.carry_on(world, slot)
    elif action == actions.STARTED:
        model.begin_branch(world, slot)
    elif action == actions.GRANTED:
        resources.begin_io(general, world, slot)
    else:
        model.go_on(world, slot)


@rule
def advance(world: World) -> bool:
    """Handle the next event; return whether there was one before the end of the run."""
    run = world.run
    time, rank = run.next_arrival, run.next_rank
    scheduled = find_first(run) and is_before(run.first_time, run.first_rank, time, rank)
    if scheduled:
        time, rank = run.first_time, run.first_rank
    if _is_timer_first(world.general, world, time, rank):
        return _go_off(world.general, world)
    if time > run.end or time == NEVER:
        return False
    run.now = time
    if scheduled:
        take_first(run)
        _happen(world, action_of(rank), run.first_subject)
    else:
        arrivals.arrive(world)
    return True


@rule
def _is_timer_first(general: General | None, world: World, time: int, rank: int) -> bool:
    if general is None:
        return False
    run = world.run
    return run.timers_count > 0 and is_before(run.next_timer, run.next_timer_rank, time, rank)


@rule
def _go_off(general: General | None, world: World) -> bool:
    if general is None:
        return False
    run = world.run
    if run.next_timer > run.end:
        return False
    run.now = run.next_timer
    clients.go_off(general, world)
    return True


@rule
def _happen(world: World, action: int, subject: int) -> None:
    if action <= actions.LAST_OF_TASKS:
        if tasks.counts(world, subject):
            _happen_to_task(world.general, world, action, tasks.slot_of(subject))
    elif not messages.happen(world.network, world, action, subject):
        _happen_to_others(world.general, world, action, subject)


@rule
def _happen_to_task(general: General | None, world: World, action: int, slot: int) -> None:
    if action == actions.COMPUTED:
        model.carry_on(world, slot)
    elif action == actions.WAITED:
        phases.end_io(world.general, world, slot)
        model.go_on(world, slot)
    elif general is not None:
        _happen_in_general(general, world, action, slot)


@rule
def _happen_in_general(general: General, world: World, action: int, slot: int) -> None:
    if action == actions.TURN_ENDED:
        cpu.end_turn(general, world, slot)
    elif action == actions.IO_ENDED:
        resources.end_io(general, world, slot)
    elif action == actions.EXPIRED:
        _expire(general, world.network, world, slot)
    elif action == actions.KNOCK:
        clients.knock(world, slot)
    elif action == actions.OVERDUE:
        queues.wait_no_longer(general, world, slot)
    elif action == actions.TOKEN_CAME:
        resources.get_in_line(general, world, slot)
    elif action > actions.KNOCK:
        messages.send_more(world.network, world, slot, action == actions.CALL_AGAIN)
    else:
        resources.lose_patience(general, world, slot)


@apart
def _expire(general: General, network: Network | None, world: World, slot: int) -> None:
    """Let a task have waited long enough: for I/O on a resource, or for the answer to a call."""
    if network is not None:
        if calls.is_expired(world, slot):
            messages.fail_try(network, world, slot)
            return
    resources.give_up_io(general, world, slot)


@apart
def _happen_to_others(general: General | None, world: World, action: int, subject: int) -> None:
    if general is not None:
        if action == actions.ASK:
            arrivals.ask(general, world, subject)
        elif action == actions.RETRY:
            clients.send_again(general, world, subject)
        elif action >= actions.GIVE_UP:
            clients.give_up(world, subject, action == actions.LEAVE)
        else:
            outages.happen(general, world, action, subject)
