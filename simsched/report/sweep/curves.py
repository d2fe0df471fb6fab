"""One parameter: a curve with its interval band for every server, with theory beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from simsched.experiment.sweep.knee import THROUGHPUT, Knee, knees
from simsched.experiment.sweep.objectives import designs
from simsched.experiment.sweep.plan import Parameter, Point
from simsched.experiment.sweep.result import RATE, SweepResult
from simsched.report.html import limits
from simsched.report.html.figure import Figure, View, label, layout
from simsched.report.html.palette import NEUTRAL, server_color, server_dash
from simsched.report.sweep.axes import axis_title, band, is_steep, metric_title, upright
from simsched.report.sweep.points import OUTCOMES, values
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import Metric
from simsched.scenario.number_format import show_value
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective, Outcome
from simsched.statistics.words.numbers import Unit, show, unit_of

# Numbers whose largest is so many times the smallest are drawn on a logarithmic axis.
_WIDE = 20.0

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
_GROUPS = (
    ("throughput", "Throughput", "throughput"),
    ("response-time", "Response time", "response"),
    ("cpu", "CPU utilisation", "cpu"),
    ("lost", "Not answered", "failed"),
)


def curves(result: SweepResult, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figures of a sweep over one parameter."""
    drawn = _Curves(result)
    for name, heading, prefix in _GROUPS:
        shown = [one for one in metrics if one.name.startswith(prefix)]
        # The mean first: verdicts are about it, and a picker opens with its first figure.
        shown.sort(key=lambda one: not one.name.endswith("mean"))
        if shown:
            yield Figure(
                id=name,
                title=heading,
                alt="; ".join(map(drawn.in_words, shown[:2])),
                views=tuple(map(drawn.view, shown)),
                lede=drawn.lede(name),
                picks="Figure",
            )


class _Curves:
    """The curves of all servers over the values of the one parameter."""

    def __init__(self, result: SweepResult) -> None:
        self._result = result
        self._parameter = result.plan.parameters[0]
        self._points, places = _along(self._parameter.kind == "text", result.done)
        self._unit = _unit(self._parameter, places)
        self._places = tuple(x if isinstance(x, str) else x / self._unit.size for x in places)
        self._knees = knees(result)
        self._outcomes = {(d.server, d.point.number): d.outcome for d in designs(result)}

    def lede(self, name: str) -> str:
        """Return how to read the figure of that *name*."""
        said = []
        if name == "throughput" and self._knees:
            said.append(
                "Shaded: the interval of each figure. The knee of a server is where the line of "
                "the arrivals meets its highest throughput. Vertical lines: where each server "
                "saturates according to the demand of its busiest station."
            )
        if name == "response-time":
            said.append(
                "Shaded: the interval of each figure. A curve ends where its server cannot keep "
                "up: there response time has no mean. Dotted: the value of a formula, or a bound."
            )
        if self._result.objectives:
            said.append("Crosses miss an objective; open markers are inconclusive.")
        return " ".join(said)

    def view(self, metric: Metric) -> View:
        """Return the curves of *metric*."""
        servers = self._result.servers
        found = {server: self._figures(server, metric) for server in servers}
        # One unit for all servers, or their curves could not be compared.
        known = [one.value for row in found.values() for one in row if one.value is not None]
        unit = unit_of(max(known, default=None) or 1.0, metric.kind)
        traces: list[dict[str, Any]] = []
        for position, server in enumerate(servers):
            traces += band(position, self._places, found[server], unit.size)
            traces.append(self._curve(found[server], position, metric, unit.size))
            traces += self._formulas(server, position, metric, unit.size)
        if metric.name == THROUGHPUT:
            traces += [*self._offered(known), *_knee_marks(self._knees)]
        scale = {"rangemode": "tozero"}
        if metric.kind == "duration" and is_steep(known):
            scale = {"type": "log"}
        y = {"title": {"text": metric_title(metric, unit)}, **scale}
        shown = layout(
            420, label(axis_title(self._parameter, self._unit.name)), x=self._scale(), y=y
        )
        marks = limits.drawn(self._limits(metric), unit, 0.0, "y")
        marks["shapes"] += self._saturation()
        return View(metric.title, traces, shown | marks)

    def _limits(self, metric: Metric) -> list[Objective]:
        judged = (each for one in self._result.records.values() for each in one.judgements)
        found = limits.limits_on(limits.distinct(each.objective for each in judged), metric.name)
        return [each for each in found if each.limit.metric.name == metric.name]

    def in_words(self, metric: Metric) -> str:
        """Return the first and the last figure of each server in words."""
        said = []
        for server in self._result.servers:
            figures = self._figures(server, metric)
            ends = (
                f"{show_value(figures[n].value, metric.kind)} at {values(self._points[n])[0]}"
                for n in (0, -1)
            )
            said.append(f"{clean(server)}: {', '.join(ends)}")
        return f"{metric.title}, {'; '.join(said)}"

    def _figures(self, server: str, metric: Metric) -> list[Estimate]:
        return [self._result.estimate(p.number, server, metric.name) for p in self._points]

    def _scale(self) -> dict[str, Any]:
        if self._parameter.kind == "text":
            return {"type": "category"}
        numbers = [place for place in self._places if isinstance(place, float)]
        is_wide = bool(numbers) and numbers[0] > 0 and numbers[-1] / numbers[0] >= _WIDE
        return {"type": "log"} if is_wide else {}

    def _curve(
        self, found: Sequence[Estimate], position: int, metric: Metric, size: float
    ) -> dict[str, Any]:
        server, color = self._result.servers[position], server_color(position)
        outcomes = [self._outcomes.get((server, point.number)) for point in self._points]
        own = _SYMBOLS[position % len(_SYMBOLS)]
        marker = {
            "color": color,
            "size": [7 if each in {None, "pass"} else 10 for each in outcomes],
            "symbol": [_marked(own, each) for each in outcomes],
        }
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(truncated(server, 30)),
            # Plotly puts all that are of no group below each other, as soon as there is a group.
            "legendgroup": str(position),
            "x": list(self._places),
            "y": [None if one.value is None else one.value / size for one in found],
            "connectgaps": False,
            "line": {"color": color, "dash": server_dash(position)},
            "marker": marker if any(outcomes) else {"color": color, "size": 7, "symbol": own},
            "hovertext": [
                f"<b>{label(clean(server))}</b>, point {point.number}<br>"
                f"{label(values(point)[0])}<br>{metric.title} {show(one, metric.kind)}"
                + ("" if outcome is None else f"<br>objectives: {OUTCOMES[outcome]}")
                for point, one, outcome in zip(self._points, found, outcomes, strict=True)
            ],
            "hoverinfo": "text",
        }

    def _formulas(
        self, server: str, position: int, metric: Metric, size: float
    ) -> Iterator[dict[str, Any]]:
        """Yield the formulas of *server*: values as crosses, bounds as dotted lines."""
        for relation, words in (("=", "theory"), ("<=", "bound"), (">=", "bound")):
            known = [
                self._result.theory(point.number, server, metric.name, relation)
                for point in self._points
            ]
            if all(value is None for value in known):
                continue
            color = server_color(position)
            yield {
                "type": "scatter",
                "mode": "markers" if relation == "=" else "lines",
                "name": label(f"{truncated(server, 24)}: {words}"),
                "legendgroup": str(position),
                "x": list(self._places),
                "y": [None if value is None else value / size for value in known],
                "line": {"color": color, "dash": "dot", "width": 1},
                "marker": {"color": color, "size": 11, "symbol": "x-thin-open"},
                "hovertext": [
                    f"{label(clean(server))}: {words} {relation} {show_value(value, metric.kind)}"
                    for value in known
                ],
                "hoverinfo": "text",
            }

    def _offered(self, throughputs: Sequence[float]) -> Iterator[dict[str, Any]]:
        """Yield the line of the arrivals, not far above the highest throughput."""
        rates = [x for x in self._places if isinstance(x, float)]
        if self._parameter.name == RATE and rates and throughputs:
            # Drawn to the end it would squeeze the curves, where most arrivals are turned away.
            ends = [min(rates), min(max(rates), 1.15 * max(throughputs))]
            yield {
                "type": "scatter",
                "mode": "lines",
                "name": "arrivals",
                "legendgroup": "rates",
                "x": ends,
                "y": ends,
                "line": {"color": NEUTRAL, "width": 1},
                "hoverinfo": "skip",
            }

    def _saturation(self) -> Iterator[dict[str, Any]]:
        """Yield a line where each server saturates by theory, if that lies on the axis."""
        numbers = [x for x in self._places if isinstance(x, float)]
        for position, knee in enumerate(self._knees):
            if knee.theory is not None and min(numbers) <= knee.theory <= max(numbers):
                line = {"color": server_color(position), "dash": "dot", "width": 1.5}
                yield upright(knee.theory, knee.theory, line=line)


