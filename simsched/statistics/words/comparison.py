"""Sentences on how servers compare, for a manager."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from simsched.scenario.number_format import Kind, show_value, show_values
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import change, joined, ordinal, percent, relative
from simsched.units import format_number

TOO_WIDE = "the replications are too few, or too different, for an interval of the ratio"

_MULTIPLES = {
    2: ("half", "twice"),
    3: ("a third of", "three times"),
    4: ("a quarter of", "four times"),
    5: ("a fifth of", "five times"),
    10: ("a tenth of", "ten times"),
}
# A factor this near to a round one goes by its name: the figures themselves stand beside it.
_ROUND = 0.07


def means(
    servers: tuple[str, str],
    values_s: tuple[float, float],
    ratio: Estimate,
    confidence: float,
    where: str,
) -> str:
    """Return how the mean response times of a server and its baseline differ.

    Args:
        servers: the names of both, the baseline last.
        values_s: the mean response times of both, in seconds.
        ratio: of the first to the last.
        confidence: of the interval of the ratio.
        where: ``this run`` or ``every replication``, named where the ratio has no interval.
    """
    size, interval = _change(ratio)
    ours, theirs = show_values(values_s, "duration")
    if ratio.value == 1:
        return f"{servers[0]}'s mean response time equals {servers[1]}'s in {where}: {ours}"
    place = "" if interval else f" in {where}"
    evidence = f"{size}, {percent(confidence)} interval {interval}" if interval else size
    return (
        f"{servers[0]}'s mean response time is {_size(values_s)} {servers[1]}'s{place}: "
        f"{ours} against {theirs} ({evidence})"
    )


def _change(ratio: Estimate) -> tuple[str, str]:
    """Return a ratio that has a value in words, and its interval; "" where it has none."""
    value = 1.0 if ratio.value is None else ratio.value
    if ratio.low is None or ratio.high is None:
        return change(value, value, value)
    return change(value, ratio.low, ratio.high)


def _size(values_s: tuple[float, float]) -> str:
    """Return the ratio of two times by name where it is nearly round, or else its direction."""
    ratio = values_s[0] / values_s[1]
    factor = max(ratio, 1 / ratio)
    for number, (part, multiple) in _MULTIPLES.items():
        if abs(factor / number - 1) < _ROUND:
            return part if ratio < 1 else multiple
    return "shorter than" if ratio < 1 else "longer than"


def shorter_or_longer(servers: tuple[str, str], values_s: tuple[float, float]) -> str:
    """Return which of two means is shorter, where their ratio has no interval."""
    ours, theirs = show_values(values_s, "duration")
    word = "shorter" if values_s[0] < values_s[1] else "longer"
    return (
        f"{servers[0]}'s mean response time is {word} than {servers[1]}'s: {ours} against "
        f"{theirs}; {TOO_WIDE}"
    )


def alike(servers: tuple[str, str], mean_s: float, where: str) -> str:
    """Return that two servers have the same mean in *where*, as in ``this run``."""
    mean = show_value(mean_s, "duration")
    return f"{servers[0]} and {servers[1]} have the same mean response time in {where}: {mean}"


def about_alike(
    servers: tuple[str, str],
    values_s: tuple[float, float],
    ends: tuple[float, float],
    confidence: float,
) -> str:
    """Return that two means hardly differ, with the *ends* of the interval of their ratio."""
    ours, theirs = show_values(values_s, "duration")
    return (
        f"{servers[0]} and {servers[1]} have about the same mean response time: {ours} and "
        f"{theirs} ({percent(confidence)} interval {relative(*ends)})"
    )


def no_difference(servers: tuple[str, str], confidence: float, advice: str) -> str:
    """Return that the evidence shows no difference, and the *advice* what would show one."""
    return (
        f"{servers[0]} and {servers[1]}: no measurable difference in mean response time "
        f"({percent(confidence)} confidence); {advice}"
    )


def would_have_shown(difference: float) -> str:
    """Return that the replications suffice for a relative *difference*."""
    return f"a difference of {percent(difference)} would probably have shown"


def replications_for(difference: float, count: int) -> str:
    """Return how many replications would show a relative *difference*."""
    return f"about {count:,} replications would show a difference of {percent(difference)}"


MORE_REPLICATIONS = "more replications may show one"


def longer_run_for(difference: float, factor: float) -> str:
    """Return how many times as long one run must be to show a relative *difference*."""
    longer = format_number(factor, 2)
    return f"a run about {longer} times as long would show a difference of {percent(difference)}"


def not_comparable(servers: tuple[str, str], reason: str | None) -> str:
    """Return why two servers cannot be compared."""
    return f"{servers[0]} and {servers[1]} cannot be compared: {reason}"


def neither_keeps_up(servers: tuple[str, str]) -> str:
    """Return that both servers are overloaded."""
    return f"neither {servers[0]} nor {servers[1]} can keep up with the load"


def one_keeps_up(good: str, bad: str) -> str:
    """Return which of two servers is overloaded."""
    return f"{good} keeps up with the load, {bad} cannot"


def answered(servers: tuple[str, str], shares: tuple[float, float]) -> str:
    """Return which shares of the requests two servers answer."""
    if not any(shares):
        return f"neither {servers[0]} nor {servers[1]} answers any request"
    return (
        f"{servers[0]} answers {percent(shares[0])} of its requests, "
        f"{servers[1]} {percent(shares[1])}"
    )


def of_the_answered(of_all: str, sentence: str) -> str:
    """Return who answers how many, and what the answered requests show."""
    return f"{of_all}; of the answered requests, {sentence}"


def by_class(
    servers: tuple[str, str], classes: Iterable[tuple[str, str]], confidence: float | None
) -> str:
    """Return how each class of requests fares; intervals, if any, are at *confidence*."""
    parts = ", ".join(f"{name} {change}" for name, change in classes)
    each = "" if confidence is None else f"; {percent(confidence)} intervals"
    return f"By class, {servers[0]} against {servers[1]}: {parts}{each}"


CLASS_NOT_COMPARABLE = "cannot be compared"
CLASS_ALIKE = "the same"
CLASS_ABOUT_ALIKE = "about the same"
CLASS_NO_DIFFERENCE = "no measurable difference"


def class_change(ratio: Estimate) -> str:
    """Return how many times faster or slower a class is answered, with the interval if any."""
    size, interval = _change(ratio)
    return f"{size} ({interval})" if interval else size


_MOST_SINGLY = 2
"""More servers than these with the same places are named together."""


def order(
    places: Iterable[tuple[str, int, int]],
    silent: Sequence[str],
    are_equal: Callable[[Sequence[str]], bool],
) -> str:
    """Return servers with their best and worst places, and those that answered no request."""
    groups = [[*group] for _, group in groupby(places, key=lambda place: place[1:])]
    shown = ", ".join(piece for group in groups for piece in _placed(group, are_equal))
    verb = "answers" if len(silent) == 1 else "answer"
    rest = f"; {' and '.join(silent)} {verb} no request" if silent else ""
    return f"From fastest to slowest: {shown}{rest}"


_MOST_RANKED = 4


def by_mean(servers: Sequence[str]) -> str:
    """Return the first of *servers*, which are in order of their mean response times."""
    shown, rest = servers[:_MOST_RANKED], len(servers) - _MOST_RANKED
    more = f" and {rest} more" if rest > 0 else ""
    return f"By mean response time: {', '.join(shown)}{more}"


def _placed(
    group: Sequence[tuple[str, int, int]], are_equal: Callable[[Sequence[str]], bool]
) -> Iterator[str]:
    """Yield servers whose places are the same, each with its own unless they are many."""
    names = [name for name, _, _ in group]
    places = _range(*group[0][1:])
    if len(names) > 1 and are_equal(names):
        yield f"{joined(names)} (equal in practice, {places})"
    elif len(names) <= _MOST_SINGLY:
        yield from (f"{name} ({places})" for name in names)
    else:
        yield f"{joined(names)} (each {places})"


def _range(best: int, worst: int) -> str:
    return ordinal(best) if best == worst else f"{ordinal(best)} to {ordinal(worst)}"


def not_judged(servers: Sequence[str]) -> str:
    """Return that *servers* have no server of the same name to have become worse than."""
    verb = "is" if len(servers) == 1 else "are"
    return (
        f"{' and '.join(servers)} {verb} not in the first run, so --fail-on leaves out what is new"
    )


def throughputs(
    servers: tuple[str, str], rates: tuple[float, float], ratio: Estimate, confidence: float
) -> str:
    """Return how many requests a second a server completes, and how many its baseline does."""
    ours, theirs = (show_value(rate, "rate") for rate in rates)
    value, ends = 1.0 if ratio.value is None else ratio.value, (ratio.low, ratio.high)
    amount = relative(value, value)
    if ends[0] is not None and ends[1] is not None:
        interval = relative(ends[0], ends[1])
        if interval != amount:
            amount = f"{amount} ({percent(confidence)} interval {interval})"
    return f"{servers[0]} completes {ours}, {servers[1]} {theirs}: {amount}"


NO_CLEAR_DIFFERENCE = "no clear difference"
# A smaller change has no figure of its own.
_HARDLY = 0.001


def small_print(difference: Estimate, ratio: Estimate, kind: Kind) -> str:
    """Return how a figure is to the baseline's, as in ``30 to 40 % less``; "" if it is the same.

    Shares are compared in percentage points: with a ratio, 40 % less of 50 % reads like 10 %.
    """
    if difference.low is not None and difference.may_be(0.0):
        return NO_CLEAR_DIFFERENCE if difference.low != difference.high else ""
    if kind == "share":
        return _points(difference)
    if ratio.value is None or ratio.value == 1:
        return ""
    if all(abs(end - 1) < _HARDLY for end in (ratio.low, ratio.value, ratio.high) if end):
        return "hardly a difference"
    if ratio.low is None or ratio.high is None:
        return relative(ratio.value, ratio.value)
    return relative(ratio.low, ratio.high)


def _points(difference: Estimate) -> str:
    """Return a difference of shares in percentage points, which are at most 100."""
    if not difference.value:
        return ""
    ends = sorted(abs(end) for end in (difference.low, difference.high) if end is not None)
    points = [_in_percent(min(end, 1.0)) for end in ends or [abs(difference.value)]]
    return f"{' to '.join(dict.fromkeys(points))} points {_direction(difference.value)}"


def _direction(difference: float) -> str:
    return "less" if difference < 0 else "more"


def _in_percent(share: float) -> str:
    return show_value(share, "share", 2).removesuffix(" %")


PAIRED = "Both runs met the same requests: they are compared replication by replication"
MAYBE_CHANCE = (
    "There are no intervals, as there are too few replications: a difference may be chance"
)


_MOST_CHANGES = 6


def changed(changes: Sequence[str]) -> str:
    """Return what is different in the scenario of the later run."""
    if not changes:
        return "The scenarios are the same"
    shown = "; ".join(changes[:_MOST_CHANGES])
    rest = len(changes) - _MOST_CHANGES
    return f"Changed: {shown}{f'; and {rest} more' if rest > 0 else ''}"


def independent(
    seeds: tuple[int, int], replications: tuple[int, int], *, other_scenarios: bool
) -> str:
    """Return why two runs met different requests."""
    parts = [
        *(["of other scenarios"] if other_scenarios else []),
        *([f"{replications[0]} and {replications[1]} replications"] * (len({*replications}) > 1)),
        *([f"seeds {seeds[0]} and {seeds[1]}"] * (len({*seeds}) > 1)),
    ]
    differing = ", ".join(parts) or "of other scenarios"
    return f"The runs met different requests ({differing}): they are compared as independent ones"
