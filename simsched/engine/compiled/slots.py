"""The slots of resources: who finds none free waits in line, and fails after too long a wait.

A slot is handed on at the moment it is given back. Each slot that is asked for is a visit; those
that a task has are linked, in the order in which it got them.
"""

from __future__ import annotations

from simsched.engine.compiled import jobs, linked, rate_limits, tasks
from simsched.engine.compiled.actions import (
    GAVE_UP,
    TOKEN_CAME,
    WAITED,
)
from simsched.engine.compiled.calendar import ARRIVAL, TIMER, after
from simsched.engine.compiled.codes import POOL_DISCIPLINES
from simsched.engine.compiled.columns import handoff_at
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NONE, TASK
from simsched.engine.compiled.pools import (
    job_at,
    job_of,
    pool_at,
    task_at,
    visit_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule
from simsched.engine.trace import MISSING

_MISSING = int(MISSING)

FIFO, LIFO, RANDOM = range(len(POOL_DISCIPLINES))


@apart
def give_back_all(general: General, world: World, slot: int) -> None:
    """Let the task give back all its slots, the last one first."""
    while task_at(world, slot).visit != NONE:
        last = task_at(world, slot).visit
        while visit_at(general, last).next != NONE:
            last = visit_at(general, last).next
        give_back(general, world, slot, visit_at(general, last).pool)


@apart
def give_back(general: General, world: World, slot: int, at: int) -> None:
    """Hand a slot of the task on to one of those in line."""
    visit = visit_at(general, _unlink(general, world, slot, at))
    visit.released = world.run.now
    heir = _heir(general, world, at, visit.draw)
    if heir == NONE:
        pool_at(general, at).in_use -= 1
        return
    _unqueue(general, world, heir)
    _grant(general, world, heir, task_at(world, heir).asked)
    hand_over(world.run, task_at(world, heir).on_grant, tasks.ticket(world, heir))


@apart
def leave_line(general: General, world: World, slot: int) -> None:
    """Let the task wait for a slot no longer."""
    visit_at(general, task_at(world, slot).asked).released = world.run.now
    _unqueue(general, world, slot)


@apart
def lose_patience(general: General, world: World, slot: int) -> None:
    """Let the task fail unless it has the slot that it waited for."""
    if task_at(world, slot).waits_for != NONE:
        _fail(general, world, slot)


@apart
def _fail(general: General, world: World, slot: int) -> None:
    """Let the task wait for a slot no longer, and its request fail."""
    leave_line(general, world, slot)
    jobs.fail(world, job_of(world, slot))
    hand_over(world.run, WAITED, tasks.ticket(world, slot))


@apart
def get_in_line(general: General, world: World, slot: int) -> None:
    """Let the task, which has its token unless it has left, have a slot or wait for it."""
    task = task_at(world, slot)
    if not task.early:
        return
    task.early = False
    pool = pool_at(general, task.waits_for)
    if pool.in_use == pool.capacity:
        _queue(general, world, slot)
        return
    pool.in_use += 1
    task.waits_for = NONE
    _grant(general, world, slot, task.asked)
    hand_over(world.run, task.on_grant, tasks.ticket(world, slot))


@rule
def _heir(general: General, world: World, at: int, draw: float) -> int:
    """Return who in line is handed a slot, as *draw*, uniform on [0, 1), decides at random."""
    pool = pool_at(general, at)
    if pool.discipline == FIFO:
        return pool.line.first
    if pool.discipline == LIFO:
        return pool.line.last
    heir = pool.line.first
    for _ in range(int(draw * pool.waiting)):
        heir = task_at(world, heir).next
    return heir


@apart
def ask_for(general: General, world: World, slot: int, at: int, then: int) -> bool:
    """Let the task have a slot, or wait, and do *then* when it has one; return whether it waits."""
    pool, wait = pool_at(general, at), rate_limits.wait_for_token_of_pool(general, world, at)
    if wait == 0 and pool.in_use < pool.capacity:
        pool.in_use += 1
        _grant(general, world, slot, _ask(general, world, slot, at))
        return False
    task = task_at(world, slot)
    tasks.enter(world, slot, tasks.IO_WAIT)
    task.waits_for = at
    task.on_grant = then
    task.asked = _ask(general, world, slot, at)
    task.early = wait != 0
    if wait == NONE:
        _fail(general, world, slot)
        return True
    if wait > 0:
        after(world, wait, ARRIVAL, TOKEN_CAME, tasks.ticket(world, slot))
    else:
        _queue(general, world, slot)
    if pool.patience >= 0:
        after(world, pool.patience, TIMER, GAVE_UP, tasks.ticket(world, slot))
    return True


@rule
def _queue(general: General, world: World, slot: int) -> None:
    """Let the task be the last in line."""
    pool = pool_at(general, task_at(world, slot).waits_for)
    linked.append(pool.line, world.run.tasks, TASK, slot)
    pool.waiting += 1


@rule
def _unqueue(general: General, world: World, slot: int) -> None:
    task = task_at(world, slot)
    if task.early:
        task.early = False
    else:
        pool = pool_at(general, task.waits_for)
        linked.remove(pool.line, world.run.tasks, TASK, slot)
        pool.waiting -= 1
    task.waits_for = NONE


@rule
def _ask(general: General, world: World, slot: int, at: int) -> int:
    """Record that the task asks for a slot."""
    number = world.run.visits
    world.run.visits += 1
    visit = visit_at(general, number)
    job = job_at(world, job_of(world, slot))
    visit.pool = at
    visit.row = job.row
    visit.draw = 0.0
    if pool_at(general, at).discipline == RANDOM:
        visit.draw = handoff_at(general, job.attempt, task_at(world, slot).position)
    visit.asked = world.run.now
    visit.granted = _MISSING
    visit.released = _MISSING
    visit.next = NONE
    return number


@rule
def _grant(general: General, world: World, slot: int, number: int) -> None:
    """Record that the task has the slot that it asked for."""
    visit_at(general, number).granted = world.run.now
    task = task_at(world, slot)
    if task.visit == NONE:
        task.visit = number
        return
    last = task.visit
    while visit_at(general, last).next != NONE:
        last = visit_at(general, last).next
    visit_at(general, last).next = number


@rule
def _unlink(general: General, world: World, slot: int, at: int) -> int:
    """Return the first of the task's visits to this pool, which is no longer among them."""
    before, number = NONE, task_at(world, slot).visit
    while visit_at(general, number).pool != at:
        before, number = number, visit_at(general, number).next
    if before == NONE:
        task_at(world, slot).visit = visit_at(general, number).next
    else:
        visit_at(general, before).next = visit_at(general, number).next
    visit_at(general, number).next = NONE
    return number
