"""Hand-overs: what one event sets off at its instant, settled first in, first out."""

from __future__ import annotations

from simsched.engine.compiled.pools import handover_at
from simsched.engine.compiled.world import World
from simsched.engine.jit import rule


@rule
def hand_over(world: World, action: int, subject: int) -> None:
    """Let *action* be done to *subject* when what was handed over before is settled."""
    run = world.run
    handover = handover_at(world, run.handed + run.handovers_count)
    handover.action = action
    handover.subject = subject
    run.handovers_count += 1


@rule
def take_handover(world: World) -> tuple[int, int]:
    """Return the first hand-over's action and subject, and forget it."""
    run = world.run
    handover = handover_at(world, run.handed)
    run.handed += 1
    run.handovers_count -= 1
    return handover.action, handover.subject
