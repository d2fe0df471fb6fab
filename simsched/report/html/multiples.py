"""Small multiples: a panel for each server, on one scale, where one would hold too many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from simsched.report.html.figure import View, heading, numbered
from simsched.report.text import distinct

_COLUMNS = 4
_PANEL_PIXELS, _FRAME_PIXELS = 130, 90
_GAP = 0.16
"""The share of a panel's width that is between it and the next; twice that of its height."""


def in_panels(view: View, servers: Sequence[str]) -> View:
    """Return *view*, a line for each server, with a panel for each; *servers* are all of the run.

    The line of the first is drawn in the other panels by the page, to compare with.
    """
    positions = [line["meta"] for line in view.data]
    lines = [
        line | {"xaxis": numbered("x", n), "yaxis": numbered("y", n), "showlegend": False}
        for n, line in enumerate(view.data, start=1)
    ]
    names = [(position, servers[position]) for position in positions]
    up = view.layout["yaxis"] | {"range": _reach(view)}
    return View(view.name, lines, _grid(names, view.layout | {"yaxis": up}))


def _reach(view: View) -> list[float]:
    """Return the ends of the vertical axis that holds all lines of *view*."""
    heights = [y for line in view.data for y in line["y"] if y is not None]
    if view.layout["yaxis"].get("type") == "log":
        shown = [math.log10(y) for y in heights if y > 0]
        return [min(shown, default=0.0) - 0.1, max(shown, default=1.0) + 0.1]
    return [0.0, 1.05 * max(heights, default=0.0) or 1.0]


def _grid(servers: Sequence[tuple[int, str]], plan: dict[str, Any]) -> dict[str, Any]:
    """Return the layout *plan* of one panel as that of a panel for each of *servers*, in rows."""
    rows = -(-len(servers) // _COLUMNS)
    axes: dict[str, Any] = {}
    titles = []
    names = distinct((name for _, name in servers), 22)
    for n, ((position, _), name) in enumerate(zip(servers, names, strict=True)):
        row, column = divmod(n, _COLUMNS)
        left, top = column / _COLUMNS, 1 - row / rows
        across = plan["xaxis"] | {"domain": [left, left + (1 - _GAP) / _COLUMNS]}
        up = plan["yaxis"] | {"domain": [top - (1 - 2 * _GAP) / rows, top]}
        if n:
            across, up = across | {"matches": "x"}, up | {"matches": "y"}
        across["showticklabels"] = n + _COLUMNS >= len(servers)
        up["showticklabels"] = column == 0
        axes[numbered("xaxis", n + 1)] = _panel_axis(across, numbered("y", n + 1))
        axes[numbered("yaxis", n + 1)] = _panel_axis(up, numbered("x", n + 1))
        titles.append(heading(name, x=left, y=top) | {"name": str(position)})
    below = {"text": plan["xaxis"]["title"]["text"], "x": 0.5, "y": 0, "yshift": -22}
    below |= {"xref": "paper", "yref": "paper", "yanchor": "top", "showarrow": False}
    return {
        **plan,
        **axes,
        "shapes": [
            shape | {"xref": numbered("x", n), "yref": f"{numbered('y', n)} domain"}
            for n in range(1, len(servers) + 1)
            for shape in plan.get("shapes", ())
        ],
        "height": _FRAME_PIXELS + _PANEL_PIXELS * rows,
        "margin": {"t": 28, "r": 8, "b": 56, "l": 8},
        "showlegend": False,
        "annotations": [*titles, below],
        "meta": {k: v for k, v in plan["meta"].items() if k != "log"}
        | {"columns": True, "ghost": True},
    }


def _panel_axis(axis: dict[str, Any], anchor: str) -> dict[str, Any]:
    return axis | {"title": {"text": ""}, "anchor": anchor, "nticks": 4}
