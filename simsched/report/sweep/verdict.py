"""The verdict of a sweep, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import prod
from typing import Literal

from simsched.experiment.sweep.knee import Knee, knees
from simsched.experiment.sweep.objectives import (
    Cheapest,
    Design,
    Setting,
    cheapest,
    designs,
    is_of_design,
)
from simsched.experiment.sweep.plan import Parameter, Point
from simsched.experiment.sweep.result import MEAN, SweepResult
from simsched.report.sweep.points import ordered, place, values
from simsched.report.text import clean, truncated
from simsched.scenario.number_format import ABSENT, show_value
from simsched.statistics.slo import Outcome
from simsched.statistics.words.numbers import counted, joined, percent, show

_NAME = 60
_MOST_LOADS = 6
_MOST_TIES = 4


def verdict(result: SweepResult) -> tuple[str, ...]:
    """Return the sentences: the cheapest design, where servers saturate, which is fastest where."""
    if not result.records:
        return ("No point could be simulated.",)
    return (
        *_cheapest(result),
        *_standings(result),
        *(_saturation(result, knee) for knee in knees(result)),
        *_fastest(result),
        *_best(result),
        *_failures(result),
    )


def _cheapest(result: SweepResult) -> Iterator[str]:
    """Yield the cheapest designs that keep all objectives, for each setting of the load."""
    found = list(_alike(result))
    for loads in found[:_MOST_LOADS]:
        at = _loads(result, loads)
        said = _cheapest_of(result, loads[0], numbered=len(loads) == 1)
        yield f"{f'At {at}: ' if at else ''}{said}."
    if more := sum(map(len, found[_MOST_LOADS:])):
        settings = counted(more, "other setting")
        yield f"summary.json names the cheapest design for {settings} of the load."


def _alike(result: SweepResult) -> Iterator[Sequence[Cheapest]]:
    """Yield the settings of the load, together those with the same answer."""
    groups: dict[str, list[Cheapest]] = {}
    for one in cheapest(result):
        groups.setdefault(_cheapest_of(result, one, numbered=False), []).append(one)
    for loads in groups.values():
        yield from _blocks(loads)


def _blocks(loads: Sequence[Cheapest]) -> Iterator[Sequence[Cheapest]]:
    """Yield *loads* in parts that each hold every combination of some values."""
    if _is_block(loads):
        yield loads
        return
    rows: dict[Setting, list[Cheapest]] = {}
    for one in loads:
        rows.setdefault(one.at[1:], []).append(one)
    alike: dict[Setting, list[Cheapest]] = {}
    for row in rows.values():
        alike.setdefault(tuple(one.at[0] for one in row), []).extend(row)
    for part in alike.values():
        yield from [part] if _is_block(part) else ([one] for one in part)


def _is_block(loads: Sequence[Cheapest]) -> bool:
    columns = zip(*(one.at for one in loads), strict=True)
    return prod(len(set(column)) for column in columns) == len(loads)


def _loads(result: SweepResult, loads: Sequence[Cheapest]) -> str:
    """Return the settings of *loads*, as in ``arrival rate = 60/s to 90/s``."""
    parameters = {each.name: (n, each) for n, each in enumerate(result.plan.parameters)}
    said = []
    for column in zip(*(one.at for one in loads), strict=True):
        n, parameter = parameters[column[0][0]]
        every = ordered(result.done, n)
        texts = sorted({clean(text) for _, text in column}, key=every.index)
        said.append(f"{_title(parameter)} = {_among(parameter, texts, every, 'and')}")
    return ", ".join(said)


def _cheapest_of(result: SweepResult, one: Cheapest, *, numbered: bool) -> str:
    """Return the cheapest designs under a load, with the numbers of their points if *numbered*."""
    doubt = ""
    if one.unsettled:
        noun, verb = "cheaper design" if one.designs else "design", "are"
        if len(one.unsettled) == 1:
            verb = "is"
        count = counted(len(one.unsettled), noun)
        doubt = f"; {count} {verb} inconclusive, which more replications may settle"
    if not one.designs:
        return f"no design is shown to keep all objectives{doubt}"
    names = _named(result, one.designs, numbered=numbered)
    cost = f"at a cost of {one.designs[0].cost:g}{doubt}"
    if len(names) == 1:
        return f"{names[0]} suffices: the cheapest that keeps all objectives, {cost}"
    return (
        f"{joined(names)} each suffice: they tie as the cheapest that keep all objectives, {cost}"
    )


def _named(result: SweepResult, tied: Sequence[Design], *, numbered: bool) -> list[str]:
    """Return the names of *tied* designs, those of a server in one where they go together."""
    groups: list[tuple[str, Sequence[Point]]] = []
    for server in dict.fromkeys(each.server for each in tied):
        own = [each.point for each in tied if each.server == server]
        # Every combination of some values: then one phrase covers them all.
        is_product = prod(map(len, _swept(result, own).values())) == len(own)
        groups += [(server, each) for each in ([own] if is_product else [[p] for p in own])]
    found = [
        f"{_short(server)}{_at(points) if numbered else ''}{_choices(result, points)}"
        for server, points in groups[:_MOST_TIES]
    ]
    if (more := len(groups) - len(found)) > 0:
        found.append(f"{more:,} more")
    return found


def _at(points: Sequence[Point]) -> str:
    numbers = [f"{point.number:,}" for point in points]
    if len(numbers) == 1:
        return f" at point {numbers[0]}"
    if len(numbers) > _MOST_TIES:
        return f" at {len(numbers):,} points"
    return f" at points {joined(numbers)}"


def _swept(result: SweepResult, points: Sequence[Point]) -> dict[Parameter, list[str]]:
    """Return the operator's choices that are swept, each with its values at *points*."""
    return {
        parameter: ordered(points, n)
        for n, parameter in enumerate(result.plan.parameters)
        if is_of_design(parameter.name)
    }


