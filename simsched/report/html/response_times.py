"""Mean and quantiles of every server's response time, with the intervals that they carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import Figure, label, layout, named_rows, single
from simsched.report.scope import caption, not_drawn
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import parse_metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, show, unit_of


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric as points: its words in the legend, its symbol and its colour."""

    words: str
    symbol: str
    color: str

    @property
    def name(self) -> str:
        """The metric's."""
        return f"response_time_s.{self.words}"

    def said(self, estimate: Estimate) -> str:
        """Return the metric and an estimate of it, in words."""
        return f"{parse_metric(self.name).title} {show(estimate, 'duration')}"


_SERIES = (
    _Series("mean", "diamond", "#0072b2"),
    _Series("p50", "circle-open", "#009e73"),
    _Series("p95", "square-open", "#e69f00"),
    _Series("p99", "triangle-up-open", "#d55e00"),
)
_LANE_PIXELS = 78


def response_figure(result: Result) -> Figure:
    """Return mean and quantiles of each server's response time."""
    found = [[*_found(result, series)] for series in _SERIES]
    values = [value for each in found for _, _, _, value in each]
    unit = unit_of(max(values, default=1.0), "duration")
    traces = [
        _points(series, each, number, unit)
        for number, (series, each) in enumerate(zip(_SERIES, found, strict=True))
        if each
    ]
    names = [truncated(name) for name in result.servers]
    drawn = {server for each in found for _, server, _, _ in each}
    return Figure(
        id="response-time",
        title="Response time",
        alt="; ".join(map(_in_words, result.servers.values())),
        views=single(
            traces,
            layout(
                96 + _LANE_PIXELS * len(names),
                f"response time ({unit.name})",
                x={"rangemode": "tozero", "zeroline": True},
                y=named_rows(names),
            ),
        ),
        lede=words.sentences(caption(result), not_drawn(result, drawn)),
    )


def _found(result: Result, series: _Series) -> Iterator[tuple[int, str, Estimate, float]]:
    """Yield each server that has the figure: its position and name, and the figure."""
    for position, one in enumerate(result.servers.values()):
        estimate = one.estimates.get(series.name, Estimate(None))
        if estimate.value is not None:
            yield position, one.server, estimate, estimate.value


def _points(
    series: _Series, found: Sequence[tuple[int, str, Estimate, float]], number: int, unit: Unit
) -> dict[str, Any]:
    """Return a point a server, a little off so that those of one server do not hide each other."""
    # Intervals of one server overlap more often than not.
    offset = (number - (len(_SERIES) - 1) / 2) * 0.2
    return {
        "type": "scatter",
        "mode": "markers",
        "name": series.words,
        "x": [value / unit.size for *_, value in found],
        "y": [position + offset for position, *_ in found],
        "error_x": _error_bars([estimate for _, _, estimate, _ in found], unit),
        "marker": {"symbol": series.symbol, "size": 10, "color": series.color},
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


def _in_words(one: ServerSummary) -> str:
    parts = (each.said(one.estimates.get(each.name, Estimate(None))) for each in _SERIES)
    return f"{clean(one.server)}: {', '.join(parts)}"
