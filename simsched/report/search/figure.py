"""The figures of searches: a metric over the values that were tried, and the designs compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.search.best import Fate, Selection, Standing
from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.question import Answer
from simsched.experiment.search.trial import Trial
from simsched.report.html.figure import Figure, label, layout, single
from simsched.report.html.palette import INK, NEUTRAL, server_color, server_dash
from simsched.report.search.sentences import sentence, zone
from simsched.report.sweep.axes import band, metric_title, shade, upright
from simsched.report.text import clean, truncated
from simsched.scenario.number_format import show_value
from simsched.statistics import slo
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective
from simsched.statistics.words.numbers import Unit, show, unit_of
from simsched.units import SECOND

# A figure reaches so many times as high as the limit: what lies beyond is far from keeping it.
_ABOVE = 2.5

MOST = 40
"""Of more designs the figure shows the best."""

# Longer names would leave no room for the figure on a narrow page; the table has them in full.
_LONGEST = 24

Point = tuple[Trial, Estimate, float]
"""A trial with the figure of one metric, and its value."""


def curves(answers: Sequence[Answer]) -> tuple[Figure, ...]:
    """Return a figure for each limit on a metric that was measured."""
    objectives: dict[tuple[str, str | None], Objective] = {}
    for each in (objective for answer in answers for objective in answer.objectives):
        objectives.setdefault((each.limit.metric.name, each.request), each)
    drawn = (_Curve(answers, each) for each in objectives.values())
    return tuple(
        curve.figure(number)
        for number, curve in enumerate(drawn, 1)
        if any(map(curve.points, answers))
    )


@dataclass(frozen=True)
class _Curve:
    """The metric of one *objective* over what was varied, of all servers."""

    answers: Sequence[Answer]
    objective: Objective

    def figure(self, number: int) -> Figure:
        of = "" if self.objective.request is None else f" of {clean(self.objective.request)}"
        path = self.answers[0].parameter.path
        traces = (
            trace for n, answer in enumerate(self.answers) for trace in self._traces(n, answer)
        )
        return Figure(
            id=f"curve-{number}",
            title=f"{self.objective.limit.metric.text}{of} over {path}",
            alt=" ".join(f"{sentence(answer)}." for answer in self.answers),
            views=single(list(traces), self._layout()),
            lede=(
                "Points are values that were tried, with their intervals shaded. The vertical band "
                "holds the values at which the interval of the metric contains the limit (dashed)."
            ),
        )

    @property
    def unit(self) -> Unit:
        return unit_of(self.objective.limit.value, self.objective.limit.metric.kind)

    def points(self, answer: Answer) -> list[Point]:
        """Return the trials of *answer* that have a figure of the metric."""
        name, request = self.objective.limit.metric.name, self.objective.request
        return [
            (trial, each.figure, each.figure.value)
            for trial in answer.trials
            for each in trial.readings
            if each.objective.limit.metric.name == name
            and each.objective.request == request
            and each.figure.value is not None
        ]

    def _traces(self, position: int, answer: Answer) -> Iterator[dict[str, Any]]:
        points = self.points(answer)
        if points:
            places = [_abscissa(answer.parameter, trial.value) for trial, *_ in points]
            yield from band(position, places, [figure for _, figure, _ in points], self.unit.size)
            yield self._line(position, points, answer)

    def _line(self, position: int, points: Sequence[Point], answer: Answer) -> dict[str, Any]:
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
            "hovertext": [self._hover(answer, trial, figure) for trial, figure, _ in points],
            "hoverinfo": "text",
        }

    def _hover(self, answer: Answer, trial: Trial, figure: Estimate) -> str:
        return (
            f"<b>{label(clean(answer.server))}</b><br>"
            f"{show(figure, self.objective.limit.metric.kind)}<br>at "
            f"{answer.parameter.show(trial.value)}, {trial.replications} replications"
        )

    def _layout(self) -> dict[str, Any]:
        limit = self.objective.limit.value / self.unit.size
        shown = show_value(self.objective.limit.value, self.objective.limit.metric.kind)
        across = {"xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": limit, "y1": limit}
        line = {"type": "line", **across, "line": {"width": 2, "dash": "dash", "color": NEUTRAL}}
        name = {"xref": "paper", "yref": "y", "x": 0, "y": limit, "text": f"limit {shown}"}
        place = {"xanchor": "left", "yanchor": "bottom", "showarrow": False}
        title = {"text": metric_title(self.objective.limit.metric, self.unit)}
        y = {"title": title, **self._range(limit)}
        found = layout(440, _axis(self.answers[0].parameter), y=y)
        return found | {"shapes": [line, *self._boundaries()], "annotations": [name | place]}

    def _range(self, limit: float) -> dict[str, Any]:
        """Return how far the vertical axis reaches: not to delays far beyond their limit."""
        values = [
            (figure.high or value) / self.unit.size
            for answer in self.answers
            for _, figure, value in self.points(answer)
        ]
        if not slo.is_delay(self.objective.limit) or max(values) <= _ABOVE * limit:
            return {"rangemode": "tozero"}
        return {"range": [0, _ABOVE * limit]}

    def _boundaries(self) -> Iterator[dict[str, Any]]:
        for position, answer in enumerate(self.answers):
            low, high = answer.boundary.low, answer.boundary.high
            if low is not None and high is not None:
                line = {"width": 1, "color": server_color(position)}
                ends = (_abscissa(answer.parameter, end) for end in (low, high))
                yield upright(*ends, fillcolor=shade(position), line=line)


def _abscissa(parameter: Parameter, value: float) -> float:
    return value / SECOND * 1000 if parameter.kind == "duration" else value


def _axis(parameter: Parameter) -> str:
    unit = {"duration": " (ms)", "rate": " (per second)"}.get(parameter.kind, "")
    return label(f"{clean(parameter.path)}{unit}")


# How a design is drawn: the name of its fate, its colour and its mark.
_LOOKS: dict[Fate, tuple[str, str, str]] = {
    "selected": ("selected", INK, "diamond"),
    "tied": ("as good", INK, "circle"),
    "undecided": ("undecided", INK, "circle-open"),
    "out": ("worse", NEUTRAL, "x"),
}


def standings(found: Selection) -> tuple[Figure, ...]:
    """Return the figure of each design's mean; none where fewer than two were compared."""
    shown = [each for each in found.standings if each.mean is not None][:MOST]
    if len(shown) < 2:  # noqa: PLR2004
        return ()
    names = {
        f"{n}. {label(truncated(clean(each.name), _LONGEST))}": each
        for n, each in enumerate(shown, 1)
    }
    asked = found.criterion.metric
    unit = unit_of(max(each.mean or 0.0 for each in shown) or 1.0, asked.kind)
    best = f"The best {MOST} of {len(found.standings)} designs. " * (len(found.standings) > MOST)
    figure = Figure(
        id="designs",
        title=f"{asked.text} of each design",
        alt="; ".join(f"{each.name}: {_result(found, each)}" for each in shown),
        views=single(_markers(found, names, unit), _standings_layout(found, names, unit)),
        lede=f"{best}The shade is the indifference zone of {zone(found)} beside the best.",
    )
    return (figure,)


