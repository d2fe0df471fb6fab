"""In which order requests were completed: a line each of few, how far each of many moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import LEGEND, PLAIN, Figure, label, line, single
from simsched.report.html.palette import ACCENT, NEUTRAL
from simsched.report.scope import caption, not_drawn, whole, windows
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import show_value
from simsched.statistics.distribution import Displacement, displacement, places_lost
from simsched.statistics.words import captions as words

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
        alt=" ".join(_in_words(name, order) for name, order in shown.items()),
        views=single(
            [trace for traces in lines for trace in traces],
            _layout(tuple(shown), max(map(len, shown.values()))),
        ),
        lede=whole(result),
    )


def _lines(order: Sequence[int], panel: int) -> list[dict[str, Any]]:
    """Return a line a request, from its place by arrival to its place by completion."""
    arrived = sorted(order)
    return [
        _line(request, (arrived.index(request) + 1, place), panel)
        for place, request in enumerate(order, start=1)
    ]


def _line(request: int, places: tuple[int, int], panel: int) -> dict[str, Any]:
    came, went = places
    ahead = went < came
    moved = (
        f"{came - went} earlier" if ahead else f"{went - came} later" if came != went else "kept"
    )
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [0, 1],
        "y": [came, went],
        "xaxis": f"x{panel}",
        "yaxis": "y",
        "text": [str(request), str(request)],
        "textposition": ["middle left", "middle right"],
        "line": {"color": ACCENT if ahead else NEUTRAL, "width": 3 if ahead else 1.5},
        "marker": {"size": 7, "symbol": "diamond" if ahead else "circle"},
        "hovertext": f"request {request}: arrived {came}., answered {went}. (place {moved})",
        "hoverinfo": "text",
        "showlegend": False,
        "cliponaxis": False,
    }


def _layout(servers: Sequence[str], longest: int) -> dict[str, Any]:
    width = 1 / len(servers)
    panels = {
        f"xaxis{n}": _panel((n - 1) * width + 0.2 * width, n * width - 0.2 * width)
        for n in range(1, len(servers) + 1)
    }
    return {
        "height": _HEIGHT + _PER_REQUEST * longest,
        "hovermode": "closest",
        "margin": {"t": 36, "r": 16, "b": 32, "l": 16},
        "yaxis": {"range": [longest + 0.5, 0.5], "visible": False, "fixedrange": True},
        "annotations": [_title(name, (n + 0.5) * width) for n, name in enumerate(servers)],
        **panels,
    }


def _panel(left: float, right: float) -> dict[str, Any]:
    return {
        "domain": [left, right],
        "range": [-0.08, 1.08],
        "tickvals": [0, 1],
        "ticktext": ["arrived", "answered"],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _title(name: str, middle: float) -> dict[str, Any]:
    return {
        "text": f"<b>{label(truncated(name, 24))}</b>",
        "x": middle,
        "xref": "paper",
        "xanchor": "center",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _in_words(name: str, order: Sequence[int]) -> str:
    return words.order(clean(name), order)


def displacement_figure(result: Result) -> Figure | None:
    """Return the distribution of places lost; None where no request changed its place."""
    shown = _shown(result)
    if all(len(one.share) == 1 for one in shown.values()):
        return None
    return Figure(
        id="displacement",
        title="Completion order",
        alt=". ".join(_moved_in_words(server, one) for server, one in shown.items()),
        views=single(_moved_lines(result, shown), _moved_layout(shown)),
        lede=words.sentences(
            caption(result),
            words.PLACES,
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


def _moved_lines(result: Result, shown: Mapping[str, Displacement]) -> list[dict[str, Any]]:
    return [
        _moved_line(server, position, shown[server])
        for position, server in enumerate(result.traces)
        if server in shown
    ]


def _moved_line(server: str, position: int, one: Displacement) -> dict[str, Any]:
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
    return f"{show_value(part, 'share')} {_places(round(start + 0.5), round(end - 0.5))}"


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


def _moved_layout(shown: Mapping[str, Displacement]) -> dict[str, Any]:
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


def _moved_in_words(server: str, one: Displacement) -> str:
    kept = show_value(one.kept, "share")
    return f"On {truncated(server, 60)} {kept} of requests kept their place"
