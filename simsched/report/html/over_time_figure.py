"""The first replication over time: how full the system was and how quickly it answered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.result import Result
from simsched.report.figures import show_value, unit_of
from simsched.report.html.figure import Figure, label, single
from simsched.report.html.lines import LEGEND, line
from simsched.report.html.palette import NEUTRAL
from simsched.report.metric import Kind
from simsched.report.text import truncated
from simsched.statistics.over_time import INTERVALS, OverTime, over_time
from simsched.workload.columns import Floats

_PER_INTERVAL = 20
_FEWEST_INTERVALS = 10
_PANEL_PIXELS = 120


@dataclass(frozen=True, slots=True)
class _Panel:
    """One figure over time: its title, its kind, and where it is found."""

    title: str
    kind: Kind
    values: Callable[[OverTime], Floats]


_COUNTS = (
    _Panel("in the system", "plain", lambda o: o.in_flight),
    _Panel("in the queue", "plain", lambda o: o.queue_length),
)
_RATES = (
    _Panel("answered per second", "rate", lambda o: o.throughput_per_s),
    _Panel("CPU used by answered", "fraction", lambda o: o.cpu_share),
    _Panel("waiting for the CPU", "duration", lambda o: o.cpu_wait_s),
)


def over_time_figure(result: Result) -> Figure | None:
    """Return the first replication of every server over time; None for runs of no length."""
    firsts = {server: traces[0] for server, traces in result.traces.items()}
    each = min(map(len, firsts.values()), default=0) // _PER_INTERVAL
    intervals = min(max(each, _FEWEST_INTERVALS), INTERVALS)
    is_long = each >= _FEWEST_INTERVALS
    found = {s: over_time(t, intervals if is_long else INTERVALS) for s, t in firsts.items()}
    runs = {server: one for server, one in found.items() if one is not None}
    if not runs:
        return None
    panels = (*_COUNTS, *_RATES) if is_long else _COUNTS
    unit = unit_of(max(float(run.edges_s[-1]) for run in runs.values()), "duration")
    return Figure(
        id="over-time",
        title="Over time",
        alt=". ".join(_in_words(server, run) for server, run in runs.items()),
        views=single(
            [trace for n, p in enumerate(panels, 1) for trace in _lines(p, n, runs, unit.size)],
            _layout(panels, unit.name) | {"shapes": _warmups(result, unit.size)},
        ),
        lede=_lede(result),
    )


def _lines(
    panel: _Panel, number: int, runs: Mapping[str, OverTime], size: float
) -> list[dict[str, Any]]:
    return [
        _line(panel, server, position, run, size)
        | {"yaxis": _numbered("y", number), "showlegend": number == 1}
        for position, (server, run) in enumerate(runs.items())
    ]


def _line(panel: _Panel, server: str, position: int, run: OverTime, size: float) -> dict[str, Any]:
    values = [None if math.isnan(v) else v for v in panel.values(run).tolist()]
    told = [
        f"<b>{label(truncated(server, 30))}</b><br>{panel.title}: {show_value(v, panel.kind)}"
        f"<br>from {show_value(start, 'duration')}"
        for v, start in zip(values, run.edges_s.tolist(), strict=False)
    ]
    scale = {"duration": 1e3, "fraction": 1e2}.get(panel.kind, 1.0)
    y = [None if v is None else v * scale for v in values]
    x = (run.edges_s / size).tolist()
    return line(server, position, x, [*y, y[-1]]) | {"hovertext": [*told, ""]}


def _numbered(axis: str, number: int) -> str:
    return axis if number == 1 else f"{axis}{number}"


def _layout(panels: Sequence[_Panel], unit: str) -> dict[str, Any]:
    count = len(panels)
    units = {"duration": " (ms)", "fraction": " (%)"}
    axes = {
        f"yaxis{'' if n == 1 else n}": {
            "domain": [1 - n / count + 0.05 / count, 1 - (n - 1) / count - 0.25 / count],
            "rangemode": "tozero",
            "nticks": 4,
            "fixedrange": True,
            "automargin": True,
        }
        for n in range(1, count + 1)
    }
    last = _numbered("y", count)
    return {
        "height": 90 + _PANEL_PIXELS * count,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 16, "b": 48, "l": 8},
        "legend": LEGEND,
        "showlegend": True,
        "xaxis": {"title": {"text": f"simulated time ({unit})"}, "anchor": last, "zeroline": False},
        "annotations": [
            _title(panel.title + units.get(panel.kind, ""), 1 - (n - 1) / count - 0.25 / count)
            for n, panel in enumerate(panels, start=1)
        ],
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


def _lede(result: Result) -> str:
    first = "The first replication. " if (result.scenarios[0].run.replications or 1) > 1 else ""
    shaded = "The warm-up is shaded: figures leave it out." if _warmups(result, 1.0) else ""
    return first + shaded


def _in_words(server: str, run: OverTime) -> str:
    most = show_value(float(run.in_flight.max()), "plain")
    queue = show_value(float(run.queue_length.max()), "plain")
    return f"{truncated(server, 60)}: up to {most} requests in the system and {queue} in the queue"
