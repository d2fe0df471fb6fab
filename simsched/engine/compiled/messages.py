"""What happens to messages: a call reaches its service, and is answered, dropped or tried again."""

from __future__ import annotations

from simsched.engine.compiled import calls, clients, jobs, layout, patience, tasks
from simsched.engine.compiled.actions import CALL_AGAIN, CAME_BACK, DROPPED, RECEIVED, WAITED
from simsched.engine.compiled.calendar import ARRIVAL, after
from simsched.engine.compiled.columns import duration_at
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.pools import job_at, job_of, step_at, task_at
from simsched.engine.compiled.world import Network, World
from simsched.engine.jit import apart, rule
from simsched.workload.steps import StepKind

_CALL = int(StepKind.CALL)


@rule
def happen(network: Network | None, world: World, action: int, at: int) -> bool:
    """Let an event happen if it is one of a message; return whether it is."""
    if network is None:
        return False
    if action == RECEIVED:
        clients.receive(network, world, at)
    elif action == CAME_BACK:
        _come_back(network, world, at)
    elif action == DROPPED:
        _be_dropped(network, world, at)
    else:
        return False
    return True


@apart
def _come_back(network: Network, world: World, at: int) -> None:
    """Let the caller go on, or try again where the service did not do what it was asked for."""
    message = calls.message_at(network, at)
    if tasks.counts(world, message.ticket):
        slot = tasks.slot_of(message.ticket)
        place = calls.place_at(network, message.service)
        calls.call_at(place, message.job_row).answered = world.run.now
        calls.forget_copy(network, world, slot, at)
        if message.status == jobs.COMPLETED:
            calls.drop(network, world, slot)
            hand_over(world.run, WAITED, message.ticket)
        elif task_at(world, slot).calls == NONE:
            fail_try(network, world, slot)
    calls.release(network, at)


@apart
def _be_dropped(network: Network, world: World, at: int) -> None:
    """Let the service stop working for a caller who does not wait, if it still does."""
    message = calls.message_at(network, at)
    job = job_at(world, message.job)
    if job.row == message.job_row and job.status == jobs.UNFINISHED:
        job.message = NONE
        calls.release(network, at)
        patience.lose(world, message.job, False)
    calls.release(network, at)


@apart
def fail_try(network: Network, world: World, slot: int) -> None:
    """Give up a try; begin the next after a pause, if there is one, or let the caller fail."""
    calls.drop(network, world, slot)
    task = task_at(world, slot)
    row = task.copy
    while row < task.position and step_at(world, row).kind == _CALL:
        row += 1 + duration_at(world, row)
    job = job_of(world, slot)
    if row < task.position and not job_at(world, job).unwanted and _spend(network, world, slot):
        tasks.new_epoch(world, slot)
        task.copy = row + 1
        after(world, duration_at(world, row), ARRIVAL, CALL_AGAIN, tasks.ticket(world, slot))
    else:
        jobs.fail(world, job)
        hand_over(world.run, WAITED, tasks.ticket(world, slot))


@rule
def _spend(network: Network, world: World, slot: int) -> bool:
    """Take one retry from the budget of the step, if it has one and that holds as much."""
    step = step_at(world, task_at(world, slot).row)
    if step.budget == NONE:
        return True
    budget = record_at(network.budgets, step.budget, layout.BUDGET)
    if budget.balance < 1:
        return False
    budget.balance -= 1
    return True


@rule
def send_more(network: Network | None, world: World, slot: int, again: bool) -> None:
    """Try a call *again* after a pause, or send a second copy; not for what is in vain."""
    if network is not None:
        _send_more(network, world, slot, again)


@apart
def _send_more(network: Network, world: World, slot: int, again: bool) -> None:
    if not job_at(world, job_of(world, slot)).unwanted:
        if again:
            calls.try_once(network, world, slot)
        else:
            calls.send(network, world, slot)
    elif again:
        hand_over(world.run, WAITED, tasks.ticket(world, slot))
