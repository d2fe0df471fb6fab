"""Completion order of long runs: how many places requests gain and lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsched.experiment.result import Result
from simsched.report.absent import not_drawn
from simsched.report.figures import show_value
from simsched.report.html.figure import Figure, label, lede, single
from simsched.report.html.lines import LEGEND, PLAIN, line
from simsched.report.text import truncated
from simsched.report.window import caption, windows
from simsched.statistics.distribution import Displacement, displacement, places_lost


def displacement_figure(result: Result) -> Figure | None:
    """Return the distribution of places lost; None where no request changed its place."""
    shown = _shown(result)
    if all(len(one.share) == 1 for one in shown.values()):
        return None
    return Figure(
        id="displacement",
        title="Completion order",
        alt=". ".join(_in_words(server, one) for server, one in shown.items()),
        views=single(_lines(result, shown), _layout(shown)),
        lede=lede(
            caption(result),
            "Left of 0 are requests that were answered before earlier ones, right of 0 those that "
            "later ones overtook.",
            not_drawn(result, shown),
        ),
    )


def _shown(result: Result) -> dict[str, Displacement]:
    """Return the distribution of each server that answered anybody, all in the same bins."""
    lost = {
        server: places_lost([window.finish_ns for window in windows(result, server)])
        for server in result.traces
    }
    reach = max((int(abs(moved).max(initial=0)) for moved in lost.values()), default=0)
    return {server: displacement(moved, reach) for server, moved in lost.items() if len(moved)}


def _lines(result: Result, shown: Mapping[str, Displacement]) -> list[dict[str, Any]]:
    return [
        _line(server, position, shown[server])
        for position, server in enumerate(result.traces)
        if server in shown
    ]


def _line(server: str, position: int, one: Displacement) -> dict[str, Any]:
    """Return a step a bin, from edge to edge: one between empty bins is as wide as any other."""
    edges, name = one.edges.tolist(), label(truncated(server, 30))
    points = [
        (edge, part * 100 if part else None, f"<b>{name}</b><br>{_told(part, start, end)}")
        for part, start, end in zip(one.share.tolist(), edges, edges[1:], strict=False)
        for edge in (start, end)
    ]
    x, percent, told = map(list, zip(*points, strict=True))
    return line(server, position, x, percent) | {"hovertext": told, "connectgaps": False}


def _told(part: float, start: float, end: float) -> str:
    return f"{show_value(part, 'fraction')} {_places(round(start + 0.5), round(end - 0.5))}"


def _places(first: int, last: int) -> str:
    if first == last == 0:
        return "kept their place"
    least, most = sorted((abs(first), abs(last)))
    places = "place" if most == 1 else "places"
    if first <= 0 <= last:
        return f"finished at most {most} {places} off"
    ends = f"{least} to {most}" if least < most else f"{least}"
    return f"finished {ends} {places} {'earlier' if last < 0 else 'later'}"


def _range(shown: Mapping[str, Displacement]) -> list[float]:
    """Return between which places there is anything to see."""
    ends = [(one.edges[:-1][one.share > 0], one.edges[1:][one.share > 0]) for one in shown.values()]
    first, last = min(float(a[0]) for a, _ in ends), max(float(b[-1]) for _, b in ends)
    return [first - 0.02 * (last - first), last + 0.02 * (last - first)]


def _layout(shown: Mapping[str, Displacement]) -> dict[str, Any]:
    return {
        "height": 300,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 16, "b": 48, "l": 8},
        "legend": LEGEND,
        "showlegend": True,
        "xaxis": {
            "title": {"text": "places lost (negative: gained)"},
            "range": _range(shown),
            "zeroline": True,
            **PLAIN,
        },
        "yaxis": {
            "title": {"text": "requests (%)", "standoff": 12},
            "type": "log",
            "automargin": True,
            "fixedrange": True,
            "dtick": 1,
            **PLAIN,
        },
    }


def _in_words(server: str, one: Displacement) -> str:
    kept = show_value(one.kept, "fraction")
    return f"On {truncated(server, 60)} {kept} of requests kept their place"
