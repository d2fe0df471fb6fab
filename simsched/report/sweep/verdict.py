"""What a sweep tells, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from simsched.experiment.sweep.knee import Knee, knees
from simsched.experiment.sweep.objectives import (
    Cheapest,
    Design,
    cheapest,
    designs,
    is_of_design,
)
from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.series import MEAN, Series
from simsched.report.sweep.shown import ABSENT, place, values
from simsched.report.text import truncated
from simsched.scenario.metrics import show_value
from simsched.statistics.slo import Outcome
from simsched.statistics.words.numbers import counted, show

_NAME = 60
_MOST_LOADS = 6
_MOST_TIES = 4


def verdict(result: SweepResult) -> tuple[str, ...]:
    """Return the sentences: who saturates where, and who answers soonest where."""
    if not result.records:
        return ("No point could be simulated.",)
    series = Series(result)
    return (
        *_cheapest(result),
        *_standings(result),
        *(_saturation(result, knee) for knee in knees(result)),
        *_winners(result, series),
        *_best(result, series),
        *_failures(result),
    )


def _cheapest(result: SweepResult) -> Iterator[str]:
    """Yield the cheapest designs that keep all objectives, for each load that is swept."""
    found = cheapest(result)
    for one in found[:_MOST_LOADS]:
        at = ", ".join(f"{truncated(name, _NAME)} {text}" for name, text in one.at)
        yield f"{f'At {at}: ' if at else ''}{_cheapest_of(result, one)}."
    if (more := len(found) - _MOST_LOADS) > 0:
        settings = counted(more, "other setting")
        yield f"summary.json names the cheapest design for {settings} of the load."


def _cheapest_of(result: SweepResult, one: Cheapest) -> str:
    doubt = ""
    if one.unsettled:
        verb = "is" if len(one.unsettled) == 1 else "are"
        cheaper = " cheaper" if one.designs else ""
        doubt = (
            f"; {counted(len(one.unsettled), f'{cheaper} design'.strip())} {verb} inconclusive, "
            "which more replications may settle"
        )
    if not one.designs:
        return f"no design is shown to keep all objectives{doubt}"
    told = [
        f"{truncated(each.server, _NAME)} at point {each.point.number}{_chosen(result, each)}"
        for each in one.designs[:_MOST_TIES]
    ]
    if more := len(one.designs) - len(told):
        told.append(f"{more:,} more")
    cost = f"{one.designs[0].cost:g}"
    if len(told) == 1:
        only = "the cheapest that keeps all objectives"
        return f"{told[0]} suffices: {only}, at a cost of {cost}{doubt}"
    listed = f"{', '.join(told[:-1])} and {told[-1]}"
    return (
        f"{listed} each suffice: they tie as the cheapest that keep all objectives, at a cost of "
        f"{cost}{doubt}"
    )


def _chosen(result: SweepResult, one: Design) -> str:
    """Return what the operator chose of a design, in brackets, if that is swept."""
    pairs = zip(result.plan.parameters, values(one.point), strict=True)
    told = [
        f"{truncated(parameter.name, _NAME)} {text}"
        for parameter, text in pairs
        if is_of_design(parameter.name) and text != ABSENT
    ]
    return f" ({', '.join(told)})" if told else ""


_STANDS: tuple[tuple[Outcome, str], ...] = (
    ("pass", "keeps all objectives"),
    ("fail", "misses one"),
    ("inconclusive", "is inconclusive"),
)


def _standings(result: SweepResult) -> Iterator[str]:
    """Yield at how many points each server keeps the objectives."""
    found = designs(result)
    for server in result.servers:
        outcomes = [each.outcome for each in found if each.server == server]
        told = [f"{words} at {n}" for key, words in _STANDS if (n := outcomes.count(key))]
        if told:
            total = counted(len(outcomes), "point")
            yield f"{truncated(server, _NAME)} {', '.join(told)} of {total}."


def _saturation(result: SweepResult, knee: Knee) -> str:
    name = truncated(knee.server, _NAME)
    theory = _theory(knee)
    if knee.rate is None:
        kept = show_value(knee.kept_up, "rate")
        return f"{name} keeps up at every rate, up to {kept}{theory}."
    level = next(iter(result.records.values())).said["confidence"]
    interval = f" ({level * 100:g} % interval)" if knee.rate.low is not None else ""
    return f"{name} saturates at {show(knee.rate, 'rate')}{interval}{theory}."


def _theory(knee: Knee) -> str:
    if knee.theory is None:
        return ""
    told = show_value(knee.theory, "rate")
    if knee.rate is None:
        return f"; by the demand of its {knee.station} it saturates at {told}"
    low, high = knee.rate.low, knee.rate.high
    if low is None or high is None or low <= knee.theory <= high:
        return f", as the demand of its {knee.station} has it: {told}"
    return f"; the demand of its {knee.station} has it at {told}"


def _winners(result: SweepResult, series: Series) -> Iterator[str]:
    """Yield who answers soonest, where there is somebody to compare with."""
    if len(result.servers) < 2:  # noqa: PLR2004
        return
    found = [(point, _winner(series, point)) for point in result.done]
    if len(result.plan.parameters) == 1 and result.plan.parameters[0].kind != "text":
        yield from _stretches(sorted(found, key=lambda pair: _number(pair[0])))
        return
    counts = {s: sum(winner == s for _, winner in found) for s in result.servers}
    won = [f"{truncated(s, _NAME)} at {count}" for s, count in counts.items() if count]
    open_points = {
        "it cannot be told": sum(winner == _UNTOLD for _, winner in found),
        "none keeps up": sum(winner is None for _, winner in found),
    }
    rest = "".join(f"; at {count} {what}" for what, count in open_points.items() if count)
    total = f"of {counted(len(found), 'point')}"
    said = f"answers soonest, {total}: {', '.join(won)}{rest}" if won else ""
    yield f"Who {said}." if said else f"At none {total} it can be told who answers soonest."


_UNTOLD = "cannot be told"


def _winner(series: Series, point: Point) -> str | None:
    """Return who answers soonest; None where nobody keeps up, :data:`_UNTOLD` if it is open."""
    winner = series.winner(point.number)
    if winner is not None:
        return winner
    return None if series.nobody_keeps_up(point.number) else _UNTOLD


def _number(point: Point) -> float:
    value = point.values[0]
    return 0.0 if value is None or value.number is None else value.number


def _stretches(found: Sequence[tuple[Point, str | None]]) -> Iterator[str]:
    if all(winner in {None, _UNTOLD} for _, winner in found):
        yield "At no point can it be told who answers soonest."
        return
    told = []
    for winner, group in groupby(found, key=lambda pair: pair[1]):
        texts = [values(point)[0] for point, _ in group]
        where = f"at {texts[0]}" if len(texts) == 1 else f"from {texts[0]} to {texts[-1]}"
        told.append(f"{where} {_who(winner)}")
    yield f"Soonest answers: {'; '.join(told)}."


def _who(winner: str | None) -> str:
    if winner is None:
        return "none keeps up"
    return f"it {winner}" if winner == _UNTOLD else truncated(winner, _NAME)


def _best(result: SweepResult, series: Series) -> Iterator[str]:
    """Yield where the lowest mean was seen, where that is not obvious from a single curve.

    Nothing is said where several are the lowest, or where its interval reaches down to nothing.
    """
    if len(result.plan.parameters) == 1 and result.plan.parameters[0].name.endswith("rate"):
        return
    found = [
        (estimate.value, estimate.low, point, server)
        for point in result.done
        for server in result.servers
        if (estimate := series.estimate(point.number, server, MEAN)).value is not None
    ]
    least = min((value for value, *_ in found), default=0.0)
    lowest = [each for each in found if each[0] == least]
    if len(lowest) != 1:
        return
    ((_, low, point, server),) = lowest
    if low is not None and low <= 0:
        return
    where = place(point, result.plan.parameters)
    yield (
        f"The lowest mean response time seen is {show_value(least, 'duration')}, of "
        f"{truncated(server, _NAME)} at point {point.number} ({where})."
    )


def _failures(result: SweepResult) -> Iterator[str]:
    if count := len(result.failures):
        yield f"{count} of {counted(len(result.plan.points), 'point')} failed."
