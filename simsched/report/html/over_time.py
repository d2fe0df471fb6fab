"""The first replication over time: how full the system was and how quickly it answered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html import multiples
from simsched.report.html.events import event_names, event_shapes
from simsched.report.html.figure import (
    PLAIN,
    UNIFIED,
    Explorable,
    Figure,
    View,
    heading,
    label,
    layout,
    line,
    numbered,
)
from simsched.report.html.palette import NEUTRAL
from simsched.report.html.panels import Panel, Series, panels_of
from simsched.report.scope import first_replication
from simsched.report.text import clean, truncated
from simsched.report.verdict import MANY
from simsched.scenario.number_format import Kind, show_value
from simsched.statistics.presence import goes_on
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, unit_of

_PANEL_PIXELS = 120
_FEW = 4
_DIGITS = 9
_SCALES = {"duration": 1e3, "share": 1e2}
_UNITS = {"duration": " (ms)", "share": " (%)"}


def over_time_figure(result: Result, *, in_one: bool = False) -> Figure | None:
    """Return the first replication of every server over time; None for runs of no length.

    With *in_one* all servers are in one panel of each figure, however many they are.
    """
    traces = {server: traces[0] for server, traces in result.traces.items() if traces[0].end_ns}
    if not traces:
        return None
    found = panels_of(traces)
    panels = (found[0], *(panel for panel in found[1:] if panel.highest))
    empty = [clean(panel.subject.title) for panel in found if panel not in panels]
    end_ns = max(trace.end_ns for trace in traces.values())
    unit = unit_of(end_ns / 1e9, "duration")
    return Figure(
        id="over-time",
        title="Over time",
        alt=". ".join(_in_words(panel) for panel in panels),
        views=_views(result, panels, unit, end_ns, in_one=in_one),
        lede=_lede(result, panels, empty),
        picks="Figure",
    )


def _views(
    result: Result, panels: Sequence[Panel], unit: Unit, end_ns: int, *, in_one: bool
) -> tuple[View, ...]:
    """Return all *panels* below each other; of many servers one figure at a time, side by side."""
    whole = View(
        "",
        [trace for n, panel in enumerate(panels, 1) for trace in _lines(panel, n, unit.size)],
        _layout(panels, unit.name, event_names(result, unit.size * 1e9, _top(0, len(panels))))
        | {"shapes": [*_shades(result, unit.size, end_ns), *_limits(panels)]}
        | UNIFIED
        | {"hoversubplots": "axis"}
        | Explorable(zoom="time", size=unit.size).layout,
    )
    if in_one or len(result.servers) <= MANY:
        return (whole,)
    plan = layout(0, f"simulated time ({unit.name})") | UNIFIED
    plan |= Explorable(zoom="time", size=unit.size).layout
    plan["yaxis"] |= {"rangemode": "tozero", **PLAIN}
    named = [panel.title + _UNITS.get(panel.subject.kind, "") for panel in panels]
    return tuple(
        multiples.in_panels(View(title, _lines(panel, 1, unit.size), plan), [*result.servers])
        for title, panel in zip(named, panels, strict=True)
    )


def _shades(result: Result, size: float, end_ns: int) -> list[dict[str, Any]]:
    """Return what is shaded: the warm-up, and the events."""
    return [*_warmups(result, size), *event_shapes(result, size * 1e9, 0, end_ns)]


def _lines(panel: Panel, number: int, size: float) -> list[dict[str, Any]]:
    return [
        _line(panel, series, size) | {"yaxis": numbered("y", number), "showlegend": number == 1}
        for series in panel.series
    ]


def _line(panel: Panel, series: Series, size: float) -> dict[str, Any]:
    values = [None if math.isnan(value) else value for value in series.values]
    mean = "" if series.over_s is None else f" (mean over {show_value(series.over_s, 'duration')})"
    # What all points share stands once, as a page of many servers would else be twice as large.
    shared = f"<b>{label(truncated(series.server, 30))}</b>, {label(panel.subject.title)}{mean}"
    texts = [series.shown(value, panel.subject.kind) for value in values]
    scale = _SCALES.get(panel.subject.kind, 1.0)
    y = [None if value is None else round(value * scale, _DIGITS) for value in values]
    x = [round(time / size, _DIGITS) for time in series.times_s]
    return line(series.server, series.position, x, y) | {
        "hovertext": texts,
        "hovertemplate": f"{shared}: %{{hovertext}}<extra></extra>",
    }


def _top(number: int, count: int) -> float:
    """Return how high the panel of that *number*, from 0, reaches."""
    return 1 - number / count - 0.25 / count


def _layout(panels: Sequence[Panel], unit: str, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    count = len(panels)
    tops = [_top(n, count) for n in range(count)]
    plan = layout(90 + _PANEL_PIXELS * count, f"simulated time ({unit})")
    plan["xaxis"]["anchor"] = numbered("y", count)
    axes = {
        numbered("yaxis", n): {
            "domain": [1 - n / count + 0.05 / count, top],
            "rangemode": "tozero",
            "nticks": 4,
            **PLAIN,
            **_whole(panels[n - 1]),
            **plan["yaxis"],
        }
        for n, top in enumerate(tops, start=1)
    }
    titles = [
        heading(panel.title + _UNITS.get(panel.subject.kind, ""), y=top)
        for panel, top in zip(panels, tops, strict=True)
    ]
    return plan | axes | {"annotations": [*titles, *events]}


def _whole(panel: Panel) -> dict[str, Any]:
    """Return ticks at whole numbers, where few are counted and one of them is reached."""
    few = panel.subject.kind == "count" and 1 <= panel.highest <= _FEW
    return {"dtick": 1} if few else {}


def _warmups(result: Result, size: float) -> list[dict[str, Any]]:
    """Return the warm-up of the first replication, shaded; the longest of the servers."""
    ends = [one.warmup[0].time_ns / 1e9 for one in result.servers.values() if one.warmup]
    if not any(ends):
        return []
    area = {"x0": 0, "x1": max(ends) / size, "y0": 0, "y1": 1, "yref": "paper", "xref": "x"}
    return [{"type": "rect", **area, "fillcolor": NEUTRAL, "opacity": 0.2, "line": {"width": 0}}]


def _limits(panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    """Yield a line at what no server can pass, where one comes near."""
    for number, panel in enumerate(panels, start=1):
        if panel.limit is not None and 2 * panel.highest >= panel.limit:
            line = {"width": 1, "dash": "dot", "color": NEUTRAL}
            ends = {"x0": 0, "x1": 1, "y0": panel.limit, "y1": panel.limit}
            refs = {"xref": "paper", "yref": numbered("y", number)}
            yield {"type": "line", "layer": "below", **refs, **ends, "line": line}


def _lede(result: Result, panels: Sequence[Panel], empty: Sequence[str]) -> str:
    is_retried = any(goes_on(traces[0]) for traces in result.traces.values())
    return words.sentences(
        first_replication(result),
        words.mean_steps(one.over_s for panel in panels for one in panel.series if one.over_s),
        words.WARMUP_SHADED if _warmups(result, 1.0) else "",
        words.GIVEN_UP if is_retried else "",
        words.always_zero(empty),
    )


def _in_words(panel: Panel) -> str:
    most = (_most(series, panel.subject.kind) for series in panel.series)
    return f"{clean(panel.subject.title)}: {', '.join(most)}"


def _most(series: Series, kind: Kind) -> str:
    mean = "" if series.over_s is None else f" (mean over {show_value(series.over_s, 'duration')})"
    return f"up to {series.shown(series.highest, kind)} on {truncated(series.server, 60)}{mean}"
