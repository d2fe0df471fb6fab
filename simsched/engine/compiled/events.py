"""What happens next: what is handed over is settled first, and then the next event."""

from __future__ import annotations

from simsched.engine.compiled import (
    actions,
    arrivals,
    calls,
    clients,
    cpu,
    messages,
    model,
    outages,
    patience,
    phases,
    resources,
    slots,
    takers,
    tasks,
)
from simsched.engine.compiled.calendar import action_of, find_first, is_before, take_first
from simsched.engine.compiled.handovers import take_handover
from simsched.engine.compiled.layout import NEVER, NONE
from simsched.engine.compiled.pools import handover_at
from simsched.engine.compiled.world import General, Network, World
from simsched.engine.jit import apart, rule

OVER = NONE - 1
"""No slot: nothing happens before the end of the run."""

NO_TASK = (NONE, 0)
"""No task is to go on: what rules here return, beside a task's slot and its overhead."""


@rule
def is_launched(general: General | None, world: World) -> bool:
    """Return whether a branch has yet to begin."""
    if general is None:
        return False
    return world.run.launched != NONE


@rule
def launch(world: World) -> tuple[int, int]:
    """Let the first branch begin that has yet to."""
    return model.begin_branch(world, phases.take_launched(world))


@rule
def needs_block(general: General | None, world: World) -> bool:
    """Return whether requests are to be drawn before the first hand-over is settled."""
    if general is None:
        return False
    handover = handover_at(world.run, world.run.handed)
    return handover.action == actions.ANSWERED and arrivals.needs_block(general, handover.subject)


@rule
def settle(world: World) -> tuple[int, int]:
    """Settle the first hand-over; return which task goes on, if one does, and its overhead."""
    action, subject = take_handover(world.run)
    if action == actions.HANDED:
        return model.take_up(world, subject)
    return _settle_other(world.general, world, action, subject)


@rule
def _settle_other(
    general: General | None, world: World, action: int, subject: int
) -> tuple[int, int]:
    if general is None:
        return NO_TASK
    if action in (actions.ANSWERED, actions.BEGIN_ANEW, actions.RELEASED):
        _settle_for_others(general, world, action, subject)
    elif tasks.counts(world, subject):
        return _settle_task(general, world, action, tasks.slot_of(subject))
    return NO_TASK


@apart
def _settle_for_others(general: General, world: World, action: int, subject: int) -> None:
    if action == actions.ANSWERED:
        arrivals.think(general, world, subject)
    elif action == actions.BEGIN_ANEW:
        outages.begin_anew(world, subject)
    else:
        clients.serve_line(general, world, subject)


@rule
def _settle_task(general: General, world: World, action: int, slot: int) -> tuple[int, int]:
    if action == actions.EXECUTED:
        return slot, NONE
    if action == actions.STARTED:
        return model.begin_branch(world, slot)
    if action == actions.WAITED:
        return model.go_on(world, slot)
    resources.begin_io(general, world, slot)
    return NO_TASK


@rule
def advance(world: World) -> tuple[int, int]:
    """Handle the next event; return which task goes on, OVER if nothing happens any more."""
    run = world.run
    time, rank = run.next_arrival, run.next_rank
    scheduled = find_first(run) and is_before(run.first_time, run.first_rank, time, rank)
    if scheduled:
        time, rank = run.first_time, run.first_rank
    if _is_timer_first(world.general, world, time, rank):
        return _go_off(world.general, world)
    if time > run.end or time == NEVER:
        return OVER, 0
    run.now = time
    if scheduled:
        take_first(run)
        return _happen(world, action_of(rank), run.first_subject)
    arrivals.arrive(world)
    return NO_TASK


@rule
def _is_timer_first(general: General | None, world: World, time: int, rank: int) -> bool:
    if general is None:
        return False
    run = world.run
    return run.timers_count > 0 and is_before(run.next_timer, run.next_timer_rank, time, rank)


@rule
def _go_off(general: General | None, world: World) -> tuple[int, int]:
    run = world.run
    if run.next_timer > run.end:
        return OVER, 0
    run.now = run.next_timer
    if general is not None:
        patience.go_off(general, world)
    return NO_TASK


@rule
def _happen(world: World, action: int, subject: int) -> tuple[int, int]:
    if action <= actions.LAST_OF_TASKS:
        if tasks.counts(world, subject):
            return _happen_to_task(world.general, world, action, tasks.slot_of(subject))
    elif not messages.happen(world.network, world, action, subject):
        _happen_to_others(world.general, world, action, subject)
    return NO_TASK


@rule
def _happen_to_task(
    general: General | None, world: World, action: int, slot: int
) -> tuple[int, int]:
    if action == actions.COMPUTED:
        return slot, NONE
    if action == actions.WAITED:
        phases.end_io(world.general, world, slot)
        return model.go_on(world, slot)
    if general is not None:
        _happen_in_general(general, world, action, slot)
    return NO_TASK


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
        takers.wait_no_longer(general, world, slot)
    elif action == actions.TOKEN_CAME:
        slots.get_in_line(general, world, slot)
    elif action > actions.KNOCK:
        messages.send_more(world.network, world, slot, action == actions.CALL_AGAIN)
    else:
        slots.lose_patience(general, world, slot)


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
            patience.give_up(world, subject, action == actions.LEAVE)
        else:
            outages.happen(general, world, action, subject)