def _choices(result: SweepResult, points: Sequence[Point]) -> str:
    """Return the operator's choices at *points* in brackets, if these are swept."""
    every = _swept(result, result.done)
    said, free = [], []
    for parameter, texts in _swept(result, points).items():
        if len(texts) > 1 and texts == every[parameter]:
            free.append(f"any {_title(parameter)}")
        elif texts != [ABSENT]:
            said.append(f"{_title(parameter)} = {_among(parameter, texts, every[parameter], 'or')}")
    if free:
        said.append(f"for {joined(free)}")
    return f" ({', '.join(said)})" if said else ""


def _among(parameter: Parameter, texts: list[str], every: list[str], word: str) -> str:
    """Return some of *every* value, as in ``10 or 20``, or ``10 to 40`` if none between lacks."""
    first = every.index(texts[0])
    is_range = parameter.kind != "text" and every[first : first + len(texts)] == texts
    if is_range and len(texts) > 2:  # noqa: PLR2004
        return f"{texts[0]} to {texts[-1]}"
    shown = texts[:_MOST_TIES]
    if more := len(texts) - len(shown):
        shown.append(f"{more:,} other values")
    return joined(shown, word)


_STANDINGS: tuple[tuple[Outcome, str], ...] = (
    ("pass", "keeps all objectives"),
    ("fail", "misses one"),
    ("inconclusive", "is inconclusive"),
)


def _standings(result: SweepResult) -> Iterator[str]:
    """Yield at how many points each server keeps the objectives."""
    found = designs(result)
    for server in result.servers:
        outcomes = [each.outcome for each in found if each.server == server]
        counts = [f"{words} at {n}" for key, words in _STANDINGS if (n := outcomes.count(key))]
        if counts:
            total = counted(len(outcomes), "point")
            yield f"{_short(server)} {', '.join(counts)} of {total}."


def _saturation(result: SweepResult, knee: Knee) -> str:
    # The theory stands beside the figure, so that a reader sees at once whether they agree.
    theory = "" if knee.theory is None else show_value(knee.theory, "rate")
    if knee.rate is None:
        rate = f"keeps up at every rate, up to {show_value(knee.kept_up, 'rate')}"
        known = [f"theory: saturates at {theory}"] if theory else []
    else:
        rate = f"saturates at {show(knee.rate, 'rate')}"
        level = percent(next(iter(result.records.values())).confidence)
        known = [f"{level} interval"] if knee.rate.low is not None else []
        known += [f"theory: {theory}"] if theory else []
    if theory:
        known[-1] += f", limited by its {knee.station}"
    note = f" ({'; '.join(known)})" if known else ""
    return f"{_short(knee.server)} {rate}{note}."


