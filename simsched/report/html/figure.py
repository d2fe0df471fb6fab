"""A Plotly figure as plain data, and what figures share.

The page adds the colours of text and grid, and hides servers and classes, zooms and changes scales
by what stands under ``meta``: of a trace the position of its server, of a layout what
:class:`Explorable` says there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simsched.report.html.palette import server_color, server_dash
from simsched.report.text import truncated

# In a script element "</" would end it, and JavaScript takes these separators for line ends.
_ESCAPES = {
    "<": "\\u003c",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


@dataclass(frozen=True)
class View:
    """What a figure shows at one time.

    Attributes:
        name: what the reader picks it by.
        data: Plotly's traces.
        layout: Plotly's layout; its height is in pixels.
    """

    name: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Views of a figure that belong together.

    Attributes:
        name: what the reader picks it by.
        first: the position of its first view.
        count: how many views it has.
        heights: those of the bars of a strip along which the reader picks a view, from 0 to 1 and
            evenly spread over the views; without any there is no strip.
        hint: what the bars are, and how to pick.
    """

    name: str
    first: int
    count: int
    heights: tuple[float, ...] = ()
    hint: str = ""

    @property
    def last(self) -> int:
        """The position of its last view."""
        return self.first + self.count - 1

    @property
    def path(self) -> str:
        """The bars as the path of an SVG, a unit wide for each and a unit high."""
        return "".join(f"M{n} 1V{1 - each:.3g}h1V1z" for n, each in enumerate(self.heights))


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes:
        id: the id of its element.
        title: its heading.
        alt: what it shows, in words, for readers who cannot see it.
        views: what it shows, at first the first of them; the reader picks among several.
        lede: how to read it, in a sentence; "" where nothing needs saying.
        picks: what the reader picks, as in ``Requests``.
        groups: the views by what they have in common, if not all of them do.
    """

    id: str
    title: str
    alt: str
    views: tuple[View, ...]
    lede: str = ""
    picks: str = ""
    groups: tuple[Group, ...] = ()

    @property
    def data(self) -> list[dict[str, Any]]:
        """Plotly's traces of the first view."""
        return self.views[0].data

    @property
    def layout(self) -> dict[str, Any]:
        """Plotly's layout of the first view."""
        return self.views[0].layout


def single(data: list[dict[str, Any]], layout: dict[str, Any]) -> tuple[View, ...]:
    """Return the only view of a figure."""
    return (View("", data, layout),)


def embed(value: object) -> str:
    """Return *value* as JSON that nothing in it can end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): escape for c, escape in _ESCAPES.items()})


def label(text: str) -> str:
    """Return *text* such that Plotly shows it as it is.

    Plotly reads a little HTML in its texts, and templates: ``%{x}``.
    """
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("%{", "&#37;{")


# Above the figure, where it costs no width on a narrow page.
LEGEND = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0}

UNIFIED = {"hovermode": "x unified", "hoverdistance": 40}
"""Pointing shows the values of all lines at once."""

PLAIN = {"exponentformat": "none"}
"""Ticks of an axis that has a unit: no second one is put before it, as in 100µ per second."""


def layout(
    height: int, title: str, *, x: dict[str, Any] | None = None, y: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a layout that is *height* pixels high, with the axes' own settings *x* and *y*.

    *title* is that of the axis along the bottom.
    """
    return {
        "height": height,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 16, "b": 48, "l": 8},
        "legend": LEGEND,
        "showlegend": True,
        "xaxis": {"title": {"text": title}, "zeroline": False, **PLAIN, **(x or {})},
        "yaxis": {"automargin": True, "fixedrange": True, **(y or {})},
    }


def numbered(axis: str, number: int) -> str:
    """Return how Plotly calls the axis of that *number*, from 1: ``y``, ``y2``, ``xaxis3``."""
    return axis if number == 1 else f"{axis}{number}"


def named_rows(names: Sequence[str]) -> dict[str, Any]:
    """Return a vertical axis with a row for each of *names*, the first on top."""
    return {
        "range": [len(names) - 0.5, -0.5],
        "tickvals": list(range(len(names))),
        "ticktext": [label(name).replace("\n", "<br>") for name in names],
        "showgrid": False,
        "zeroline": False,
    }


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows of a figure, from a height to another, that go together when the reader hides some.

    Attributes:
        top: where it begins on the vertical axis.
        bottom: where it ends.
        server: the position of its server.
        kind: its class of requests; None is any.
    """

    top: float
    bottom: float
    server: int
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Explorable:
    """What the reader can do to a figure.

    Attributes:
        log: the axis that may be logarithmic.
        zoom: what its horizontal axis counts; figures that count the same are zoomed together.
        size: the unit of that axis, in seconds.
        kind: the class of requests that it is of; None is all.
        rows: the blocks of its rows, from the top.
        columns: whether each server has a horizontal axis of its own, side by side.
    """

    log: str = ""
    zoom: str = ""
    size: float = 1.0
    kind: str | None = None
    rows: Sequence[RowBlock] = ()
    columns: bool = False

    @property
    def layout(self) -> dict[str, Any]:
        """The part of a layout that says so to the page."""
        blocks = [[each.top, each.bottom, each.server, each.kind] for each in self.rows]
        given = {"log": self.log, "zoom": self.zoom, "size": self.size, "kind": self.kind}
        every = given | {"rows": blocks, "columns": self.columns}
        return {"meta": {name: value for name, value in every.items() if value}}


def heading(
    text: str, *, x: float = 0, y: float, xanchor: str = "left", yref: str = "paper"
) -> dict[str, Any]:
    """Return a heading within a figure; on the paper its lower edge is at *y*."""
    place = {"yanchor": "bottom"} if yref == "paper" else {}
    return {
        "text": f"<b>{label(text)}</b>",
        "x": x,
        "xref": "paper",
        "xanchor": xanchor,
        "y": y,
        "yref": yref,
        "showarrow": False,
        **place,
    }


def line(
    server: str, position: int, x: Sequence[float], y: Sequence[float | None]
) -> dict[str, Any]:
    """Return a step line; servers differ in colour and in dash."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": label(truncated(server, 30)),
        "legendgroup": str(position),
        "meta": position,
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
