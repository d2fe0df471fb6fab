"""Calls of services: messages that are under way between the servers of a run.

A message is an event in the calendar of the server that sends it. When it arrives it is handed over
to the other one, so that each rule changes nothing but its own server.
"""

from __future__ import annotations

from simsched.engine.compiled import layout, tasks
from simsched.engine.compiled.actions import CAME_BACK, DELIVERED, EXPIRED, RECEIVED
from simsched.engine.compiled.calendar import ARRIVAL, COMPLETION, after
from simsched.engine.compiled.columns import draw_at, duration_at, handoff_at
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NOBODY, Record
from simsched.engine.compiled.memory import record_at
from simsched.engine.compiled.pools import job_at, job_of, step_at, task_at
from simsched.engine.compiled.world import General, Network, World
from simsched.engine.jit import apart, rule
from simsched.engine.trace import MISSING
from simsched.workload.steps import StepKind

_CALL = int(StepKind.CALL)
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
def has_room(network: Network, world: World) -> bool:
    """Return whether there is room for the messages that one event may send."""
    return network.messages_size - network.under_way > world.run.alive + 4


@rule
def begin(network: Network | None, world: World, slot: int) -> bool:
    """Begin the next phase if it is a call; return whether it is."""
    if network is None:
        return False
    if step_at(world, task_at(world, slot).position).kind != _CALL:
        return False
    _call(network, world, slot)
    return True


@apart
def _call(network: Network, world: World, slot: int) -> None:
    """Call the service, and wait for its answer as for I/O."""
    task = task_at(world, slot)
    job = job_at(world, job_of(world, slot))
    row = task.position
    at = _new_message(network)
    message = message_at(network, at)
    message.action = RECEIVED
    message.place = 1 + step_at(world, row).service
    message.sender = world.run.place
    message.ticket = tasks.ticket(world, slot)
    message.row = row
    message.number = job.number
    message.index = job.index
    message.attempt = job.attempt
    message.sent_by = job.row
    message.sent = world.run.now
    tasks.start_io(world, slot)
    task.position += duration_at(world, row)
    after(world, duration_at(world, row + 1), ARRIVAL, DELIVERED, at)
    timeout = step_at(world, row).timeout
    if timeout >= 0:
        after(world, timeout, COMPLETION, EXPIRED, message.ticket)


@rule
def note(network: Network, world: World, at: int, message: Record) -> None:
    """Note that the job in the slot *at* is the call of a *message*."""
    job = job_at(world, at)
    job.call = message.row
    job.caller = message.sender
    job.ticket = message.ticket
    call = call_at(place_at(network, world.run.place), job.row)
    call.caller = message.sender
    call.row = message.sent_by
    call.sent = message.sent
    call.answered = _MISSING


@rule
def note_none(network: Network | None, world: World, at: int) -> None:
    """Note that the job in the slot *at* is no call."""
    if network is not None:
        job_at(world, at).call = NOBODY


@rule
def draw_of(world: World, at: int) -> float:
    """Return the draw behind a random choice of worker, for the job in the slot *at*."""
    return _draw_of(world.general, world.network, world, at)


@rule
def _draw_of(general: General | None, network: Network | None, world: World, at: int) -> float:
    job = job_at(world, at)
    if general is not None and network is not None:
        if job.call != NOBODY:
            if not world.server.needs_draws:
                return 0.0
            return handoff_at(general, job.attempt, job.call)
    return draw_at(general, world, job.index, job.attempt)


@rule
def is_expired(network: Network | None, world: World, slot: int) -> bool:
    """Return whether what a task has waited for long enough is the answer to a call."""
    if network is None:
        return False
    task = task_at(world, slot)
    return task.activity == tasks.IO and step_at(world, task.row).kind == _CALL


@rule
def answer(network: Network | None, world: World, at: int) -> None:
    """Send the answer of the job in the slot *at*, which has ended, if it is a call."""
    if network is not None:
        if job_at(world, at).call != NOBODY:
            _answer(network, world, at)


@apart
def _answer(network: Network, world: World, at: int) -> None:
    job = job_at(world, at)
    number = _new_message(network)
    message = message_at(network, number)
    message.action = CAME_BACK
    message.place = job.caller
    message.sender = world.run.place
    message.ticket = job.ticket
    message.status = job.status
    message.sent_by = job.row
    back = duration_at(world, job.call + duration_at(world, job.call))
    late = record_at(place_at(network, job.caller).server, 0, layout.SERVER).late
    after(world, back + late, COMPLETION, DELIVERED, number)


@rule
def deliver(network: Network | None, world: World, action: int, subject: int) -> bool:
    """Hand a message over to whom it is for, if the event is that it arrives."""
    if network is None:
        return False
    if action != DELIVERED:
        return False
    message = message_at(network, subject)
    switch(network, world.run, message.place)
    hand_over(run_at(network, message.place), message.action, subject)
    return True


@rule
def switch(network: Network, run: Record, at: int) -> None:
    """Let things happen in the server at this position from now on, and in the other no more."""
    other = run_at(network, at)
    other.now = run.now
    other.sequence = run.sequence
    network.current = at


@rule
def forget(network: Network, at: int) -> None:
    """Let the place of a message be used again."""
    message_at(network, at).next = network.free
    network.free = at
    network.under_way -= 1


@rule
def _new_message(network: Network) -> int:
    at = network.free
    if at == NOBODY:
        at = network.fresh
        network.fresh += 1
    else:
        network.free = message_at(network, at).next
    network.under_way += 1
    return at
