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
class Figure:
    """A figure of the page.

    Attributes:
        id: the id of its element.
        title: its heading.
        alt: what it shows, in words, for who cannot see it.
        data: Plotly's traces.
        layout: Plotly's layout; its height is in pixels.
        lede: how to read it, in a sentence; "" where nothing needs saying.
        choices: request classes of which the reader picks one to see; "" is all requests.
    """

    id: str
    title: str
    alt: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    lede: str = ""
    choices: tuple[str, ...] = ()


def embed(value: object) -> str:
    """Return *value* as JSON that nothing in it can end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): escape for c, escape in _ESCAPES.items()})


def label(text: str) -> str:
    """Return *text* such that Plotly, which reads a little HTML in its texts, shows it as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
