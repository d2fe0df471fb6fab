"""Calls of services: messages that are under way between the servers of a run.

A message is a call from its being sent until its answer is back. Whatever happens to it next is an
event in the calendar of the server that it happens in, so that each rule changes nothing else of
another server.
"""

from __future__ import annotations

from simsched.engine.compiled import layout, tasks
from simsched.engine.compiled.actions import CAME_BACK, DROPPED, EXPIRED, HEDGE, RECEIVED
from simsched.engine.compiled.calendar import (
    ARRIVAL,
    COMPLETION,
    TIMER,
    after,
    is_before,
    moment,
    next_rank,
    schedule,
)
from simsched.engine.compiled.columns import draw_at, duration_at, handoff_at
from simsched.engine.compiled.layout import NONE, Record
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.pools import job_at, job_of, step_at, task_at
from simsched.engine.compiled.world import General, Network, World
from simsched.engine.jit import apart, rule
from simsched.engine.trace import MISSING
from simsched.workload.steps import StepKind

_CALL = int(StepKind.CALL)
_TRIES = int(StepKind.TRIES)
_MISSING = int(MISSING)


@rule
def place_at(network: Network, at: int) -> Record:
    """Return where the server at this position is."""
    return record_at(network.places, at, layout.PLACE)


@rule
def run_at(network: Network, at: int) -> Record:
    """Return the figures of the server at this position."""
    return record_at(place_at(network, at).run, 0, layout.RUN)


@rule
def message_at(network: Network, at: int) -> Record:
    """Return the message at this position."""
    return record_at(network.messages, at, layout.MESSAGE)


@rule
def call_at(place: Record, row: int) -> Record:
    """Return what is known of the call in this row of a service's."""
    return record_at(place.calls, row, layout.CALL)


@rule
def has_room(network: Network | None) -> bool:
    """Return whether there is room for the message that one event may send."""
    if network is None:
        return True
    return network.messages_size > network.under_way and not network.crowded


@rule
def begin(network: Network | None, world: World, slot: int) -> bool:
    """Begin the next phase if it is a call; return whether it is."""
    if network is None:
        return False
    kind = step_at(world, task_at(world, slot).position).kind
    if kind not in (_CALL, _TRIES):
        return False
    _call(network, world, slot)
    return True


@apart
def _call(network: Network, world: World, slot: int) -> None:
    """Call the service, and wait for its answer as for I/O."""
    task = task_at(world, slot)
    rows = tasks.start_io(world, slot)
    step = step_at(world, task.row)
    task.copy = task.row
    if step.kind == _TRIES:
        task.copy += 1
        if step.budget != NONE:
            budget = record_at(network.budgets, step.budget, layout.BUDGET)
            budget.balance = min(budget.burst, budget.balance + budget.ratio)
    task.position += rows
    try_once(network, world, slot)


@apart
def try_once(network: Network, world: World, slot: int) -> None:
    """Send a copy, and set the timers of a try."""
    send(network, world, slot)
    step, ticket = step_at(world, task_at(world, slot).row), tasks.ticket(world, slot)
    if step.timeout >= 0:
        after(world, step.timeout, COMPLETION, EXPIRED, ticket)
    if step.hedge >= 0:
        after(world, step.hedge, TIMER, HEDGE, ticket)


@apart
def send(network: Network, world: World, slot: int) -> None:
    """Send the next copy of the call that a task waits for."""
    task = task_at(world, slot)
    row = task.copy
    job = job_at(world, job_of(world, slot))
    at = _new_message(network)
    message = message_at(network, at)
    message.service = 1 + step_at(world, row).service
    message.caller = world.run.place
    message.ticket = tasks.ticket(world, slot)
    message.row = row
    message.number = job.number
    message.index = job.index
    message.attempt = job.attempt
    message.sent_by = job.row
    message.sent = world.run.now
    message.job = NONE
    message.next = task.calls
    task.calls = at
    task.copy = row + 1 + duration_at(world, row)
    _post(network, world, message.service, duration_at(world, row + 1), ARRIVAL, RECEIVED, at)


@rule
def drop(network: Network | None, world: World, slot: int) -> None:
    """Let a task wait for no answer that is under way."""
    if network is not None:
        if task_at(world, slot).calls != NONE:
            _drop(network, world, slot)


