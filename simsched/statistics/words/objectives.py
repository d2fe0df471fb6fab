"""Sentences on objectives, and on stopping rules and what they reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from simsched.scenario.model.objectives import Limit
from simsched.scenario.number_format import ABSENT, Kind, show_value, show_values
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import percent, relative, relative_to, show_exact
from simsched.units import is_close

NOT_MEASURED = "this run does not measure it"
NEVER = "it is 0 in all replications, so that no interval can be narrow relative to it"

_VERBS = {"pass": "keeps", "fail": "misses", "inconclusive": "may keep or miss"}


def judgement(
    server: str, outcome: Literal["pass", "fail", "inconclusive"], limit: str, evidence: str
) -> str:
    """Return how a server stands to a limit, and by which evidence."""
    return f"{server} {_VERBS[outcome]} {limit}: {evidence}"


def objective(name: str, text: str, request: str | None) -> str:
    """Return the name of an objective, in quotes if it has several words, and what it says."""
    shown = name if name.isidentifier() else f"'{name}'"
    of = "" if request is None else f" for {request}"
    return f"{shown} ({text}{of})"


def limit(one: Limit, group: str | None) -> str:
    """Return a limit as in ``p99 < 300 ms``, or ``p99 of ping < 300 ms`` for a class or stream."""
    of = "" if group is None else f" of {group}"
    return f"{one.metric.title}{of} {one.operator} {_bound(one.value, one.metric.kind)}"


def change(title: str, text: str) -> str:
    """Return a limit on a change, written as in ``response_time.mean +5%``, with its *title*."""
    return f"{title} {text.split(maxsplit=1)[1]}"


def changed(ratio: float | None) -> str:
    """Return what a change is, as in ``5 % more``."""
    if ratio is None:
        return ABSENT
    return "the same" if ratio == 1 else relative(ratio, ratio)


def _bound(value: float, kind: Kind) -> str:
    """Return the value of a limit without idle zeros."""
    match kind:
        case "duration":
            return show_exact(value)
        case "share":
            return percent(value)
        case "rate" | "number" | "count" | "correlation":
            return show_value(value, kind)
        case _:
            assert_never(kind)


def standing(
    text: str, keep: Sequence[str], miss: Sequence[str], undecided: Sequence[str], servers: int
) -> str:
    """Return which of all *servers* keep a limit, and which do not: most important is who does."""
    if len(keep) == servers > 1:
        return f"{'Both' if servers == 2 else f'All {servers} servers'} keep {text}"  # noqa: PLR2004
    if len(miss) == servers > 1:
        return f"No server keeps {text}"
    parts = []
    if keep:
        parts.append(f"{joined(keep, servers)} {'keeps' if len(keep) == 1 else 'keep'} {text}")
    if miss:
        verb = "does" if len(miss) == 1 else "do"
        missed = f"{verb} not" if keep else f"{verb} not keep {text}"
        parts.append(f"{joined(miss, servers)} {missed}")
    if undecided:
        open_ = "may or may not" if parts else f"may or may not keep {text}"
        parts.append(f"{joined(undecided, servers)} {open_}")
    return "; ".join(parts)


_MOST_NAMES = 4


def joined(names: Sequence[str], servers: int) -> str:
    """Return *names* as in ``a, b and c``; of many how many of all *servers* they are."""
    if len(names) > _MOST_NAMES:
        return f"{len(names)} of {servers} servers"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def measured(limit: Limit, estimate: Estimate, confidence: float) -> str:
    """Return the figure that a *limit* is judged by, or why there is none."""
    kind = limit.metric.kind
    if estimate.value is None:
        return f"{estimate.reason}"
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        (value,) = show_values([estimate.value], kind, limit.allows)
        return f"it is {value}" if estimate.low is None else f"it is {value} throughout"
    figures = (estimate.value, estimate.low, estimate.high)
    value, low, high = show_values(figures, kind, limit.allows)
    return f"it is {value} ({percent(confidence)} interval {low} to {high})"


def against(baseline: str, ratio: Estimate, confidence: float) -> str:
    """Return how a metric is to that of *baseline*, or why there is no ratio."""
    if ratio.value is None:
        return ratio.reason or f"there is no figure to compare with {baseline}"
    it_is = f"it is {relative_to(ratio.value, ratio.value, baseline)}"
    if is_close(ratio.value, 1.0):
        it_is = f"it is that of {baseline}"
    if ratio.low is None or ratio.high is None:
        return it_is
    if ratio.low == ratio.high:
        return f"{it_is} in every replication"
    return f"{it_is} ({percent(confidence)} interval {relative(ratio.low, ratio.high)})"


def against_zero(baseline: str, difference: Estimate) -> str:
    """Return how a metric is to that of *baseline*, where one of them is 0, and so no ratio is."""
    low, high = difference.low or 0.0, difference.high or 0.0
    if low == high == 0:
        return f"it is 0, as that of {baseline}"
    if low > 0:
        return f"it is not 0, as that of {baseline} is"
    return f"it is less than {baseline}'s"


def unanswered(share: float, *, is_missed: bool) -> str:
    """Return which share of the requests got no answer, to follow the evidence."""
    return f", {'and' if is_missed else 'but'} {percent(share)} of the requests got no answer"


def reached(done: int, metrics: Sequence[str], servers: str, relative: float) -> str:
    """Return that so many replications measure *metrics* with the precision asked for."""
    return (
        f"{done} replications give {' and '.join(metrics)} of {servers} within {percent(relative)}"
    )


def of(metric: str, servers: str, text: str) -> str:
    """Return what *text* says, of a metric of some servers."""
    return f"{metric} of {servers}{text}"


def each_of(servers: Sequence[str], *, is_all: bool) -> str:
    """Return the names of servers, or that all are meant."""
    return "every server" if is_all else " and ".join(servers)


def hopeless(obstacle: str) -> str:
    """Return why more replications do not help."""
    return f": more replications cannot narrow its interval: {obstacle}"


def spent(done: int, cap: int) -> str:
    """Return how many replications were spent, where the rule allowed *cap*."""
    if done > cap:  # for another rule, or asked for
        return f"at {done} replications, past its cap of {cap}"
    return f"at the cap of {done} replications"


def without_interval(at: str, reason: str) -> str:
    """Return why there is no interval yet; *at* as :func:`spent` has it."""
    return f" has no interval {at}: {reason}"


def missed(precision: float, wanted: float, at: str) -> str:
    """Return which relative precision was reached, and which was asked for."""
    return f" is known within {percent(precision)}, not {percent(wanted)}, {at}"
