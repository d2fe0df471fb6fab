"""The first replication over time: how full the system was and how quickly it answered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Trace
from simsched.experiment.result import Result
from simsched.report.figures import show_value, unit_of
from simsched.report.html.events import names, shapes
from simsched.report.html.figure import Figure, label, single
from simsched.report.html.lines import LEGEND, line
from simsched.report.html.palette import NEUTRAL
from simsched.report.metric import Kind
from simsched.report.text import truncated
from simsched.statistics.over_time import INTERVALS, OverTime, count_steps, left, over_time

_PER_INTERVAL = 20
_FEWEST_INTERVALS = 10
_PANEL_PIXELS = 120
_SCALES = {"duration": 1e3, "fraction": 1e2}
_UNITS = {"duration": " (ms)", "fraction": " (%)"}


@dataclass(frozen=True, slots=True)
class _Series:
    """Steps of one figure of one server: instants in seconds, and the value from each on."""

    server: str
    position: int
    times_s: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class _Panel:
    """One figure over time: its title, its kind, and every server's steps."""

    title: str
    kind: Kind
    series: tuple[_Series, ...]

    @property
    def says_something(self) -> bool:
        """Whether it is ever anything but zero."""
        return any(value > 0 for series in self.series for value in series.values)


def over_time_figure(result: Result) -> Figure | None:
    """Return the first replication of every server over time; None for runs of no length."""
    traces = {server: traces[0] for server, traces in result.traces.items() if traces[0].end_ns}
    if not traces:
        return None
    intervals = min(min(map(len, traces.values())) // _PER_INTERVAL, INTERVALS)
    found = _long(traces, intervals) if intervals >= _FEWEST_INTERVALS else _short(traces)
    panels = (found[0], *(panel for panel in found[1:] if panel.says_something))
    empty = [panel.title for panel in found if panel not in panels]
    end_ns = max(trace.end_ns for trace in traces.values())
    unit = unit_of(end_ns / 1e9, "duration")
    size_ns = unit.size * 1e9
    return Figure(
        id="over-time",
        title="Over time",
        alt=". ".join(_in_words(panel) for panel in panels[:2]),
        views=single(
            [trace for n, panel in enumerate(panels, 1) for trace in _lines(panel, n, unit.size)],
            _layout(panels, unit.name, names(result, size_ns, _top(0, len(panels))))
            | {"shapes": [*_warmups(result, unit.size), *shapes(result, size_ns, 0, end_ns)]},
        ),
        lede=_lede(result, empty),
    )


def _short(traces: Mapping[str, Trace]) -> tuple[_Panel, ...]:
    """Return every change in the numbers of requests, of runs with few of them."""
    flight, queue = [], []
    for position, (server, trace) in enumerate(traces.items()):
        times, counts = count_steps(trace.arrival_ns, left(trace))
        flight.append(_Series(server, position, times.tolist(), counts.tolist()))
        times, counts = count_steps(trace.arrival_ns, trace.arrival_ns + trace.queue_ns)
        queue.append(_Series(server, position, times.tolist(), counts.tolist()))
    return (
        _Panel("in the system", "plain", tuple(flight)),
        _Panel("in the queue", "plain", tuple(queue)),
    )


def _long(traces: Mapping[str, Trace], intervals: int) -> tuple[_Panel, ...]:
    """Return means over equal intervals, of runs with many requests."""
    found = {server: over_time(trace, intervals) for server, trace in traces.items()}
    runs = {server: run for server, run in found.items() if run is not None}
    return (
        _panel("in the system", "plain", runs, lambda run: run.in_flight),
        _panel("in the queue", "plain", runs, lambda run: run.queue_length),
        _panel("answered per second", "rate", runs, lambda run: run.throughput_per_s),
        _panel("without an answer per second", "rate", runs, lambda run: run.failures_per_s),
        _panel("CPU used by answered", "fraction", runs, lambda run: run.cpu_share),
        _panel("waiting for the CPU", "duration", runs, lambda run: run.cpu_wait_s),
        _panel("waiting for a resource", "duration", runs, lambda run: run.io_wait_s),
    )


def _panel(
    title: str, kind: Kind, runs: Mapping[str, OverTime], values: Callable[[OverTime], Any]
) -> _Panel:
    return _Panel(
        title,
        kind,
        tuple(
            _Series(server, position, run.edges_s.tolist(), [*(v := values(run).tolist()), v[-1]])
            for position, (server, run) in enumerate(runs.items())
        ),
    )


def _lines(panel: _Panel, number: int, size: float) -> list[dict[str, Any]]:
    return [
        _line(panel, series, size) | {"yaxis": _numbered("y", number), "showlegend": number == 1}
        for series in panel.series
    ]


def _line(panel: _Panel, series: _Series, size: float) -> dict[str, Any]:
    values = [None if math.isnan(value) else value for value in series.values]
    told = [
        f"<b>{label(truncated(series.server, 30))}</b><br>{panel.title}: "
        f"{show_value(value, panel.kind)}<br>from {show_value(start, 'duration')}"
        for value, start in zip(values, series.times_s, strict=True)
    ]
    scale = _SCALES.get(panel.kind, 1.0)
    y = [None if value is None else value * scale for value in values]
    x = [time / size for time in series.times_s]
    return line(series.server, series.position, x, y) | {"hovertext": told}


def _numbered(axis: str, number: int) -> str:
    return axis if number == 1 else f"{axis}{number}"


def _top(number: int, count: int) -> float:
    """Return how high the panel of that *number*, from 0, reaches."""
    return 1 - number / count - 0.25 / count


def _layout(
    panels: Sequence[_Panel], unit: str, events: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    count = len(panels)
    tops = [_top(n, count) for n in range(count)]
    axes = {
        _numbered("yaxis", n): {
            "domain": [1 - n / count + 0.05 / count, top],
            "rangemode": "tozero",
            "nticks": 4,
            "fixedrange": True,
            "automargin": True,
        }
        for n, top in enumerate(tops, start=1)
    }
    return {
        "height": 90 + _PANEL_PIXELS * count,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 16, "b": 48, "l": 8},
        "legend": LEGEND,
        "showlegend": True,
        "xaxis": {
            "title": {"text": f"simulated time ({unit})"},
            "anchor": _numbered("y", count),
            "zeroline": False,
        },
        "annotations": [
            _title(panel.title + _UNITS.get(panel.kind, ""), top)
            for panel, top in zip(panels, tops, strict=True)
        ]
        + list(events),
        **axes,
    }


def _title(text: str, top: float) -> dict[str, Any]:
    return {
        "text": f"<b>{text}</b>",
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": top,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _warmups(result: Result, size: float) -> list[dict[str, Any]]:
    """Return the warm-up of the first replication, shaded; the longest of the servers."""
    ends = [one.warmup[0].time_ns / 1e9 for one in result.servers.values() if one.warmup]
    if not any(ends):
        return []
    area = {"x0": 0, "x1": max(ends) / size, "y0": 0, "y1": 1, "yref": "paper", "xref": "x"}
    return [{"type": "rect", **area, "fillcolor": NEUTRAL, "opacity": 0.2, "line": {"width": 0}}]


def _lede(result: Result, empty: Sequence[str]) -> str:
    first = "The first replication. " if (result.scenarios[0].run.replications or 1) > 1 else ""
    shaded = "The warm-up is shaded: figures leave it out." if _warmups(result, 1.0) else ""
    absent = f" Always 0, and not drawn: {', '.join(empty)}." if empty else ""
    return (first + shaded + absent).strip()


def _in_words(panel: _Panel) -> str:
    most = (
        f"up to {show_value(max(series.values), panel.kind)} on {truncated(series.server, 60)}"
        for series in panel.series
    )
    return f"Requests {panel.title}: {', '.join(most)}"
