"""A Plotly figure as plain data; colours of text and grid are the page's and are added there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
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
        brush: heights from 0 to 1 of what can be picked from, evenly spread over its views; a
            slider is drawn under them. Empty where there is no slider.
        hint: what the heights are.
    """

    name: str
    first: int
    count: int
    brush: tuple[float, ...] = ()
    hint: str = ""

    @property
    def last(self) -> int:
        """The position of its last view."""
        return self.first + self.count - 1

    @property
    def brush_path(self) -> str:
        """The brush as the path of an SVG, a unit wide for each height and a unit high."""
        bars = (f"M{n} 1V{1 - height:.3g}h1V1z" for n, height in enumerate(self.brush))
        return "".join(bars)


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes:
        id: the id of its element.
        title: its heading.
        alt: what it shows, in words, for who cannot see it.
        views: what it shows, the first at first; of several the reader picks one.
        lede: how to read it, in a sentence; "" where nothing needs saying.
        picks: what the reader picks, as in ``Requests``.
        groups: the views by what they have in common, if they have not all the same.
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
    """Return the views of a figure that has one."""
    return (View("", data, layout),)


def embed(value: object) -> str:
    """Return *value* as JSON that nothing in it can end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): escape for c, escape in _ESCAPES.items()})


def lede(*sentences: str) -> str:
    """Return what stands under a figure's heading: those of the sentences that say something."""
    return " ".join(filter(None, sentences))


def label(text: str) -> str:
    """Return *text* such that Plotly shows it as it is.

    Plotly reads a little HTML in its texts, and templates: ``%{x}``.
    """
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("%{", "&#37;{")
