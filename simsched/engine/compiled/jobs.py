"""Attempts at requests, as client and server see them."""

from __future__ import annotations

from simsched.engine import conditions
from simsched.engine.compiled import calls, connections, tasks
from simsched.engine.compiled.actions import ANSWERED, RETRY
from simsched.engine.compiled.calendar import ARRIVAL, after
from simsched.engine.compiled.columns import first_row_at, jitter_at, longest_wait_at, stream_of
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import ACTIVITIES, NONE, Record
from simsched.engine.compiled.memory import write
from simsched.engine.compiled.pools import (
    INT,
    INT8,
    INT32,
    also_at,
    job_at,
    set_spent,
    spent_at,
    stream_at,
    task_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule
from simsched.engine.trace import MISSING, Status

COMPLETED = int(Status.COMPLETED)
TIMED_OUT = int(Status.TIMED_OUT)
REFUSED = int(Status.REFUSED)
CANCELLED = int(Status.CANCELLED)
UNFINISHED = int(Status.UNFINISHED)
FAILED = int(Status.FAILED)

_MISSING = int(MISSING)

_backoff = rule(conditions.backoff)


@rule
def open_job(world: World, at: int, number: int, index: int, user: int, attempt: int) -> None:
    """Let an attempt at a request be in the slot *at*, which is also that of its first task."""
    begin, end = first_row_at(world, index), first_row_at(world, index + 1)
    open_part(world, at, number, index, user, attempt, begin, end)
    calls.note_none(world.network, world, at)


@rule
def open_part(
    world: World, at: int, number: int, index: int, user: int, attempt: int, begin: int, end: int
) -> None:
    """Let the rows from *begin* to *end* of a request be a job in the slot *at*."""
    run = world.run
    job = job_at(world, at)
    job.row = run.rows
    run.rows += 1
    job.number = number
    job.index = index
    job.user = user
    job.attempt = attempt
    job.worker = NONE
    job.arrival = run.now
    job.start = _MISSING
    job.finish = _MISSING
    job.status = UNFINISHED
    job.begin = begin
    job.first = at
    job.last = at
    job.kept = _is_kept(world, number)
    for activity in range(ACTIVITIES):
        set_spent(world, at, activity, 0)
    tasks.open_task(world, at, at, begin, end, tasks.QUEUE)


@rule
def _is_kept(world: World, number: int) -> bool:
    if number <= world.run.timeline:
        return True
    first, beyond = 0, world.run.also_size
    while first < beyond:  # they are in order
        middle = (first + beyond) >> 1
        if also_at(world, middle) < number:
            first = middle + 1
        else:
            beyond = middle
    return first < world.run.also_size and also_at(world, first) == number


@rule
def end(world: World, at: int, status: int) -> None:
    """End the job for its client, whatever the server goes on to do."""
    job = job_at(world, at)
    job.status = status
    job.finish = world.run.now
    world.run.last_change = world.run.now
    _ended(world.general, world, at)
    calls.answer(world.network, world, at)


@apart
def answer(world: World, at: int) -> None:
    """Complete the job for a client who still waits, whatever the server goes on to do."""
    if job_at(world, at).status == UNFINISHED:
        settle(world, at)
        end(world, at, COMPLETED)


@apart
def fail(world: World, at: int) -> None:
    """End the job for a client who still waits, and do no more than end what is under way."""
    job_at(world, at).unwanted = True
    if job_at(world, at).status == UNFINISHED:
        settle(world, at)
        end(world, at, FAILED)


@apart
def settle(world: World, at: int) -> None:
    """Account for the time up to now."""
    slot = job_at(world, at).first
    while slot != NONE:
        tasks.settle(world, slot)
        slot = task_at(world, slot).younger


@rule
def close_job(world: World, at: int) -> None:
    """Record the job, which no task needs any more, and let its slot be used again."""
    record(world, at)
    job_at(world, at).row = NONE
    tasks.drop_task(world, at)


@rule
def record(world: World, at: int) -> None:
    """Fill the columns of the trace with what became of the job."""
    job = job_at(world, at)
    row, columns = job.row, world.columns
    write(columns.worker, row, INT32, job.worker)
    write(columns.start_ns, row, INT, job.start)
    write(columns.finish_ns, row, INT, job.finish)
    write(columns.status, row, INT8, job.status)
    write(columns.queue_ns, row, INT, spent_at(world, at, tasks.QUEUE))
    write(columns.cpu_ns, row, INT, spent_at(world, at, tasks.CPU))
    write(columns.cpu_wait_ns, row, INT, spent_at(world, at, tasks.CPU_WAIT))
    write(columns.io_ns, row, INT, spent_at(world, at, tasks.IO))
    _record_others(world.general, world, at)


@apart
def _record_others(general: General | None, world: World, at: int) -> None:
    if general is not None:
        job = job_at(world, at)
        write(general.io_wait_ns, job.row, INT, spent_at(world, at, tasks.IO_WAIT))
        if world.server.works_late:
            write(general.late_cpu_ns, job.row, INT, job.late_cpu)
            write(general.late_until_ns, job.row, INT, job.late_until)


@apart
def _ended(general: General | None, world: World, at: int) -> None:
    """Let the client try again, or the user go on."""
    if general is not None:
        connections.release(general, world, at)
        job = job_at(world, at)
        stream = stream_at(general, stream_of(general, world, job.index))
        if job.status != COMPLETED and job.attempt <= stream.retries and _spend(stream):
            draw = jitter_at(general, job.attempt - 1, job.index)
            longest = longest_wait_at(general, stream.longest_waits + job.attempt - 1)
            wait = _backoff(longest, stream.least_share, draw)
            after(world, wait, ARRIVAL, RETRY, job.row)
        elif job.user != NONE:
            hand_over(world.run, ANSWERED, job.user)


@rule
def _spend(stream: Record) -> bool:
    """Take one retry from the budget of a stream's clients, if it holds as much."""
    if stream.burst < 0:
        return True
    if stream.balance < 1:
        return False
    stream.balance -= 1
    return True


@rule
def earn(general: General | None, world: World, index: int) -> None:
    """Note that a request is sent for the first time."""
    if general is not None:
        stream = stream_at(general, stream_of(general, world, index))
        if stream.burst >= 0:
            stream.balance = min(stream.burst, stream.balance + stream.ratio)
