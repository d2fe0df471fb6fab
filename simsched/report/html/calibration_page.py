"""The page of a check: measured and simulated response times over each other, class by class."""

from __future__ import annotations

from html import escape
from typing import Any

from simsched.calibrate import Prediction
from simsched.report.document import Document
from simsched.report.html import templates
from simsched.report.html.figure import embed, label, layout, line
from simsched.report.text import clean

_HEIGHT = 320

_DRAW = """
for (const [id, figure] of Object.entries(JSON.parse(document.getElementById("figures").text)))
  Plotly.newPlot(id, figure.data, figure.layout, {responsive: true, displayModeBar: false});
"""


def render(document: Document, prediction: Prediction) -> str:
    """Return the page of what a scenario predicts, with the findings in *document*.

    It holds all that it needs, plotly.js included, and loads nothing.
    """
    figures = {f"figure-{i}": _figure(each) for i, each in enumerate(prediction.curves.values())}
    names = [name or "all requests" for name in prediction.curves]
    sections = "".join(
        f'<h2>{_text(name)}</h2><div id="{at}"></div>'
        for name, at in zip(names, figures, strict=True)
    )
    head, *rows = document.table
    table = _row(head, "th") + "".join(_row(row, "td") for row in rows)
    findings = "".join(f"<p>{_text(each)}</p>" for each in (*document.sentences, *document.remarks))
    library = templates.source()
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{templates.policy(library, _DRAW)}">'
        "<title>Measured and simulated</title><style>body{font:16px sans-serif;max-width:60em;"
        "margin:2em auto;padding:0 1em}td,th{padding:.2em 1em .2em 0;text-align:left}</style>"
        f"</head><body><h1>Measured and simulated</h1>{findings}<table>{table}</table>"
        "<p>Share of requests that were answered within a time:</p>"
        f'{sections}<script type="application/json" id="figures">{embed(figures)}</script>'
        f"<script>{library}</script><script>{_DRAW}</script></body></html>\n"
    )


def _figure(curves: tuple[list[float], list[float]]) -> dict[str, Any]:
    """Return Plotly's figure of two distributions, each given as evenly spaced quantiles."""
    count = len(curves[0])
    shares = [(i + 0.5) / count for i in range(count)]
    names = ("measured", "simulated")
    lines = [
        line(label(name), i, [1000 * each for each in curve], list(shares))
        for i, (name, curve) in enumerate(zip(names, curves, strict=True))
    ]
    return {
        "data": lines,
        "layout": layout(_HEIGHT, "response time (ms)", x={"rangemode": "tozero"}),
    }


def _row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_text(cell)}</{tag}>" for cell in cells) + "</tr>"


def _text(text: str) -> str:
    return escape(clean(text)) if text else ""
