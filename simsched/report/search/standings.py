"""The figure of a selection: each design's mean, and which are told from the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsched.experiment.search.best import Fate, Selection, Standing, describe_zone
from simsched.report.html.figure import Figure, label, single
from simsched.report.html.palette import ACCENT, NEUTRAL, server_color
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import show_value
from simsched.statistics.words.numbers import Unit, unit_of

MOST = 40
"""Of more designs the figure shows those that came off best."""

_LONGEST = 24
"""Longer names would leave no room for the figure on a narrow page; the table has them whole."""

_ROW = 26
_ABOVE = 110
_LOOKS: dict[Fate, tuple[str, str, str]] = {
    "selected": ("selected", server_color(0), "diamond"),
    "tied": ("as good", ACCENT, "circle"),
    "undecided": ("undecided", ACCENT, "circle-open"),
    "out": ("worse", NEUTRAL, "x"),
}
"""How a design is drawn: what its fate is called, its colour and its mark."""


def figures(found: Selection) -> tuple[Figure, ...]:
    """Return the figure of *found*; none where fewer than two designs were compared."""
    shown = [each for each in found.standings if each.mean is not None][:MOST]
    numbered = {f"{n}. {_name(each)}": each for n, each in enumerate(shown, 1)}
    return (_figure(found, numbered),) if len(shown) > 1 else ()


def _figure(found: Selection, shown: Mapping[str, Standing]) -> Figure:
    asked = found.aimed.metric
    unit = unit_of(max(each.mean or 0.0 for each in shown.values()) or 1.0, asked.kind)
    left = f"The best {MOST} of {len(found.standings)} designs. " * (len(found.standings) > MOST)
    return Figure(
        id="designs",
        title=f"{asked.text} of each design",
        alt="; ".join(f"{each.name}: {_told(found, each)}" for each in shown.values()),
        views=single(_data(found, shown, unit), _layout(found, shown, unit)),
        lede=f"{left}The shade is the indifference zone of {describe_zone(found)} beside the best.",
    )


def _data(found: Selection, shown: Mapping[str, Standing], unit: Unit) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": words,
            "x": [(each.mean or 0.0) / unit.size for each in ours.values()],
            "y": [*ours],
            "marker": {"color": color, "symbol": symbol, "size": 11},
            "hovertext": [_hover(found, each) for each in ours.values()],
            "hoverinfo": "text",
        }
        for fate, (words, color, symbol) in _LOOKS.items()
        if (ours := {name: each for name, each in shown.items() if each.fate == fate})
    ]


def _layout(found: Selection, shown: Mapping[str, Standing], unit: Unit) -> dict[str, Any]:
    title = found.aimed.metric.title
    counted = {"/s": "per second", "": ""}.get(unit.name, unit.name)
    return {
        "height": _ABOVE + _ROW * len(shown),
        "hovermode": "closest",
        "margin": {"t": 8, "r": 24, "b": 56, "l": 24},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "xaxis": {"title": {"text": f"{title} ({counted})" if counted else title}},
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [*shown][::-1],
            "automargin": True,
        },
        "shapes": _zone(found, unit),
    }


def _zone(found: Selection, unit: Unit) -> list[dict[str, Any]]:
    best = found.best
    if best is None or best.mean is None:
        return []
    reach = found.zone if found.aimed.aim == "minimize" else -found.zone
    x0, x1 = sorted((best.mean / unit.size, (best.mean + reach) / unit.size))
    place = {"xref": "x", "yref": "paper", "x0": x0, "x1": x1, "y0": 0, "y1": 1}
    look = {"fillcolor": "rgba(138,143,152,0.18)", "line": {"width": 0}, "layer": "below"}
    return [{"type": "rect", **place, **look}]


def _name(standing: Standing) -> str:
    return label(truncated(clean(standing.name), _LONGEST))


def _hover(found: Selection, standing: Standing) -> str:
    return f"<b>{label(truncated(clean(standing.name), 80))}</b><br>{_told(found, standing)}"


def _told(found: Selection, standing: Standing) -> str:
    mean = show_value(standing.mean or 0.0, found.aimed.metric.kind)
    return f"{mean}, {standing.replications} replications"