@apart
def _drop(network: Network, world: World, slot: int) -> None:
    at = task_at(world, slot).calls
    task_at(world, slot).calls = NONE
    while at != NONE:
        message = message_at(network, at)
        service = place_at(network, message.service)
        if record_at(service.server, 0, layout.SERVER).cancels:
            message.uses += 1
            there = duration_at(world, message.row + 1)
            _post(network, world, message.service, there, ARRIVAL, DROPPED, at)
        at = message.next


@rule
def forget_copy(network: Network, world: World, slot: int, at: int) -> None:
    """Let a task wait for a copy no longer that is answered."""
    task = task_at(world, slot)
    if task.calls == at:
        task.calls = message_at(network, at).next
    else:
        message_at(network, task.calls).next = message_at(network, at).next


@rule
def note(network: Network, world: World, slot: int, at: int) -> None:
    """Note that the job in *slot* is the call of the message *at*."""
    job, message = job_at(world, slot), message_at(network, at)
    job.call = message.row
    job.message = at
    message.job = slot
    message.job_row = job.row
    call = call_at(place_at(network, world.run.place), job.row)
    call.caller = message.caller
    call.row = message.sent_by
    call.sent = message.sent
    call.answered = _MISSING


@rule
def note_none(network: Network | None, world: World, at: int) -> None:
    """Note that the job in the slot *at* is no call."""
    if network is not None:
        job_at(world, at).call = NONE
        job_at(world, at).message = NONE


@rule
def draw_of(world: World, at: int) -> float:
    """Return the draw behind a random choice of worker, for the job in the slot *at*."""
    return _draw_of(world.general, world.network, world, at)


@rule
def _draw_of(general: General | None, network: Network | None, world: World, at: int) -> float:
    job = job_at(world, at)
    if general is not None and network is not None:
        if job.call != NONE:
            if not world.server.needs_draws:
                return 0.0
            return handoff_at(general, job.attempt, job.call)
    return draw_at(general, world, job.index, job.attempt)


@rule
def is_expired(world: World, slot: int) -> bool:
    """Return whether what a task has waited for long enough is the answer to a call."""
    task = task_at(world, slot)
    kind = step_at(world, task.row).kind
    return task.activity == tasks.IO and kind in (_CALL, _TRIES)


@rule
def answer(network: Network | None, world: World, at: int) -> None:
    """Send the answer of the job in the slot *at*, which has ended, if it is a call."""
    if network is not None:
        if job_at(world, at).message != NONE:
            _answer(network, world, at)


@apart
def _answer(network: Network, world: World, at: int) -> None:
    job = job_at(world, at)
    message = message_at(network, job.message)
    message.status = job.status
    back = duration_at(world, job.call + duration_at(world, job.call))
    late = record_at(place_at(network, message.caller).server, 0, layout.SERVER).late
    _post(network, world, message.caller, back + late, COMPLETION, CAME_BACK, job.message)


@apart
def _post(
    network: Network, world: World, place: int, delay: int, order: int, action: int, at: int
) -> None:
    """Let *action* happen to the message *at* in the server at *place*, *delay* ns from now."""
    time, rank = moment(world.run, delay), next_rank(world.run, order, action)
    run = run_at(network, place)
    schedule(run, time, rank, at)
    if place != world.run.place:
        other = place_at(network, place)
        if is_before(time, rank, other.time, other.rank):
            other.time = time
            other.rank = rank
        if is_before(time, rank, network.next_time, network.next_rank):
            network.next_time = time
            network.next_rank = rank
            network.next = place
    # One event may let each message be answered, and be dropped.
    if run.heap_size - run.events <= 4 * run.tasks_size + 2 * network.messages_size:
        network.crowded = True


@rule
def release(network: Network, at: int) -> None:
    """Let a message be of one use less; if that was the last, its place may be used again."""
    message = message_at(network, at)
    message.uses -= 1
    if message.uses == 0:
        message.next = network.free
        network.free = at
        network.under_way -= 1


@rule
def _new_message(network: Network) -> int:
    at = network.free
    if at == NONE:
        at = network.fresh
        network.fresh += 1
    else:
        network.free = message_at(network, at).next
    network.under_way += 1
    message_at(network, at).uses = 1
    return at
