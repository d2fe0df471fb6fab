"""In which order requests were completed: a line each of few, how far each of many moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import (
    PLAIN,
    UNIFIED,
    Explorable,
    Figure,
    heading,
    label,
    layout,
    line,
    numbered,
    single,
)
from simsched.report.html.palette import NEUTRAL, OVERTAKING
from simsched.report.scope import caption, not_drawn, whole, windows
from simsched.report.text import IN_A_SENTENCE, clean, truncated
from simsched.scenario.number_format import show_value
from simsched.statistics.distribution import Displacement, displacement, places_lost
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import counted

MOST_REQUESTS = 40
_HEIGHT, _PER_REQUEST = 130, 16


def order_figure(result: Result) -> Figure | None:
    """Return a slope chart for each server; None unless every order is known and short."""
    orders = {name: one.completion_order for name, one in result.servers.items()}
    shown = {name: order for name, order in orders.items() if order}
    if not shown or len(shown) < len(orders) or max(map(len, shown.values())) > MOST_REQUESTS:
        return None
    lines = [_lines(order, n) for n, order in enumerate(shown.values(), start=1)]
    return Figure(
        id="order",
        title="Completion order",
        alt=" ".join(words.order(clean(name), order) for name, order in shown.items()),
        views=single([each for found in lines for each in found], _slopes(shown)),
        lede=whole(result),
    )


def _lines(order: Sequence[int], panel: int) -> list[dict[str, Any]]:
    """Return a line a request, from its place by arrival to its place by completion."""
    came = {request: place for place, request in enumerate(sorted(order), start=1)}
    return [
        _line(request, (came[request], went), panel) for went, request in enumerate(order, start=1)
    ]


def _line(request: int, places: tuple[int, int], panel: int) -> dict[str, Any]:
    came, went = places
    ahead = went < came
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [0, 1],
        "y": [came, went],
        "xaxis": numbered("x", panel),
        "yaxis": "y",
        "meta": panel - 1,
        "text": [str(request), str(request)],
        "textposition": ["middle left", "middle right"],
        "line": {"color": OVERTAKING if ahead else NEUTRAL, "width": 3 if ahead else 1.5},
        "marker": {"size": 7, "symbol": "diamond" if ahead else "circle"},
        "hovertext": f"request {request}: {words.moved(came, went)}",
        "hoverinfo": "text",
        "showlegend": False,
        "cliponaxis": False,
    }


def _slopes(shown: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """Return the layout of the slope charts beside each other."""
    longest, width = max(map(len, shown.values())), 1 / len(shown)
    panels = {
        numbered("xaxis", n + 1): {
            "domain": [(n + 0.2) * width, (n + 0.8) * width],
            "range": [-0.08, 1.08],
            "tickvals": [0, 1],
            "ticktext": ["arrived", "answered"],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        }
        for n in range(len(shown))
    }
    return {
        "height": _HEIGHT + _PER_REQUEST * longest,
        "hovermode": "closest",
        "margin": {"t": 36, "r": 16, "b": 32, "l": 16},
        "yaxis": {"range": [longest + 0.5, 0.5], "visible": False, "fixedrange": True},
        "annotations": [
            heading(truncated(name, 24), x=(n + 0.5) * width, y=1, xanchor="center")
            | {"name": str(n)}
            for n, name in enumerate(shown)
        ],
        **panels,
        **Explorable(columns=True).layout,
    }


def displacement_figure(result: Result) -> Figure | None:
    """Return the distribution of places lost; None where no request changed its place."""
    shown = _displacements(result)
    if all(len(one.share) == 1 for one in shown.values()):
        return None
    lines = [
        _moved_line(server, position, shown[server])
        for position, server in enumerate(result.traces)
        if server in shown
    ]
    return Figure(
        id="displacement",
        title="Completion order",
        alt=". ".join(
            words.kept_places(truncated(server, IN_A_SENTENCE), one.kept)
            for server, one in shown.items()
        ),
        views=single(lines, _moved_layout(shown)),
        lede=words.sentences(caption(result), words.PLACES, not_drawn(result, shown)),
    )


def _displacements(result: Result) -> dict[str, Displacement]:
    """Return the distribution of each server that answered any request, all in the same bins."""
    lost = {
        server: places_lost([window.finish_ns for window in windows(result, server)])
        for server in result.traces
    }
    reach = max((int(abs(moved).max(initial=0)) for moved in lost.values()), default=0)
    return {server: displacement(moved, reach) for server, moved in lost.items() if len(moved)}


def _moved_line(server: str, position: int, one: Displacement) -> dict[str, Any]:
    """Return a step a bin, from edge to edge: one between empty bins is as wide as any other."""
    # An empty bin has no height on the logarithmic scale, so that it is a gap.
    edges, name = one.edges.tolist(), label(truncated(server, 30))
    points = [
        (edge, part * 100 if part else None, f"<b>{name}</b><br>{_moved(part, start, end)}")
        for part, start, end in zip(one.share.tolist(), edges, edges[1:], strict=False)
        for edge in (start, end)
    ]
    x, shares, said = map(list, zip(*points, strict=True))
    return line(server, position, x, shares) | {"hovertext": said, "connectgaps": False}


def _moved(part: float, start: float, end: float) -> str:
    return f"{show_value(part, 'share')} {_places(round(start + 0.5), round(end - 0.5))}"


def _places(first: int, last: int) -> str:
    if first == last == 0:
        return "kept their place"
    least, most = sorted((abs(first), abs(last)))
    if first <= 0 <= last:
        return f"finished at most {counted(most, 'place')} off"
    start = f"{least} to " if least < most else ""
    return f"finished {start}{counted(most, 'place')} {'earlier' if last < 0 else 'later'}"


def _moved_layout(shown: Mapping[str, Displacement]) -> dict[str, Any]:
    """Return the layout, between the places where there is anything to see."""
    ends = [(one.edges[:-1][one.share > 0], one.edges[1:][one.share > 0]) for one in shown.values()]
    first, last = min(float(a[0]) for a, _ in ends), max(float(b[-1]) for _, b in ends)
    room = 0.02 * (last - first)
    plan = layout(
        300,
        "places lost (negative: gained)",
        x={"range": [first - room, last + room], "zeroline": True},
        y={"title": {"text": "requests (%)", "standoff": 12}, "type": "log", "dtick": 1, **PLAIN},
    )
    return plan | UNIFIED | Explorable(log="yaxis").layout