Open = Literal["close", "overloaded"]
"""Why no server is fastest at a point."""

_REASONS: dict[Open, str] = {"close": "too close to call", "overloaded": "overloaded"}


def _fastest(result: SweepResult) -> Iterator[str]:
    """Yield which server is fastest where, if there are several."""
    if len(result.servers) < 2:  # noqa: PLR2004
        return
    found = [(point, *_fastest_at(result, point)) for point in result.done]
    parameters, head = result.plan.parameters, f"Of {counted(len(found), 'setting')}"
    if not any(server for _, server, _ in found):
        yield f"{head}, no server is faster in any{_rest(found)}."
    elif len(parameters) == 1 and parameters[0].kind != "text":
        yield f"Fastest: {'; '.join(_stretches(sorted(found, key=lambda each: _number(each[0]))))}."
    else:
        word = "faster" if len(result.servers) == 2 else "fastest"  # noqa: PLR2004
        won = [each for each in result.servers if any(server == each for _, server, _ in found)]
        counts = [(each, sum(server == each for _, server, _ in found)) for each in won]
        (name, first), *others = sorted(counts, key=lambda each: -each[1])
        more = "".join(f", {_short(each)} in {count}" for each, count in others)
        yield f"{head}, {_short(name)} is {word} in {first}{more}{_rest(found)}."


_Fastest = tuple[Point, str | None, Open | None]


def _fastest_at(result: SweepResult, point: Point) -> tuple[str | None, Open | None]:
    server = result.fastest(point.number)
    if server is not None:
        return server, None
    return None, "overloaded" if result.is_overloaded(point.number) else "close"


def _rest(found: Sequence[_Fastest]) -> str:
    """Return how many points have no fastest server, and why."""
    reasons = [reason for *_, reason in found]
    counts = ((words, reasons.count(reason)) for reason, words in _REASONS.items())
    return "".join(f"; {n} {'is' if n == 1 else 'are'} {words}" for words, n in counts if n)


def _stretches(found: Sequence[_Fastest]) -> Iterator[str]:
    """Yield the stretches of values with the same fastest server."""
    words = {"overloaded": "all are overloaded", "close": "too close to call"}
    for (server, reason), group in groupby(found, key=lambda each: each[1:]):
        texts = [values(point)[0] for point, *_ in group]
        where = f"at {texts[0]}" if len(texts) == 1 else f"from {texts[0]} to {texts[-1]}"
        yield f"{words[reason] if reason else _short(server or '')} {where}"


def _number(point: Point) -> float:
    value = point.values[0]
    return 0.0 if value is None or value.number is None else value.number


def _best(result: SweepResult) -> Iterator[str]:
    """Yield where the lowest mean was observed, where that is not obvious from a single curve.

    Nothing is said where several are the lowest, or where its interval includes 0.
    """
    parameters = result.plan.parameters
    # The mean is lowest at the lightest load: that is no finding.
    if not all(is_of_design(parameter.name) for parameter in parameters):
        return
    found = [
        (estimate.value, estimate.low, point, server)
        for point in result.done
        for server in result.servers
        if (estimate := result.estimate(point.number, server, MEAN)).value is not None
    ]
    least = min((value for value, *_ in found), default=0.0)
    lowest = [each for each in found if each[0] == least]
    if len(lowest) != 1 or (lowest[0][1] is not None and lowest[0][1] <= 0):
        return
    _, _, point, server = lowest[0]
    yield (
        f"The lowest mean response time is {show_value(least, 'duration')}, of {_short(server)} at "
        f"point {point.number} ({place(point, parameters)})."
    )


def _failures(result: SweepResult) -> Iterator[str]:
    if count := len(result.failures):
        yield f"{count} of {counted(len(result.plan.points), 'point')} failed."


def _title(parameter: Parameter) -> str:
    return truncated(parameter.title, _NAME)


def _short(name: str) -> str:
    return truncated(name, _NAME)
