"""Clients: they send requests, and may try again."""

from __future__ import annotations

from simsched.engine.compiled import (
    calls,
    connections,
    dispatch,
    jobs,
    loads,
    patience,
    queues,
    rate_limits,
    refusals,
    restarts,
    takers,
    tasks,
)
from simsched.engine.compiled.actions import KNOCK
from simsched.engine.compiled.calendar import ARRIVAL, after
from simsched.engine.compiled.columns import duration_at, stream_of
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import (
    attempt_at,
    job_at,
    queue_at,
    stream_at,
    task_at,
)
from simsched.engine.compiled.world import General, Network, World
from simsched.engine.conditions import SYN_GIVEN_UP, until_next_syn
from simsched.engine.jit import apart, rule

_GIVEN_UP = SYN_GIVEN_UP

_until_next_syn = rule(until_next_syn)


@rule
def send(world: World, number: int, index: int, user: int) -> None:
    """Send a request for the first time."""
    jobs.earn(world.general, world, index)
    _attempt(world, number, index, user, 1)


@apart
def send_again(general: General, world: World, row: int) -> None:
    """Send the request again whose attempt at *row* came to nothing."""
    before = attempt_at(general, row)
    _attempt(world, before.number, before.index, before.user, before.attempt + 1)


@rule
def _attempt(world: World, number: int, index: int, user: int, attempt: int) -> None:
    at = tasks.new_task(world)
    jobs.open_job(world, at, number, index, user, attempt)
    _let_in(world, at)


@apart
def receive(network: Network, world: World, at: int) -> None:
    """Let a service receive the call of a message."""
    message = calls.message_at(network, at)
    slot, row = tasks.new_task(world), message.row
    begin, end = row + 2, row + duration_at(world, row)
    jobs.open_part(world, slot, message.number, message.index, NONE, message.attempt, begin, end)
    calls.note(network, world, slot, at)
    _let_in(world, slot)


@rule
def _let_in(world: World, at: int) -> None:
    _note(world.general, world, at)
    patience.begin(world.general, world, at)
    if not _waits_for_connection(world.general, world, at):
        _come(world, at)


@rule
def _waits_for_connection(general: General | None, world: World, at: int) -> bool:
    """Let the job in the slot *at* have a connection, or wait for one; return whether it waits."""
    if general is None:
        return False
    number = stream_of(general, world, job_at(world, at).index)
    if stream_at(general, number).most < 0 or connections.connect(general, world, at):
        return False
    takers.join(world, connections.line_of(world, number), at)
    return True


@apart
def serve_line(general: General, world: World, stream: int) -> None:
    """Let those who wait for a connection of a *stream* have one, as far as there are any."""
    line = queue_at(world, connections.line_of(world, stream))
    while line.tasks.first != NONE and connections.connect(general, world, line.tasks.first):
        slot = line.tasks.first
        queues.forget(world, slot)
        job_at(world, slot).sent = world.run.now
        _come(world, slot)


@rule
def _come(world: World, at: int) -> None:
    """Let the request in the slot *at* reach the server."""
    wait = rate_limits.wait_for_token(world.general, world)
    if wait != 0:
        _keep_out(world, at, wait)
        return
    queue = _queue_for(world, at)
    wait = _wait_for_token_of(world, queue)
    if wait != 0:
        _send_to(world.general, world, at, queue)
        _keep_out(world, at, wait)
    elif _is_full(world, at, queue):
        _turn_away(world, at)
    else:
        loads.change(world, queue, 1)
        takers.join(world, queue, at)


@rule
def _queue_for(world: World, at: int) -> int:
    """Return the queue of the worker that keeps its connection, or the accept queue for it."""
    queue = connections.queue_of(world.general, world, at)
    return dispatch.queue_for(world, calls.draw_of(world, at)) if queue == NONE else queue


@apart
def _turn_away(world: World, at: int) -> None:
    """Refuse a request that finds no room, or let it try again later."""
    if world.server.drops:
        _knock_later(world, at)
        return
    refusals.refuse(world, at)


@rule
def _wait_for_token_of(world: World, queue: int) -> int:
    """Return how long one for this *queue* waits for a token; NONE who is refused, or has none."""
    if queue == NONE:
        return NONE
    return rate_limits.wait_for_token_of(world.general, world, queue)


@rule
def _send_to(general: General | None, world: World, at: int, queue: int) -> None:
    """Note which queue a request is to join when it has its token."""
    if general is not None:
        task_at(world, at).sent_to = queue


@apart
def _keep_out(world: World, at: int, wait: int) -> None:
    """Let a request come after a *wait*, or refuse it."""
    if wait == NONE:
        refusals.refuse(world, at)
    else:
        after(world, wait, ARRIVAL, KNOCK, tasks.ticket(world, at))


@apart
def knock(world: World, at: int) -> None:
    """Let a request that found no room, or had to wait for a token, try again."""
    job = job_at(world, at)
    queue, wait = NONE, NONE
    if not world.server.drops or world.run.now - job.sent < _GIVEN_UP:
        queue, wait = _queue_of_late(world, at)
    if wait == NONE:
        refusals.refuse(world, at)
    elif wait > 0:
        task_at(world, at).sent_to = queue
        after(world, wait, ARRIVAL, KNOCK, tasks.ticket(world, at))
    elif _is_full(world, at, queue):
        if world.server.drops:
            _knock_later(world, at)
        else:
            refusals.refuse(world, at)
    else:
        loads.change(world, queue, 1)
        takers.join(world, queue, at)


@rule
def _queue_of_late(world: World, at: int) -> tuple[int, int]:
    """Return the queue that is to be joined, and the wait for a token of it.

    Who has waited for a token joins that worker's queue, unless it is closed by now.
    """
    sent_to = task_at(world, at).sent_to
    if sent_to != NONE and restarts.is_open(world.general, world, sent_to):
        return sent_to, 0
    queue = _queue_for(world, at)
    return queue, _wait_for_token_of(world, queue)


@rule
def _knock_later(world: World, at: int) -> None:
    waited = world.run.now - job_at(world, at).sent
    after(world, _until_next_syn(waited), ARRIVAL, KNOCK, tasks.ticket(world, at))


@rule
def _note(general: General | None, world: World, at: int) -> None:
    """Note what the attempt is at, where its row does not say."""
    if general is not None:
        job = job_at(world, at)
        job.connection = NONE
        job.sent = world.run.now
        if not world.server.same_rows:
            attempt = attempt_at(general, job.row)
            attempt.number = job.number
            attempt.index = job.index
            attempt.user = job.user
            attempt.attempt = job.attempt
            attempt.arrival = job.arrival


@rule
def _is_full(world: World, at: int, queue: int) -> bool:
    """Return whether the job *at* finds no room in a queue; what is connected is not dropped."""
    backlog = world.server.backlog
    if backlog < 0 or queue_at(world, queue).length < backlog:
        return False
    if world.server.drops and connections.is_accepted(world.general, world, at):
        return False
    return not takers.serves_at_once(world, queue)
