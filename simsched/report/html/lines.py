"""What figures made of a line a server share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsched.report.html.figure import label
from simsched.report.html.palette import server_color, server_dash
from simsched.report.text import truncated

LEGEND = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0}

PLAIN = {"exponentformat": "none"}
"""Ticks of an axis that has a unit: no second one is put before it, as in 100µ per second."""


def line(
    server: str, position: int, x: Sequence[float], y: Sequence[float | None]
) -> dict[str, Any]:
    """Return a step line; servers differ in colour and in dash."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": label(truncated(server, 30)),
        "legendgroup": str(position),
        "x": list(x),
        "y": list(y),
        "line": {
            "shape": "hv",
            "color": server_color(position),
            "dash": server_dash(position),
            "width": 2,
        },
        "hoverinfo": "text",
    }
