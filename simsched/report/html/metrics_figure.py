"""Throughput and response time of every server, with the intervals that they carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import PLAIN, Figure, label, single
from simsched.report.scope import caption, not_drawn
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import Metric, parse_metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, show, unit_of


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric as points: its words in the legend, its symbol and its colour."""

    metric: Metric
    words: str
    symbol: str
    color: str


_THROUGHPUT = _Series(parse_metric("throughput_per_s"), "throughput", "circle", "#0072b2")
_RESPONSES = (
    _Series(parse_metric("response_time_s.mean"), "mean", "diamond", "#0072b2"),
    _Series(parse_metric("response_time_s.p50"), "p50", "circle-open", "#009e73"),
    _Series(parse_metric("response_time_s.p95"), "p95", "square-open", "#e69f00"),
    _Series(parse_metric("response_time_s.p99"), "p99", "triangle-up-open", "#d55e00"),
)
_LANE_PIXELS = 26


def throughput_figure(result: Result) -> Figure | None:
    """Return each server's throughput; None for a single server, which has nothing beside it."""
    if len(result.servers) == 1:
        return None
    trace = _points(result, _THROUGHPUT, Unit(1.0, "/s"))
    return Figure(
        id="throughput",
        title="Throughput",
        alt=_in_words(result, (_THROUGHPUT,)),
        views=single(
            [trace] if trace["x"] else [], _layout(result, 1, "requests answered per second")
        ),
        lede=caption(result),
    )


def response_figure(result: Result) -> Figure:
    """Return mean and quantiles of each server's response time."""
    unit = _common_unit(result)
    traces = [_points(result, series, unit) for series in _RESPONSES]
    return Figure(
        id="response-time",
        title="Response time",
        alt=_in_words(result, _RESPONSES),
        views=single(
            [_beside(trace, n, len(traces)) for n, trace in enumerate(traces) if trace["x"]],
            _layout(result, 3, f"response time ({unit.name})"),
        ),
        lede=words.sentences(caption(result), not_drawn(result, _told_of(result))),
    )


def _told_of(result: Result) -> list[str]:
    """Return the servers that some response time is known of."""
    known = {
        name: [one.estimates.get(series.metric.name) for series in _RESPONSES]
        for name, one in result.servers.items()
    }
    return [name for name, found in known.items() if any(e and e.value is not None for e in found)]


def _points(result: Result, series: _Series, unit: Unit) -> dict[str, Any]:
    """Return a point a server with its interval; servers without the figure are left out."""
    shown = series.metric
    found = [
        (position, one.server, estimate, estimate.value)
        for position, one in enumerate(result.servers.values())
        if (estimate := one.estimates.get(shown.name)) and estimate.value is not None
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": series.words,
        "x": [value / unit.size for *_, value in found],
        "y": [position for position, *_ in found],
        "error_x": _error_bars([estimate for _, _, estimate, _ in found], unit),
        "marker": {"symbol": series.symbol, "size": 10, "color": series.color},
        "hovertext": [
            f"<b>{label(clean(server))}</b><br>{shown.title} {show(estimate, shown.kind)}"
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


def _beside(trace: dict[str, Any], position: int, count: int) -> dict[str, Any]:
    """Return *trace* moved a little, so that the points of one server do not hide each other."""
    offset = (position - (count - 1) / 2) * 0.2
    return trace | {"y": [y + offset for y in trace["y"]]}


def _common_unit(result: Result) -> Unit:
    """Return the unit that suits the longest response time shown."""
    values = [
        estimate.value
        for one in result.servers.values()
        for series in _RESPONSES
        if (estimate := one.estimates.get(series.metric.name)) and estimate.value is not None
    ]
    return unit_of(max(values, default=1.0), "duration")


def _layout(result: Result, lanes: int, title: str) -> dict[str, Any]:
    """Return the layout of a row of *lanes* for each server, the baseline on top."""
    servers = tuple(result.servers)
    return {
        "height": 96 + _LANE_PIXELS * lanes * len(servers),
        "hovermode": "closest",
        "margin": {"t": 8, "r": 24, "b": 48, "l": 8},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "xaxis": {"title": {"text": title}, "rangemode": "tozero", "zeroline": True, **PLAIN},
        "yaxis": {
            "range": [len(servers) - 0.5, -0.5],
            "tickvals": list(range(len(servers))),
            "ticktext": [label(truncated(name)) for name in servers],
            "zeroline": False,
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
        },
    }


def _in_words(result: Result, shown: Sequence[_Series]) -> str:
    """Return every figure in words."""
    return "; ".join(
        f"{clean(one.server)}: " + ", ".join(_told(one, series.metric) for series in shown)
        for one in result.servers.values()
    )


def _told(one: ServerSummary, shown: Metric) -> str:
    estimate = one.estimates.get(shown.name, Estimate(None))
    return f"{shown.title} {show(estimate, shown.kind)}"