def _unit(parameter: Parameter, places: Sequence[float | str]) -> Unit:
    """Return the unit of an axis: that which suits durations; rates are per second."""
    if parameter.kind == "duration":
        return unit_of(max(x for x in places if isinstance(x, float)), "duration")
    return Unit(1.0, "/s" if parameter.kind == "rate" else "")


def _along(
    is_text: bool, points: Sequence[Point]
) -> tuple[tuple[Point, ...], tuple[float | str, ...]]:
    """Return *points* in the order of the axis, and their places on it: numbers, or words."""
    if is_text:
        return tuple(points), tuple(label(truncated(values(p)[0], 24)) for p in points)
    found = [
        (value.number, point)
        for point in points
        if (value := point.values[0]) is not None and value.number is not None
    ]
    found.sort(key=lambda pair: (pair[0], pair[1].number))
    return tuple(point for _, point in found), tuple(number for number, _ in found)


def _marked(symbol: str, outcome: Outcome | None) -> str:
    """Return the marker of a point: its server's *symbol*, unless an objective is not kept."""
    match outcome:
        case None | "pass":
            return symbol
        case "fail":
            return "x-thin-open"
        case "inconclusive":
            return f"{symbol}-open"
        case _:
            assert_never(outcome)


def _knee_marks(found: Sequence[Knee]) -> Iterator[dict[str, Any]]:
    rates = {knee.server: knee.rate for knee in found if knee.rate is not None}
    if rates:
        middles = [rate.value or 0.0 for rate in rates.values()]
        ends = [
            (middle if r.low is None else r.low, middle if r.high is None else r.high)
            for middle, r in zip(middles, rates.values(), strict=True)
        ]
        yield {
            "type": "scatter",
            "mode": "markers",
            "name": "knee",
            "legendgroup": "rates",
            "x": middles,
            "y": middles,
            "marker": {
                "symbol": "circle-open",
                "size": 16,
                "color": "#59626d",
                "line": {"width": 2},
            },
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [high - x for x, (_, high) in zip(middles, ends, strict=True)],
                "arrayminus": [x - low for x, (low, _) in zip(middles, ends, strict=True)],
            },
            "hovertext": [
                f"knee of <b>{label(clean(server))}</b>: {show(rate, 'rate')}"
                for server, rate in rates.items()
            ],
            "hoverinfo": "text",
        }
