"""Who computes when: on a core of one's own, or in turns."""

from __future__ import annotations

from simsched.engine.compiled import tasks, turns
from simsched.engine.compiled.actions import COMPUTED, EXECUTED
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.codes import CORES, IN_PROCESS, OWN_CORE
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.pools import task_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule


@rule
def execute(general: General | None, world: World, slot: int, demand: int) -> None:
    """Let the task in *slot* compute for *demand* ns."""
    if general is None:
        _compute_at_once(world, slot, demand)
    elif world.server.cpu == OWN_CORE:
        _compute_at_once(world, slot, demand)
    elif task_at(world, slot).where == IN_PROCESS:
        _compute_at_once(world, slot, demand)
    else:
        _compute_in_turns(general, world, slot, world.server.cpu, demand)


@rule
def go_on_without_lock(general: General | None, world: World, slot: int) -> bool:
    """Let the task do what of its phase needs a core but no lock; return whether there is any."""
    if general is None:
        return False
    demand = task_at(world, slot).lock_free
    if demand == 0:
        return False
    task_at(world, slot).lock_free = 0
    _compute_in_turns(general, world, slot, CORES, demand)
    return True


@apart
def end_turn(general: General, world: World, slot: int) -> None:
    """Note that the task in *slot* has had its time on a core; go on if it has computed all."""
    for level in range(CORES, task_at(world, slot).level + 1):
        if not turns.turn_ended(general, world, slot, level):
            return
    task_at(world, slot).level = OWN_CORE
    hand_over(world.run, EXECUTED, tasks.ticket(world, slot))


@apart
def withdraw(general: General, world: World, slot: int) -> None:
    """Let the task in *slot* compute no more."""
    level = task_at(world, slot).level
    task_at(world, slot).level = OWN_CORE
    turns.withdraw(general, world, slot, level)


@apart
def _compute_in_turns(general: General, world: World, slot: int, level: int, demand: int) -> None:
    task_at(world, slot).level = level
    turns.start(general, world, slot, level, demand)


@rule
def _compute_at_once(world: World, slot: int, demand: int) -> None:
    """Nothing will interfere, so the end is certain."""
    tasks.enter(world, slot, tasks.CPU)
    after(world, demand, COMPLETION, COMPUTED, tasks.ticket(world, slot))
