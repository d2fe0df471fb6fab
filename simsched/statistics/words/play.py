"""What the page to play with says of a changed scenario beside the unchanged one."""

from __future__ import annotations

from simsched.scenario.number_format import show_value
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import change, percent

BEFORE = "unchanged scenario"
"""What the ghost is called in the legend of a timeline."""

UNCHANGED = "This is the unchanged scenario. Move a slider, and the servers answer."

SUPERSEDED = "a newer change took its place"
TOO_SLOW = "simulating this took too long and was stopped; make the scenario smaller"
TOO_LARGE = "simulating this took more memory than there is for it; make the scenario smaller"
DIED = "the process that simulates this died; make the scenario smaller, or try again"
TOO_BUSY = "too many pages are simulating; try again in a moment"


def before(name: str) -> str:
    """Return what a server of the unchanged scenario is called in a legend."""
    return f"{name}, unchanged"


def moved(
    server: str,
    means: tuple[float | None, float | None],
    ratio: Estimate,
    confidence: float,
    cannot: tuple[bool, bool] = (False, False),
) -> str:
    """Return how a server's mean response time moved, in a sentence without its full stop.

    *means* are those before and now, and *ratio* the second to the first; *cannot* says whether the
    server could not keep up with its load before, and cannot now.
    """
    then, now = means
    if now is not None and now == then:
        return f"{server}: mean response time {_shown(now)}, as before"
    shown = [_shown(mean, is_overloaded=each) for mean, each in zip(means, cannot, strict=True)]
    by = _change(ratio, confidence) if now is not None and then else ""
    return f"{server}: mean response time was {shown[0]}, now {shown[1]}{by}"


def _change(ratio: Estimate, confidence: float) -> str:
    """Return how much a time changed, in brackets, and how sure that is."""
    if ratio.value is None:
        return ""
    if ratio.low is None or ratio.high is None:
        return f" ({change(ratio.value, ratio.value, ratio.value)[0]})"
    if ratio.may_be(1):
        return " (no difference shows)"
    said, ends = change(ratio.value, ratio.low, ratio.high)
    return f" ({said}, {percent(confidence)} interval {ends})" if ends else f" ({said})"


def _shown(mean: float | None, *, is_overloaded: bool = False) -> str:
    if mean is None:
        return "without bound" if is_overloaded else "unknown"
    return show_value(mean, "duration")
