"""Resources: so many slots; who finds none free waits in line, first come, first served.

A slot is handed on at the moment it is given back. Each slot that is asked for is a visit; those
that a task has are linked, in the order in which it got them.
"""

from __future__ import annotations

from simsched.engine import progress
from simsched.engine.compiled import linked, queues, tasks
from simsched.engine.compiled.actions import GRANTED, IO_ENDED, WAITED
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NOBODY, TASK
from simsched.engine.compiled.pools import (
    job_at,
    resource_at,
    slowdown_at,
    step_at,
    task_at,
    visit_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule
from simsched.engine.trace import MISSING

_MISSING = int(MISSING)

_pass_through = rule(progress.pass_through)


@apart
def acquire(general: General, world: World, slot: int) -> bool:
    """Let the task take up the slot that it asks for; return whether it has to wait for it."""
    at = _resource(world, task_at(world, slot).position)
    task_at(world, slot).position += 1
    if _take(general, world, slot, at):
        return False
    _wait(general, world, slot, at, WAITED)
    return True


@apart
def release(general: General, world: World, slot: int) -> None:
    """Let the task give back the slot that it no longer needs."""
    give_back(general, world, slot, _resource(world, task_at(world, slot).position))
    task_at(world, slot).position += 1


@apart
def use(general: General, world: World, slot: int) -> None:
    """Let the task do its next I/O phase on a slot."""
    at = _resource(world, task_at(world, slot).position)
    if _take(general, world, slot, at):
        begin_io(general, world, slot)
    else:
        _wait(general, world, slot, at, GRANTED)


@apart
def begin_io(general: General, world: World, slot: int) -> None:
    """Begin the I/O for which the task has its slot, unless its worker goes down just then."""
    if not queues.is_up(general, world, job_at(world, task_at(world, slot).job).worker):
        return
    resource = resource_at(general, _resource(world, task_at(world, slot).position))
    moment, length = world.run.now, tasks.start_io(world, slot)
    for at in range(resource.slowdowns, resource.slowdowns_end):
        slow = slowdown_at(general, at)
        moment, length = _pass_through(moment, length, slow.start, slow.finish, slow.factor)
    takes = moment + length - world.run.now
    after(world, takes, COMPLETION, IO_ENDED, tasks.ticket(world, slot))


@apart
def end_io(general: General, world: World, slot: int) -> None:
    """End the I/O, and give its slot back."""
    give_back(general, world, slot, _resource(world, task_at(world, slot).position - 1))
    hand_over(world, WAITED, tasks.ticket(world, slot))


@apart
def give_back_all(general: General, world: World, slot: int) -> None:
    """Let the task give back all its slots, the last one first."""
    while task_at(world, slot).visit != NOBODY:
        last = task_at(world, slot).visit
        while visit_at(general, last).next != NOBODY:
            last = visit_at(general, last).next
        give_back(general, world, slot, visit_at(general, last).resource)


@apart
def give_back(general: General, world: World, slot: int, at: int) -> None:
    """Hand a slot of the task on to whoever is first in line."""
    visit_at(general, _unlink(general, world, slot, at)).released = world.run.now
    resource = resource_at(general, at)
    heir = resource.line.first
    if heir == NOBODY:
        resource.in_use -= 1
        return
    _unqueue(general, world, heir)
    _grant(general, world, heir, task_at(world, heir).asked)
    hand_over(world, task_at(world, heir).on_grant, tasks.ticket(world, heir))


@apart
def leave_line(general: General, world: World, slot: int) -> None:
    """Let the task wait for a slot no longer."""
    visit_at(general, task_at(world, slot).asked).released = world.run.now
    _unqueue(general, world, slot)


@rule
def _resource(world: World, row: int) -> int:
    return step_at(world, row).resource


@apart
def _take(general: General, world: World, slot: int, at: int) -> bool:
    resource = resource_at(general, at)
    if resource.in_use == resource.capacity:
        return False
    resource.in_use += 1
    _grant(general, world, slot, _ask(general, world, slot, at))
    return True


@apart
def _wait(general: General, world: World, slot: int, at: int, then: int) -> None:
    tasks.enter(world, slot, tasks.IO_WAIT)
    task = task_at(world, slot)
    task.waits_for = at
    task.on_grant = then
    task.asked = _ask(general, world, slot, at)
    linked.append(resource_at(general, at).line, world.run.tasks, TASK, slot)


@rule
def _unqueue(general: General, world: World, slot: int) -> None:
    task = task_at(world, slot)
    linked.remove(resource_at(general, task.waits_for).line, world.run.tasks, TASK, slot)
    task.waits_for = NOBODY


@rule
def _ask(general: General, world: World, slot: int, at: int) -> int:
    """Record that the task asks for a slot."""
    number = world.run.visits
    world.run.visits += 1
    visit = visit_at(general, number)
    visit.resource = at
    visit.row = job_at(world, task_at(world, slot).job).row
    visit.asked = world.run.now
    visit.granted = _MISSING
    visit.released = _MISSING
    visit.next = NOBODY
    return number


@rule
def _grant(general: General, world: World, slot: int, number: int) -> None:
    """Record that the task has the slot that it asked for."""
    visit_at(general, number).granted = world.run.now
    task = task_at(world, slot)
    if task.visit == NOBODY:
        task.visit = number
        return
    last = task.visit
    while visit_at(general, last).next != NOBODY:
        last = visit_at(general, last).next
    visit_at(general, last).next = number


@rule
def _unlink(general: General, world: World, slot: int, at: int) -> int:
    """Return the first of the task's visits to this resource, which is no longer among them."""
    before, number = NOBODY, task_at(world, slot).visit
    while visit_at(general, number).resource != at:
        before, number = number, visit_at(general, number).next
    if before == NOBODY:
        task_at(world, slot).visit = visit_at(general, number).next
    else:
        visit_at(general, before).next = visit_at(general, number).next
    visit_at(general, number).next = NOBODY
    return number
