"""The curve of a search: the metric over what was varied, the limit, and where they meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.search.answer import Answer
from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Reading, Trial
from simsched.report.html.figure import Figure, label, single
from simsched.report.html.palette import NEUTRAL, server_color, server_dash
from simsched.report.search.capacity import Capacity
from simsched.report.search.sentences import sentence
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import Metric, parse_metric, show_value
from simsched.statistics import slo
from simsched.statistics.slo import Objective
from simsched.statistics.words.numbers import Unit, unit_of
from simsched.units import SECOND

_HEIGHT = 440
_ABOVE = 2.5
"""How many times the limit a figure reaches up: what lies beyond is far from meeting it."""

_BAND = 0.18
_LEGEND = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0}


def figures(found: Capacity) -> tuple[Figure, ...]:
    """Return a figure for each limit that there is something to show of."""
    objectives = dict.fromkeys(
        (each.limit.metric.name, each.request) for one in found.answers for each in one.objectives
    )
    drawn = (_Curve.of(found, *key, number) for number, key in enumerate(objectives, 1))
    return tuple(curve.figure() for curve in drawn if any(curve.points(a) for a in found.answers))


@dataclass(frozen=True)
class _Curve:
    """One metric over what was varied, of all servers.

    Attributes:
        found: the answers.
        objective: the limit, as the first server has it.
        shown: how the metric is shown.
        unit: the unit of the vertical axis.
        number: which figure of the page it is, from 1.
    """

    found: Capacity
    objective: Objective
    shown: Metric
    unit: Unit
    number: int

    @classmethod
    def of(cls, found: Capacity, name: str, request: str | None, number: int) -> _Curve:
        objective = next(
            each
            for answer in found.answers
            for each in answer.objectives
            if (each.limit.metric.name, each.request) == (name, request)
        )
        shown = parse_metric(name)
        return cls(found, objective, shown, unit_of(objective.limit.value, shown.kind), number)

    def figure(self) -> Figure:
        of = "" if self.objective.request is None else f" of {clean(self.objective.request)}"
        parameter = self.found.answers[0].parameter
        return Figure(
            id=f"curve-{self.number}",
            title=f"{self.objective.limit.metric.text}{of} over {parameter.path}",
            alt=" ".join(f"{sentence(answer)}." for answer in self.found.answers),
            views=single(self._data(), self._layout(parameter)),
            lede=(
                "Points are values that were tried, the shade around them their intervals. The "
                "upright band holds the values at which the limit, dashed, cannot be told from the "
                "metric."
            ),
        )

    def points(self, answer: Answer) -> list[tuple[Trial, Reading, float]]:
        """Return the values of *answer* that have a figure, each with it."""
        return [
            (trial, reading, reading.figure.value)
            for trial in answer.trials
            for reading in trial.readings
            if reading.objective.limit.metric.name == self.objective.limit.metric.name
            and reading.objective.request == self.objective.request
            and reading.figure.value is not None
        ]

    def _data(self) -> list[dict[str, Any]]:
        return [
            trace
            for position, answer in enumerate(self.found.answers)
            for trace in self._traces(position, answer)
        ]

    def _traces(self, position: int, answer: Answer) -> Iterator[dict[str, Any]]:
        points = self.points(answer)
        if not points:
            return
        yield self._band(position, points, answer.parameter)
        yield self._line(position, points, answer)
        if any(reading.formula is not None for _, reading, _ in points):
            yield self._formula(position, points, answer)

    def _line(
        self, position: int, points: Sequence[tuple[Trial, Reading, float]], answer: Answer
    ) -> dict[str, Any]:
        color = server_color(position)
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(truncated(answer.server, 30)),
            "legendgroup": str(position),
            "x": [_abscissa(answer.parameter, trial.value) for trial, *_ in points],
            "y": [value / self.unit.size for *_, value in points],
            "line": {"color": color, "dash": server_dash(position), "width": 2},
            "marker": {"color": color, "size": 7},
            "hovertext": [self._told(answer, *point) for point in points],
            "hoverinfo": "text",
        }

    def _band(
        self,
        position: int,
        points: Sequence[tuple[Trial, Reading, float]],
        parameter: Parameter,
    ) -> dict[str, Any]:
        """Return the interval along the curve, as an area."""
        whole = [
            (_abscissa(parameter, trial.value), reading.figure.low, reading.figure.high)
            for trial, reading, _ in points
            if reading.figure.low is not None and reading.figure.high is not None
        ]
        there = [(x, low / self.unit.size) for x, low, _ in whole]
        back = [(x, high / self.unit.size) for x, _, high in reversed(whole)]
        return {
            "type": "scatter",
            "mode": "lines",
            "legendgroup": str(position),
            "showlegend": False,
            "x": [x for x, _ in (*there, *back)],
            "y": [y for _, y in (*there, *back)],
            "fill": "toself",
            "fillcolor": _shade(server_color(position)),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }

    def _formula(
        self, position: int, points: Sequence[tuple[Trial, Reading, float]], answer: Answer
    ) -> dict[str, Any]:
        known = [
            (_abscissa(answer.parameter, trial.value), reading.formula / self.unit.size)
            for trial, reading, _ in points
            if reading.formula is not None
        ]
        return {
            "type": "scatter",
            "mode": "markers",
            "name": label(f"{truncated(answer.server, 30)}, by formula"),
            "legendgroup": str(position),
            "x": [x for x, _ in known],
            "y": [y for _, y in known],
            "marker": {"symbol": "x-thin-open", "size": 9, "color": NEUTRAL},
            "hoverinfo": "y",
        }

    def _told(self, answer: Answer, trial: Trial, reading: Reading, value: float) -> str:
        kind = self.objective.limit.metric.kind
        told = show_value(value, kind)
        if reading.figure.low is not None and reading.figure.high is not None:
            ends = [show_value(end, kind) for end in (reading.figure.low, reading.figure.high)]
            told += f" [{ends[0]}, {ends[1]}]"
        return (
            f"<b>{label(clean(answer.server))}</b><br>{told}<br>at "
            f"{answer.parameter.show(trial.value)}, {trial.replications} replications"
        )

    def _layout(self, parameter: Parameter) -> dict[str, Any]:
        limit = self.objective.limit.value / self.unit.size
        counted = {"/s": "per second", "": ""}.get(self.unit.name, self.unit.name)
        title = f"{self.shown.title} ({counted})" if counted else self.shown.title
        return {
            "height": _HEIGHT,
            "hovermode": "closest",
            "margin": {"t": 8, "r": 24, "b": 56, "l": 64},
            "legend": _LEGEND,
            "xaxis": {"title": {"text": label(_axis(parameter))}, "zeroline": False},
            "yaxis": {"title": {"text": title}, "automargin": True, **self._range(limit)},
            "shapes": [_limit_line(limit), *self._boundaries()],
            "annotations": [_limit_name(limit, self.objective)],
        }

    def _range(self, limit: float) -> dict[str, Any]:
        """Return how far the vertical axis reaches: not to delays far beyond their limit."""
        values = [
            (reading.figure.high or value) / self.unit.size
            for answer in self.found.answers
            for _, reading, value in self.points(answer)
        ]
        if not slo.is_delay(self.objective.limit) or max(values) <= _ABOVE * limit:
            return {"rangemode": "tozero"}
        return {"range": [0, _ABOVE * limit]}

    def _boundaries(self) -> Iterator[dict[str, Any]]:
        for position, answer in enumerate(self.found.answers):
            low, high = answer.boundary.low, answer.boundary.high
            if low is None or high is None:
                continue
            x0, x1 = (_abscissa(answer.parameter, end) for end in (low, high))
            yield {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": x0,
                "x1": x1,
                "y0": 0,
                "y1": 1,
                "fillcolor": _shade(server_color(position)),
                "line": {"width": 1, "color": server_color(position)},
                "layer": "below",
            }


def _abscissa(parameter: Parameter, value: float) -> float:
    return value / SECOND * 1000 if parameter.kind == "duration" else value


def _axis(parameter: Parameter) -> str:
    """Return what the horizontal axis is called."""
    unit = {"duration": " (ms)", "rate": " (per second)"}.get(parameter.kind, "")
    return f"{clean(parameter.path)}{unit}"


def _shade(color: str) -> str:
    red, green, blue = (int(color[n : n + 2], 16) for n in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_BAND})"


def _limit_line(limit: float) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "yref": "y",
        "x0": 0,
        "x1": 1,
        "y0": limit,
        "y1": limit,
        "line": {"width": 2, "dash": "dash", "color": NEUTRAL},
    }


def _limit_name(limit: float, objective: Objective) -> dict[str, Any]:
    shown = show_value(objective.limit.value, objective.limit.metric.kind)
    return {
        "xref": "paper",
        "yref": "y",
        "x": 0,
        "y": limit,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"limit {shown}",
    }
