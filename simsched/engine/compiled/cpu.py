"""Who computes when: on a core of one's own, or in turns."""

from __future__ import annotations

from simsched.engine.compiled import tasks, turns
from simsched.engine.compiled.actions import COMPUTED, EXECUTED
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import CORES, IN_PROCESS, OWN_CORE
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
        task_at(world, slot).computing = True
        turns.start(general, world, slot, world.server.cpu, demand)


@apart
def end_turn(general: General, world: World, slot: int) -> None:
    """Note that the task in *slot* has had its time on a core; go on if it has computed all."""
    for level in range(CORES, world.server.cpu + 1):
        if not turns.turn_ended(general, world, slot, level):
            return
    task_at(world, slot).computing = False
    hand_over(world.run, EXECUTED, tasks.ticket(world, slot))


@apart
def withdraw(general: General, world: World, slot: int) -> None:
    """Let the task in *slot* compute no more."""
    task_at(world, slot).computing = False
    turns.withdraw(general, world, slot, world.server.cpu)


@rule
def _compute_at_once(world: World, slot: int, demand: int) -> None:
    """Nothing will interfere, so the end is certain."""
    tasks.enter(world, slot, tasks.CPU)
    after(world, demand, COMPLETION, COMPUTED, tasks.ticket(world, slot))
