"""Hand-overs: what one event sets off at its instant, settled first in, first out."""

from __future__ import annotations

from simsched.engine.compiled.layout import Record
from simsched.engine.compiled.pools import handover_at
from simsched.engine.jit import rule


@rule
def hand_over(run: Record, action: int, subject: int) -> None:
    """Let *action* be done to *subject* when what was handed over before is settled."""
    handover = handover_at(run, run.handed + run.handovers_count)
    handover.action = action
    handover.subject = subject
    run.handovers_count += 1


@rule
def take_handover(run: Record) -> tuple[int, int]:
    """Return the first hand-over's action and subject, and forget it."""
    handover = handover_at(run, run.handed)
    run.handed += 1
    run.handovers_count -= 1
    return handover.action, handover.subject
