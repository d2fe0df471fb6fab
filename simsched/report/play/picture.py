"""What the page shows of a simulated scenario, as the JSON that its script draws."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from simsched.experiment.result import Result
from simsched.experiment.two_runs import moved
from simsched.report.html.answer import objectives
from simsched.report.html.distribution import distribution_figures
from simsched.report.html.figure import Figure
from simsched.report.html.over_time import over_time_figure
from simsched.report.html.page import servers_in_words
from simsched.report.html.timeline import AT_A_TIME, at_a_time, first_view
from simsched.report.play import ghost
from simsched.report.play.effort import Effort
from simsched.report.table import Cell, TableRow, footnotes, table
from simsched.report.text import clean, with_short_names
from simsched.report.timeline import stored
from simsched.report.verdict import MANY, verdict
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison
from simsched.statistics.words import play as words
from simsched.statistics.words.captions import intervals

_OTHERS = ("distribution", "tail", "over-time")

_MEAN = "response_time_s.mean"
_MOST_MOVED = 4
"""Of many servers so many are named that a change moved."""

_MOST_NUMBERS = 12
"""A longer order of completion is left to the table."""


def picture(
    now: Result,
    unchanged: Result | None,
    effort: Effort,
    wanted: Collection[str] | None = None,
    *,
    is_changed: bool,
) -> dict[str, Any]:
    """Return what is shown of *now*, beside the *unchanged* scenario if that was simulated.

    Only the figures that are *wanted* are drawn, by default all.
    """
    said, is_many = verdict(now), len(now.servers) > MANY
    return {
        "effort": effort.words,
        "isFull": effort.is_full,
        "moved": list(_moved(now, unchanged)) if is_changed else [(words.UNCHANGED, False)],
        "objectives": _objectives(now),
        "standing": list(objectives(now).sentences) if is_many else [],
        "headlines": list(said.headlines),
        "details": list(() if is_many else said.details),
        "warnings": _readable(now, now.warnings),
        "orders": _orders(now),
        "table": _table(now, unchanged),
        "figures": {each.id: _figure(each) for each in _figures(now, unchanged, wanted)},
    }


def _objectives(result: Result) -> list[list[str]]:
    """Return how servers stand to the objectives: each outcome, with what it is of.

    Of many servers only a sentence says who keeps which.
    """
    if len(result.servers) > MANY:
        return []
    sentences = _readable(result, [one.sentence for one in result.judgements])
    return [[one.outcome, text] for one, text in zip(result.judgements, sentences, strict=True)]


def _readable(result: Result, sentences: Sequence[str]) -> list[str]:
    names = (*result.servers, *(one.objective.name for one in result.judgements))
    return [with_short_names(clean(each), names) for each in sentences]


def _moved(now: Result, unchanged: Result | None) -> Iterator[tuple[str, bool]]:
    """Yield how the mean response time of each server moved that both have, and whether it did."""
    if unchanged is None:
        return
    found = moved(unchanged, now, _MEAN)
    for name in _most_moved(found, [name for name in now.servers if name in unchanged.servers]):
        one, old = now.servers[name], unchanged.servers[name]
        ratio = found[name].ratio if name in found else Estimate(None)
        cannot = old.unstable is not None, one.unstable is not None
        means = old.value(_MEAN), one.value(_MEAN)
        did = (means[0] != means[1] or cannot[0] != cannot[1]) and not ratio.may_be(1)
        yield f"{words.moved(clean(name), means, ratio, now.confidence, cannot)}.", did


def _most_moved(found: Mapping[str, Comparison], servers: Sequence[str]) -> Sequence[str]:
    """Return the *servers*, of many those whose mean response time moved most."""
    if len(servers) <= MANY:
        return servers
    by = {name: abs(math.log(one.ratio.value or 1.0)) for name, one in found.items()}
    return sorted(servers, key=lambda name: -by.get(name, math.inf))[:_MOST_MOVED]


def _orders(result: Result) -> list[list[Any]]:
    """Return the order in which each server answered, where it is short."""
    return [
        [clean(name), list(one.completion_order)]
        for name, one in result.servers.items()
        if one.completion_order and len(one.completion_order) <= _MOST_NUMBERS
    ]


def _table(now: Result, unchanged: Result | None) -> dict[str, Any]:
    shown = table(now)
    old = {} if unchanged is None else _cells(unchanged, table(unchanged))
    notes = footnotes(shown)
    return {
        "servers": [[clean(name), text] for name, text in servers_in_words(now).items()],
        "rows": [
            {
                "title": row.title,
                "reason": row.reason,
                "cells": [
                    _cell(cell, old.get((name, row.title)), notes)
                    for name, cell in zip(now.servers, row.cells, strict=True)
                ],
            }
            for row in shown
        ],
        "notes": list(notes),
        "small": intervals(now.confidence) if _has_intervals(now) else "",
    }


def _cells(result: Result, rows: Iterable[TableRow]) -> dict[tuple[str, str], str]:
    return {
        (name, row.title): cell.text
        for row in rows
        for name, cell in zip(result.servers, row.cells, strict=True)
    }


def _cell(cell: Cell, old: str | None, notes: dict[str, int]) -> dict[str, Any]:
    return {
        "text": cell.text,
        "best": cell.is_best,
        "footnote": notes.get(cell.reason, 0),
        "before": old if old is not None and old != cell.text else "",
    }


def _has_intervals(result: Result) -> bool:
    return any(e.low is not None for one in result.servers.values() for e in one.estimates.values())


def _figures(
    now: Result, unchanged: Result | None, wanted: Collection[str] | None
) -> Iterator[Figure]:
    """Yield the figures that are *wanted*, each with the unchanged scenario behind.

    The timeline comes first where it shows the whole run.
    """
    count = stored(now)
    is_small = at_a_time(now, count) > AT_A_TIME or count <= AT_A_TIME
    order = ("timeline", *_OTHERS) if is_small else (*_OTHERS, "timeline")
    shown = [each for each in order if wanted is None or each in wanted]
    # Beside each other, the lines of many servers have no room for those of the unchanged ones.
    then = None if len(now.servers) > MANY else unchanged
    both = now if then is None else ghost.haunted(now, then)
    in_one = len(now.servers) <= MANY
    found: dict[str, Figure | None] = {}
    if {"distribution", "tail"} & {*shown}:
        found |= {each.id: each for each in distribution_figures(both, in_one=in_one)}
    if "over-time" in shown:
        found["over-time"] = over_time_figure(both, in_one=in_one)
    if then is not None:
        found = {name: one and ghost.faint(one, now, then) for name, one in found.items()}
    if "timeline" in shown:
        found["timeline"] = _timeline(now, unchanged)
    yield from (one for name in shown if (one := found.get(name)) is not None)


def _timeline(now: Result, unchanged: Result | None) -> Figure:
    figure, shown = first_view(now)
    if unchanged is None:
        return figure
    (view,) = figure.views
    return replace(figure, views=(ghost.outlined(view, now, unchanged, shown),))


def _figure(figure: Figure) -> dict[str, Any]:
    first = figure.views[0]
    return {
        "title": figure.title,
        "alt": figure.alt,
        "lede": figure.lede,
        "data": first.data,
        "layout": first.layout,
    }
