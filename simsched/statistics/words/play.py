"""What the page to play with says of a changed scenario beside the unchanged one."""

from __future__ import annotations

from simsched.scenario.metrics import Kind, show_value
from simsched.statistics.words.numbers import percent

BEFORE = "unchanged scenario"
"""What the ghost is called in the legend of a timeline."""

GHOST = "Faint lines and bars are the unchanged scenario, with the same seed"

UNCHANGED = "This is the scenario as it stands in its file. Move a slider, and the servers answer."

SUPERSEDED = "a newer change took its place"
TOO_SLOW = "simulating this took too long and was stopped; make the scenario smaller"
TOO_LARGE = "simulating this took more memory than there is for it; make the scenario smaller"
DIED = "the process that simulates this died; make the scenario smaller, or try again"
TOO_BUSY = "too many pages are simulating; try again in a moment"


def before(name: str) -> str:
    """Return what a server of the unchanged scenario is called in a legend."""
    return f"{name}, unchanged"


def moved(server: str, now: float | None, then: float | None, kind: Kind = "duration") -> str:
    """Return how a server's mean response time moved, in a sentence without its full stop."""
    if now is None or then is None:
        return f"{server}: no mean response time {'now' if now is None else 'before'}"
    shown = f"{server}: mean response time was {show_value(then, kind)}"
    if now == then:
        return f"{server}: mean response time {show_value(now, kind)}, as before"
    change = percent(abs(now / then - 1)) if then else "all"
    longer = "longer" if now > then else "shorter"
    return f"{shown}, now {show_value(now, kind)} ({change} {longer})"
