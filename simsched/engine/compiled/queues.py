"""Queues of tasks.

Those who wait are linked in the order in which they joined. Where the discipline asks for another
order than that or its reverse, they are ranked besides.
"""

from __future__ import annotations

from simsched.engine.compiled import (
    linked,
    ranking,
)
from simsched.engine.compiled.codes import DISCIPLINES
from simsched.engine.compiled.columns import elapsed_at, priority_at
from simsched.engine.compiled.layout import NONE, TASK
from simsched.engine.compiled.pools import (
    job_at,
    job_of,
    queue_at,
    task_at,
    worker_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import rule

FIFO, LIFO, PRIORITY, PREEMPTIVE, SHORTEST = range(len(DISCIPLINES))


@rule
def add(world: World, at: int, slot: int) -> None:
    """Let the task in *slot* be the last in the queue *at*."""
    task = task_at(world, slot)
    task.ticket = world.run.tickets
    world.run.tickets += 1
    task.queue = at
    task.rank = _rank(world, slot)
    queue = queue_at(world, at)
    linked.append(queue.tasks, world.run.tasks, TASK, slot)
    queue.length += 1
    if world.server.discipline >= PRIORITY:
        ranking.insert(world, queue, slot)


@rule
def _rank(world: World, slot: int) -> int:
    task = task_at(world, slot)
    discipline = world.server.discipline
    if discipline == FIFO:
        return task.ticket
    if discipline == LIFO:
        return -task.ticket
    if discipline in (PRIORITY, PREEMPTIVE):
        return priority_at(world, job_at(world, job_of(world, slot)).index)
    return elapsed_at(world, task.end) - elapsed_at(world, task.position)


@rule
def head(world: World, at: int) -> int:
    """Return who is to be taken next from the queue *at*, if any task waits there."""
    queue = queue_at(world, at)
    if world.server.discipline == FIFO:
        return queue.tasks.first
    if world.server.discipline == LIFO:
        return queue.tasks.last
    return queue.root


@rule
def worker_of(world: World, queue: int) -> int:
    """Return whose queue one is, if it is that of a worker in particular; else no worker."""
    return queue if world.server.kept == NONE else queue - world.server.kept


@rule
def forget(world: World, slot: int) -> None:
    """Let the task in *slot* wait in its queue no longer."""
    task = task_at(world, slot)
    queue = queue_at(world, task.queue)
    linked.remove(queue.tasks, world.run.tasks, TASK, slot)
    queue.length -= 1
    if world.server.discipline >= PRIORITY:
        ranking.remove(world, queue, slot)
    task.queue = NONE


@rule
def is_up(general: General | None, world: World, worker: int) -> bool:
    """Return whether a worker is up, and does not go down at this instant."""
    if general is None:
        return True
    return worker_at(world, worker).up
