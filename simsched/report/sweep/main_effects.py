"""What each of several parameters does by itself, as lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simsched.experiment.sweep.effects import Level, main_effect
from simsched.experiment.sweep.plan import Parameter
from simsched.experiment.sweep.series import Series
from simsched.report.figures import show_value
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import server_color, server_dash
from simsched.report.metric import Metric
from simsched.report.sweep.chart import is_steep, layout, ordinate, unit_for
from simsched.report.sweep.shown import title
from simsched.report.text import clean, truncated

_HEIGHT = 440

_MEDIAN = "Each point is the median over the points of the sweep that have the value"
_ALIKE = (
    ", where the other parameters are the same for every value; one that shares too few of them is "
    "left out."
)
_DRAWN = "; what the other parameters are there is random, as all of this sample."
_OVERLOAD = (
    " A server that does not keep up counts as slower than any that does; where most do not, the "
    "line has a gap."
)


def main_effects(series: Series, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figure of all parameters and *metrics*, the first of which it is told in."""
    count = len(series.result.plan.parameters)
    effects = [_effect(series, n, metric) for metric in metrics for n in range(count)]
    if told := [effect for effect in effects if effect.is_told]:
        yield Figure(
            id="effects",
            title="What each parameter does by itself",
            alt="; ".join(effect.words for effect in told if effect.shown is metrics[0]),
            views=tuple(effect.view() for effect in told),
            lede=_MEDIAN + (_DRAWN if series.result.is_sample else _ALIKE) + _OVERLOAD,
            picks="Figure",
        )


@dataclass(frozen=True)
class _Effect:
    """How *shown* goes with a parameter, for each server that tells it."""

    parameter: Parameter
    shown: Metric
    servers: Mapping[str, Sequence[Level]]

    @property
    def is_told(self) -> bool:
        """Whether there is something to draw."""
        return bool(self._medians)

    @property
    def words(self) -> str:
        """The first and the last level of each server."""
        told = (
            f"{clean(server)} {', '.join(self._level(one) for one in (levels[0], levels[-1]))}"
            for server, levels in self.servers.items()
            if levels
        )
        return f"{self.shown.title} by {clean(self.parameter.name)}: {'; '.join(told)}"

    def view(self) -> View:
        """Return it as lines, one for each server."""
        largest = max(self._medians)
        log = self.shown.kind == "duration" and is_steep(self._medians)
        axis: dict[str, Any] = {"title": {"text": label(title(self.parameter))}, "zeroline": False}
        if self._has_words:
            axis["type"] = "category"
        traces = [
            self._line(number, server, unit_for(self.shown, largest).size)
            for number, server in enumerate(self.servers)
        ]
        upright = ordinate(self.shown, largest, log=log)
        name = f"{self.shown.title} by {truncated(self.parameter.name, 40)}"
        return View(name, traces, layout(_HEIGHT, xaxis=axis, yaxis=upright))

    @cached_property
    def _medians(self) -> list[float]:
        every = (one.median for levels in self.servers.values() for one in levels)
        return [median for median in every if median is not None and median != math.inf]

    @cached_property
    def _has_words(self) -> bool:
        return any(one.number is None for levels in self.servers.values() for one in levels)

    def _line(self, number: int, server: str, size: float) -> dict[str, Any]:
        levels = self.servers[server]
        color, words = server_color(number), self._has_words
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(truncated(server, 30)),
            "x": [label(truncated(one.text, 24)) if words else one.number for one in levels],
            "y": [None if (m := _finite(one.median)) is None else m / size for one in levels],
            "line": {"color": color, "dash": server_dash(number)},
            "marker": {"color": color, "size": 8},
            "hovertext": [
                f"<b>{label(clean(server))}</b><br>{label(self._level(one))}<br>"
                f"{one.kept_up} of {len(one.found)} points have one"
                for one in levels
            ],
            "hoverinfo": "text",
        }

    def _level(self, one: Level) -> str:
        if one.median == math.inf:
            return f"{one.text}: mostly does not keep up"
        return f"{one.text}: {show_value(one.median, self.shown.kind)}"


def _effect(series: Series, position: int, shown: Metric) -> _Effect:
    result = series.result
    levels = {s: main_effect(result, series, position, s, shown.name) for s in result.servers}
    return _Effect(result.plan.parameters[position], shown, levels)


def _finite(value: float | None) -> float | None:
    return None if value == math.inf else value
