"""The page of a check: measured and simulated response times over each other, class by class."""

from __future__ import annotations

from html import escape

from simsched.calibrate.agreement import Course, Curves
from simsched.report.document import Document
from simsched.report.html import templates
from simsched.report.html.figure import Figure, View, embed, label, layout, line
from simsched.report.text import clean
from simsched.statistics.words import calibration as words

_HEIGHT = 320

_DRAW = """
for (const [id, figure] of Object.entries(JSON.parse(document.getElementById("figures").text)))
  Plotly.newPlot(id, figure.data, figure.layout, {responsive: true, displayModeBar: false});
"""


def render(document: Document, curves: Curves, course: Course) -> str:
    """Return the page of the distributions *curves*, and of the means over time.

    The findings in *document* stand above.

    It holds all that it needs, plotly.js included, and loads nothing.
    """
    views = {f"figure-{i}": each for i, each in enumerate(figure_of(curves).views)}
    figures = {at: {"data": view.data, "layout": view.layout} for at, view in views.items()}
    over_time = _over_time(course)
    figures["over-time"] = {"data": over_time.data, "layout": over_time.layout}
    sections = "".join(
        f'<h2>{_text(view.name)}</h2><div id="{at}"></div>' for at, view in views.items()
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
        f'{sections}<h2>{over_time.name}</h2><div id="over-time"></div>'
        f'<script type="application/json" id="figures">{embed(figures)}</script>'
        f"<script>{library}</script><script>{_DRAW}</script></body></html>\n"
    )


def figure_of(curves: Curves, name: str = "distribution") -> Figure:
    """Return the figure of what was measured and simulated, with a view for each class."""
    title = "Share of requests that were answered within a time"
    views = (_view(group or words.ALL, *each) for group, each in curves.items())
    return Figure(name, title, title, tuple(views))


def _view(name: str, *both: list[float]) -> View:
    """Return what shows two distributions, each given as evenly spaced quantiles."""
    lines = []
    for i, (kind, quantiles) in enumerate(zip(("measured", "simulated"), both, strict=True)):
        shares = [(rank + 0.5) / len(quantiles) for rank in range(len(quantiles))]
        lines.append(line(label(kind), i, [1000 * each for each in quantiles], shares))
    return View(name, lines, layout(_HEIGHT, "response time (ms)", x={"rangemode": "tozero"}))


def _over_time(course: Course) -> View:
    """Return what shows the mean response times over time."""
    times, *both = course
    lines = [
        line(label(kind), i, times, [1000 * each for each in means])
        for i, (kind, means) in enumerate(zip(("measured", "simulated"), both, strict=True))
    ]
    y = {"rangemode": "tozero", "title": {"text": "mean response time (ms)"}}
    return View("Over time", lines, layout(_HEIGHT, "time of arrival (s)", y=y))


def _row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_text(cell)}</{tag}>" for cell in cells) + "</tr>"


def _text(text: str) -> str:
    return escape(clean(text)) if text else ""