def _markers(found: Selection, shown: Mapping[str, Standing], unit: Unit) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": words,
            "x": [(each.mean or 0.0) / unit.size for each in ours.values()],
            "y": [*ours],
            "marker": {"color": color, "symbol": symbol, "size": 11},
            "hovertext": [
                f"<b>{label(truncated(clean(each.name), 80))}</b><br>{_result(found, each)}"
                for each in ours.values()
            ],
            "hoverinfo": "text",
        }
        for fate, (words, color, symbol) in _LOOKS.items()
        if (ours := {name: each for name, each in shown.items() if each.fate == fate})
    ]


def _standings_layout(
    found: Selection, shown: Mapping[str, Standing], unit: Unit
) -> dict[str, Any]:
    names = {"categoryorder": "array", "categoryarray": [*shown][::-1]}
    title = metric_title(found.criterion.metric, unit)
    own = layout(110 + 26 * len(shown), title, y={"type": "category", **names})
    return own | {"shapes": list(_zone(found, unit))}


def _zone(found: Selection, unit: Unit) -> Iterator[dict[str, Any]]:
    if found.best is not None and found.best.mean is not None:
        reach = found.zone if found.criterion.aim == "minimize" else -found.zone
        ends = sorted((found.best.mean / unit.size, (found.best.mean + reach) / unit.size))
        yield upright(*ends, fillcolor="rgba(138,143,152,0.18)", line={"width": 0})


def _result(found: Selection, standing: Standing) -> str:
    mean = show_value(standing.mean or 0.0, found.criterion.metric.kind)
    return f"{mean}, {standing.replications} replications"
