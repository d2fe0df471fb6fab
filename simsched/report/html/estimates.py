"""Throughput and response times of every server, as points with the intervals that they carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html import limits
from simsched.report.html.figure import (
    Explorable,
    Figure,
    RowBlock,
    label,
    layout,
    named_rows,
    single,
)
from simsched.report.html.palette import STATISTICS
from simsched.report.scope import caption, not_drawn
from simsched.report.text import clean, distinct
from simsched.report.verdict import MANY
from simsched.scenario.metrics import Metric, parse_metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, show, unit_of


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric as points, with its words in the legend, which its symbol goes by."""

    metric: Metric
    words: str

    def said(self, estimate: Estimate) -> str:
        """Return the metric and an estimate of it, in words."""
        return f"{self.metric.title} {show(estimate, self.metric.kind)}"


_THROUGHPUT = (_Series(parse_metric("throughput_per_s"), "throughput"),)
_RESPONSE_TIMES = tuple(
    _Series(parse_metric(f"response_time_s.{name}"), name) for name in ("mean", "p50", "p95", "p99")
)
_ONE_PIXELS, _SEVERAL_PIXELS = 26, 78
"""How high the row of a server is, with one metric in it and with several."""


def throughput_figure(result: Result) -> Figure | None:
    """Return each server's throughput; None for a single server, which has nothing beside it."""
    if len(result.servers) == 1:
        return None
    return _figure(result, "throughput", "Throughput", "requests answered per second", _THROUGHPUT)


def response_figure(result: Result) -> Figure:
    """Return mean and quantiles of each server's response time."""
    return _figure(result, "response-time", "Response time", "response time ({})", _RESPONSE_TIMES)


def _figure(result: Result, name: str, title: str, axis: str, shown: Sequence[_Series]) -> Figure:
    """Return the metrics *shown* of each server, on an *axis* whose title names the unit."""
    order = _ranked(result)
    found = [[*_found(result, order, series)] for series in shown]
    values = [value for each in found for _, _, _, value in each]
    unit = unit_of(max(values, default=1.0), shown[0].metric.kind)
    # Points of one server are a little apart: their intervals overlap more often than not.
    apart = 0.2 if len(order) <= MANY else 0.1
    offsets = [(number - (len(shown) - 1) / 2) * apart for number in range(len(shown))]
    traces = [
        _points(series, each, offset, unit)
        for series, each, offset in zip(shown, found, offsets, strict=True)
        if each
    ]
    names = distinct(server for server, _ in order)
    is_close = len(shown) == 1 or len(order) > MANY
    row = _ONE_PIXELS if is_close else _SEVERAL_PIXELS
    return Figure(
        id=name,
        title=title,
        alt="; ".join(_in_words(one, shown) for one in result.servers.values()),
        views=single(
            traces,
            layout(
                96 + row * len(names),
                axis.format(unit.name),
                x={"rangemode": "tozero", "zeroline": True},
                y=named_rows(names),
            )
            | {"showlegend": len(shown) > 1}
            | limits.drawn(_limits(result, shown), unit, max(values, default=0.0) / unit.size)
            | Explorable(
                log="xaxis",
                rows=[RowBlock(n - 0.5, n + 0.5, at) for n, (_, at) in enumerate(order)],
            ).layout,
        ),
        lede=words.sentences(
            caption(result), not_drawn(result, {server for each in found for _, server, *_ in each})
        ),
    )


def _limits(result: Result, shown: Sequence[_Series]) -> list[Objective]:
    """Return the objectives on the metrics *shown*."""
    names = {series.metric.name for series in shown}
    found = limits.limits_on(limits.objectives_of(result), "")
    return [each for each in found if each.limit.metric.name in names]


def _ranked(result: Result) -> list[tuple[str, int]]:
    """Return the servers, each with its position; many of them from the fastest to the slowest."""
    order = [(name, position) for position, name in enumerate(result.servers)]
    if len(order) <= MANY:
        return order
    means = {name: one.value("response_time_s.mean") for name, one in result.servers.items()}
    # The mean of a server that cannot keep up is missing: it comes last.
    return sorted(order, key=lambda each: (means[each[0]] is None, means[each[0]] or 0.0, each[1]))


def _blocks(order: Sequence[tuple[str, int]]) -> list[RowBlock]:
    return [RowBlock(row - 0.5, row + 0.5, at) for row, (_, at) in enumerate(order)]


def _found(
    result: Result, order: Sequence[tuple[str, int]], series: _Series
) -> Iterator[tuple[int, str, Estimate, float]]:
    """Yield each server that has the figure, in that *order*: its row and name, and the figure."""
    for position, (name, _) in enumerate(order):
        one = result.servers[name]
        estimate = one.estimates.get(series.metric.name, Estimate(None))
        if estimate.value is not None:
            yield position, one.server, estimate, estimate.value


def _points(
    series: _Series, found: Sequence[tuple[int, str, Estimate, float]], offset: float, unit: Unit
) -> dict[str, Any]:
    """Return a point a server, *offset* rows below the middle of the server's."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": series.words,
        "x": [value / unit.size for *_, value in found],
        "y": [position + offset for position, *_ in found],
        "error_x": _error_bars([estimate for _, _, estimate, _ in found], unit),
        "marker": STATISTICS[series.words].marker(),
        "hovertext": [
            f"<b>{label(clean(server))}</b><br>{series.said(estimate)}"
            for _, server, estimate, _ in found
        ],
        "hoverinfo": "text",
    }


def _error_bars(estimates: Sequence[Estimate], unit: Unit) -> dict[str, Any]:
    """Return the intervals as error bars; a missing one has no length, and no bar if all are."""
    if all(estimate.low is None for estimate in estimates):
        return {"visible": False}

    def reach(estimate: Estimate, end: float | None) -> float:
        if estimate.value is None or end is None:
            return 0.0
        return abs(end - estimate.value) / unit.size

    return {
        "type": "data",
        "symmetric": False,
        "array": [reach(e, e.high) for e in estimates],
        "arrayminus": [reach(e, e.low) for e in estimates],
        "thickness": 1.5,
        "width": 5,
    }


def _in_words(one: ServerSummary, shown: Sequence[_Series]) -> str:
    parts = (each.said(one.estimates.get(each.metric.name, Estimate(None))) for each in shown)
    return f"{clean(one.server)}: {', '.join(parts)}"
