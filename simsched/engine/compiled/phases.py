"""What a server does for each kind of phase."""

from __future__ import annotations

from simsched.engine.compiled import bursts, calls, cpu, jobs, queues, resources, takers, tasks
from simsched.engine.compiled.actions import WAITED
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.codes import ON_LOOP
from simsched.engine.compiled.columns import duration_at
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import job_at, job_of, step_at, task_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule
from simsched.workload.steps import StepKind

_IO = int(StepKind.IO)
_CALL = int(StepKind.CALL)
_ACQUIRE = int(StepKind.ACQUIRE)
_TRIES = int(StepKind.TRIES)
_FORK = int(StepKind.FORK)
_RESPOND = int(StepKind.RESPOND)


@rule
def compute(world: World, slot: int, overhead: int) -> bool:
    """Run the CPU phases up to the next I/O, after the server's own *overhead*.

    Return whether there is anything to run; nothing is for a client that gave up, where such work
    is to be stopped. Where its worker goes down at this instant, the task stays as it is.
    """
    if _is_unwanted(world.general, world, slot):
        return False
    if _is_halted(world.general, world, slot):
        return True
    burst = bursts.start(world, slot, overhead)
    if burst == 0:
        return cpu.go_on_without_lock(world.general, world, slot)
    cpu.execute(world.general, world, slot, burst)
    return True


@rule
def _is_unwanted(general: General | None, world: World, slot: int) -> bool:
    if general is None:
        return False
    return job_at(world, job_of(world, slot)).unwanted


@rule
def _is_halted(general: General | None, world: World, slot: int) -> bool:
    """Return whether the task's worker goes down at this instant, so that it begins nothing."""
    return not queues.is_up(general, world, job_at(world, job_of(world, slot)).worker)


@rule
def begin(general: General | None, world: World, slot: int) -> bool:
    """Begin the next phase, which is not computing; return whether the task then waits."""
    if general is None:
        _io(world, slot)
        return True
    step = step_at(world, task_at(world, slot).position)
    # First of all: what is done off its loop has none to give back, even as its worker goes down.
    task_at(world, slot).blocking = step.blocking or task_at(world, slot).where != ON_LOOP
    if _is_halted(general, world, slot):
        return True
    if step.kind in (_IO, _CALL, _TRIES):
        _go_away(general, world, slot)
        return True
    if step.kind == _ACQUIRE:
        return resources.acquire(general, world, slot)
    if step.kind == _FORK:
        _fork(general, world, slot, step.where)
        return True
    if step.kind == _RESPOND:
        jobs.answer(world, job_of(world, slot))
        task_at(world, slot).position += 1
    else:
        resources.release(general, world, slot)
    return False


@rule
def _go_away(general: General, world: World, slot: int) -> None:
    """Begin I/O, or the call of a service."""
    row = task_at(world, slot).position
    if calls.begin(world.network, world, slot):
        return
    if step_at(world, row).pool == NONE:
        task_at(world, slot).fails = resources.fails_at(general, world, slot, row)
        _io(world, slot)
    else:
        resources.use(general, world, slot)


@rule
def _io(world: World, slot: int) -> None:
    length = tasks.start_io(world, slot) + world.server.late
    after(world, length, COMPLETION, WAITED, tasks.ticket(world, slot))


@rule
def end_io(general: General | None, world: World, slot: int) -> None:
    """Let the request fail now that it learns of the end of its I/O, if it is to."""
    if general is not None:
        if task_at(world, slot).fails:
            task_at(world, slot).fails = False
            jobs.fail(world, job_of(world, slot))


@apart
def _fork(general: General, world: World, slot: int, where: int) -> None:
    """Launch the branches of the fan-out that comes next, *where* that is off the loop, or not."""
    tasks.enter(world, slot, tasks.NOTHING)
    task = task_at(world, slot)
    branches = duration_at(world, task.position)
    task.branches = branches
    branch = task.position + 1
    for _ in range(branches):
        begins = branch + 1
        branch = begins + duration_at(world, branch)
        _launch(general, world, slot, begins, branch, where)
    task.position = branch


@apart
def _launch(
    general: General, world: World, parent: int, begins: int, ends: int, where: int
) -> None:
    """Let a branch begin: on its loop, in a thread or process, or in a thread of its own."""
    slot = tasks.new_task(world)
    at = task_at(world, parent).job
    tasks.open_task(world, slot, at, begins, ends, tasks.CPU_WAIT)
    task_at(world, slot).parent = parent
    world.run.concurrent = True
    tasks.add_to_job(world, slot)
    beside = task_at(world, parent).where
    task_at(world, slot).where = beside if where == ON_LOOP else where
    if where != ON_LOOP:
        if not resources.take_executor(general, world, slot):
            _launch_later(world, slot)
    elif world.server.cooperative and beside == ON_LOOP:
        takers.make_ready(world, slot)
    else:
        _launch_later(world, slot)


@rule
def _launch_later(world: World, slot: int) -> None:
    """Let a branch begin when the present event is handled."""
    run = world.run
    task_at(world, slot).next = NONE
    if run.launched == NONE:
        run.launched = slot
    else:
        task_at(world, run.last_launched).next = slot
    run.last_launched = slot


@rule
def take_launched(world: World) -> int:
    """Return the first branch that has yet to begin, which it is to do now."""
    slot = world.run.launched
    world.run.launched = task_at(world, slot).next
    return slot
