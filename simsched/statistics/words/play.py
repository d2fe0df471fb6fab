"""What the page to play with says of a changed scenario beside the unchanged one."""

from __future__ import annotations

from simsched.scenario.metrics import show_value
from simsched.statistics.words.numbers import percent

BEFORE = "unchanged scenario"
"""What the ghost is called in the legend of a timeline."""

UNCHANGED = "This is the scenario as it stands in its file. Move a slider, and the servers answer."

SUPERSEDED = "a newer change took its place"
TOO_SLOW = "simulating this took too long and was stopped; make the scenario smaller"
TOO_LARGE = "simulating this took more memory than there is for it; make the scenario smaller"
DIED = "the process that simulates this died; make the scenario smaller, or try again"
TOO_BUSY = "too many pages are simulating; try again in a moment"


def before(name: str) -> str:
    """Return what a server of the unchanged scenario is called in a legend."""
    return f"{name}, unchanged"


def moved(
    server: str, now: float | None, then: float | None, cannot: tuple[bool, bool] = (False, False)
) -> str:
    """Return how a server's mean response time moved, in a sentence without its full stop.

    *cannot* says whether it cannot keep up with its load, now and before.
    """
    if now is not None and now == then:
        return f"{server}: mean response time {_shown(now)}, as before"
    change = ""
    if now is not None and then:
        change = f" ({percent(abs(now / then - 1))} {'longer' if now > then else 'shorter'})"
    shown = [
        _shown(mean, is_overloaded=each) for mean, each in zip((now, then), cannot, strict=True)
    ]
    return f"{server}: mean response time was {shown[1]}, now {shown[0]}{change}"


def _shown(mean: float | None, *, is_overloaded: bool = False) -> str:
    if mean is None:
        return "without bound" if is_overloaded else "unknown"
    return show_value(mean, "duration")
