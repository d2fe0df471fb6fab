"""The arrays of a run: each element by its position."""

from __future__ import annotations

import numpy as np

from simsched.engine.compiled import layout
from simsched.engine.compiled.layout import Record
from simsched.engine.compiled.memory import read, record_at, write
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import rule

INT = np.int64
INT32 = np.int32
INT8 = np.int8


@rule
def task_at(world: World, at: int) -> Record:
    """Return the task at this position."""
    return record_at(world.run.tasks, at, layout.TASK)


@rule
def job_at(world: World, at: int) -> Record:
    """Return the job at this position."""
    return record_at(world.run.jobs, at, layout.JOB)


@rule
def job_of(world: World, slot: int) -> int:
    """Return the position of the job that the task in *slot* belongs to."""
    return _job_of(world.general, world, slot)


@rule
def _job_of(general: General | None, world: World, slot: int) -> int:
    if general is None:  # there are no branches: each job has one task, in the slot of its own
        return slot
    return task_at(world, slot).job


@rule
def queue_at(world: World, at: int) -> Record:
    """Return the queue at this position."""
    return record_at(world.run.queues, at, layout.QUEUE)


@rule
def taker_at(world: World, at: int) -> Record:
    """Return the taker at this position."""
    return record_at(world.run.takers, at, layout.TAKER)


@rule
def worker_at(world: World, at: int) -> Record:
    """Return the worker at this position."""
    return record_at(world.run.workers, at, layout.WORKER)


@rule
def winner_at(world: World, place: int) -> int:
    """Return the worker at this place of the tournament."""
    return read(world.run.winners, place, INT)


@rule
def set_winner(world: World, place: int, worker: int) -> None:
    """Let *worker* be at this place of the tournament."""
    write(world.run.winners, place, INT, worker)


@rule
def stretch_at(world: World, at: int) -> Record:
    """Return the stretch at this position."""
    return record_at(world.run.stretches, at, layout.STRETCH)


@rule
def step_at(world: World, row: int) -> Record:
    """Return the step of a row."""
    return record_at(world.requests.steps, read(world.requests.step_id, row, INT32), layout.STEP)


@rule
def event_at(run: Record, at: int) -> Record:
    """Return the event at this place of the heap."""
    return record_at(run.heap, at, layout.EVENT)


@rule
def handover_at(run: Record, number: int) -> Record:
    """Return the hand-over of this number, in a ring whose size is a power of two."""
    return record_at(run.handovers, number & (run.handovers_size - 1), layout.HANDOVER)


@rule
def spent_at(world: World, at: int, activity: int) -> int:
    """Return the time that a job spent in an activity."""
    return read(world.run.spent, at * layout.ACTIVITIES + activity, INT)


@rule
def set_spent(world: World, at: int, activity: int, time: int) -> None:
    """Set the time that a job spent in an activity."""
    write(world.run.spent, at * layout.ACTIVITIES + activity, INT, time)


@rule
def also_at(world: World, at: int) -> int:
    """Return the number of a request whose timeline is kept."""
    return read(world.run.also, at, INT)


@rule
def pool_at(general: General, at: int) -> Record:
    """Return the pool of a resource at this position."""
    return record_at(general.pools, at, layout.POOL)


@rule
def visit_at(general: General, at: int) -> Record:
    """Return the visit at this position."""
    return record_at(general.visits, at, layout.VISIT)


@rule
def attempt_at(general: General, at: int) -> Record:
    """Return the attempt at this position."""
    return record_at(general.attempts, at, layout.ATTEMPT)


@rule
def stay_at(general: General, at: int) -> Record:
    """Return the stay of a user at this position."""
    return record_at(general.stays, at, layout.STAY)


@rule
def user_at(general: General, at: int) -> Record:
    """Return the user at this position."""
    return record_at(general.users, at, layout.USER)


@rule
def population_at(general: General, at: int) -> Record:
    """Return the population at this position."""
    return record_at(general.populations, at, layout.POPULATION)


@rule
def stream_at(general: General, at: int) -> Record:
    """Return the stream at this position."""
    return record_at(general.streams, at, layout.STREAM)


@rule
def connection_at(general: General, at: int) -> Record:
    """Return the connection at this position."""
    return record_at(general.connections, at, layout.CONNECTION)


@rule
def codel_at(general: General, at: int) -> Record:
    """Return what CoDel knows of the accept queue at this position."""
    return record_at(general.codels, at, layout.CODEL)


@rule
def batch_at(general: General, worker: int) -> Record:
    """Return the batch of a worker, and what is known of the next one in its accept queue."""
    return record_at(general.batches, worker, layout.BATCH)


@rule
def full_again_at(general: General, bucket: int) -> int:
    """Return when a bucket of tokens is full again."""
    return read(general.full_again, bucket, INT)


@rule
def set_full_again(general: General, bucket: int, moment: int) -> None:
    """Note when a bucket of tokens is full again."""
    write(general.full_again, bucket, INT, moment)


@rule
def block_at(general: General, at: int) -> Record:
    """Return the block at this position."""
    return record_at(general.blocks, at, layout.BLOCK)


@rule
def outage_at(general: General, at: int) -> Record:
    """Return the outage at this position."""
    return record_at(general.outages, at, layout.OUTAGE)


@rule
def level_at(general: General, at: int) -> Record:
    """Return the turns of a level; the lowest, a core of its own, knows none."""
    return record_at(general.levels, at - 1, layout.LEVEL)


@rule
def timer_at(general: General, number: int) -> Record:
    """Return the timer of this number, in a ring whose size is a power of two."""
    return record_at(general.timers, number & (general.timers_size - 1), layout.TIMER)


@rule
def up_workers(general: General, at: int) -> int:
    """Return how many workers are up, or, from 1 on, which."""
    return read(general.up, at, INT)


@rule
def write_up(general: General, at: int, value: int) -> None:
    """Note how many workers are up, or which."""
    write(general.up, at, INT, value)


@rule
def slowdown_at(general: General, at: int) -> Record:
    """Return the slowdown at this position."""
    return record_at(general.slowdowns, at, layout.SLOWDOWN)


@rule
def turn_at(general: General, level: int, at: int) -> Record:
    """Return a task's turn on a level."""
    return record_at(level_at(general, level).turns, at, layout.TURN)


@rule
def line_at(general: General, level: int, at: int) -> Record:
    """Return the line for a lock, or for the cores."""
    return record_at(level_at(general, level).lines, at, layout.LINE)
