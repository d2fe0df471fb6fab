"""Completion order: places by arrival on the left, by completion on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import Figure, label, single
from simsched.report.html.palette import ACCENT, NEUTRAL
from simsched.report.text import clean, truncated
from simsched.report.window import whole

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
        alt=". ".join(_in_words(name, order) for name, order in shown.items()),
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
    return f"{clean(name)} answers the requests in the order {' '.join(map(str, order))}"
