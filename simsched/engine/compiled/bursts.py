"""Bursts of computing: consecutive CPU phases, and the part of one that needs no lock."""

from __future__ import annotations

from simsched.engine import conditions
from simsched.engine.compiled.codes import IN_PROCESS, LOCK, ON_LOOP
from simsched.engine.compiled.columns import duration_at
from simsched.engine.compiled.pools import job_at, job_of, step_at, task_at, worker_at
from simsched.engine.compiled.tasks import settle
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import rule
from simsched.workload.steps import StepKind

_CPU = int(StepKind.CPU)
_FORK = int(StepKind.FORK)

_lasting = rule(conditions.lasting)
_without_lock = rule(conditions.without_lock)


@rule
def start(world: World, slot: int, overhead: int) -> int:
    """Take up all CPU phases up to the next I/O; return their length with *overhead*."""
    settle(world, slot)
    task = task_at(world, slot)
    task.row = task.position
    task.executed = 0
    task.speed = _speed(world.general, world, slot)
    task.overhead = _lasting(overhead, _speed(world.general, world, slot))
    burst = task.overhead
    while task.position < task.end:
        kind = step_at(world, task.position).kind
        if kind == _CPU:
            length = _lasting(duration_at(world, task.position), _speed(world.general, world, slot))
            burst += length - _leave_lock_free(world.general, world, slot, length)
            if _is_lock_free(world.general, world, slot):
                task.position += 1
                break
        elif not _is_passed(world, task.position, kind):
            break
        task.position += 1
    return burst


@rule
def _speed(general: General | None, world: World, slot: int) -> float:
    """Return how fast the task's worker computes, which in a plain run is as fast as any."""
    if general is None:
        return 1.0
    return worker_at(world, job_at(world, job_of(world, slot)).worker).speed


@rule
def _leave_lock_free(general: General | None, world: World, slot: int, length: int) -> int:
    """Leave what of the next phase, of this *length*, needs no lock; return how long that takes."""
    if general is None:
        return 0
    task = task_at(world, slot)
    if world.server.cpu == LOCK and task.where != IN_PROCESS:
        task.lock_free = _without_lock(length, step_at(world, task.position).lock_free)
    return task.lock_free


@rule
def _is_lock_free(general: General | None, world: World, slot: int) -> bool:
    if general is None:
        return False
    return task_at(world, slot).lock_free > 0


@rule
def is_computing(general: General | None, world: World, slot: int) -> bool:
    """Return whether a burst that was left for want of no lock goes on with the next row."""
    if general is None:
        return False
    if world.server.cpu != LOCK:
        return False
    row = task_at(world, slot).position
    kind = step_at(world, row).kind
    return kind == _CPU or _is_passed(world, row, kind)


@rule
def _is_passed(world: World, row: int, kind: int) -> bool:
    """Return whether a burst goes past a row of a fan-out as if it were not there."""
    if kind == _FORK:
        if step_at(world, row).where != ON_LOOP:
            return not world.server.off_loads
        return bool(world.server.sequential)
    return kind > _FORK  # a branch, which is met behind such a fork
