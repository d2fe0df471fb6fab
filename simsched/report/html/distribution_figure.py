"""Response times as a distribution: the share answered by a time, and the tail beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import LEGEND, PLAIN, Figure, View, label, line
from simsched.report.scope import caption, not_drawn, windows
from simsched.report.text import IN_A_SENTENCE, truncated
from simsched.scenario.metrics import show_value
from simsched.statistics import losses
from simsched.statistics.distribution import Distribution, distribution
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, unit_of

FEWEST = 20
"""Fewer requests than these are told one by one; a distribution of them says nothing more."""

FULL = 24
"""Of more curves than this, those of classes have fewer points: a page stays small."""

LONGEST_KIND = 40
"""In the list of classes to pick from a name is cut to so many characters."""

ALL = ""
"""Stands for the requests of every class."""

_TITLES = ("Response time: share answered in time", "Response time: share that takes longer")
_TITLES_OF_ANSWERED = (
    "Response time of answered requests: share in time",
    "Response time of answered requests: share that takes longer",
)


@dataclass(frozen=True, slots=True)
class _Curve:
    """The distribution of one server's requests of one class, or of all."""

    server: str
    position: int
    kind: str
    points: Distribution


def distribution_figures(result: Result) -> tuple[Figure, ...]:
    """Return the distribution function and the tail, of all requests and of each class."""
    curves = [curve for curve in _curves(result) if curve.points.count >= FEWEST]
    if not any(curve.kind == ALL for curve in curves):
        return ()
    missing = not_drawn(result, {curve.server for curve in curves})
    unit = unit_of(max(float(c.points.value_s[-1]) for c in curves if c.kind == ALL), "duration")
    lossy = _lossy(result, curves)
    titles = _TITLES_OF_ANSWERED if lossy else _TITLES
    notes = (caption(result), words.answered_only(lossy))
    return (
        Figure(
            id="distribution",
            title=titles[0],
            alt=_in_words(curves),
            views=_views(curves, _share, unit, _PLAIN),
            lede=words.sentences(*notes, "" if lossy else words.PERCENTILES, missing),
            picks="Requests",
        ),
        Figure(
            id="tail",
            title=titles[1],
            alt="The same response times by the share that takes longer, on a logarithmic scale.",
            views=_views(curves, _tail, unit, _LOGARITHMIC),
            lede=words.sentences(*notes, words.TENTHS, missing),
            picks="Requests",
        ),
    )


def _lossy(result: Result, curves: Sequence[_Curve]) -> dict[str, float]:
    """Return the servers that leave many requests without an answer, each with their share."""
    servers = {curve.server: result.servers[curve.server] for curve in curves}
    return {
        truncated(name, IN_A_SENTENCE): losses.share(one)
        for name, one in servers.items()
        if losses.is_material(one)
    }


def _views(
    curves: Sequence[_Curve],
    drawn: Callable[[_Curve, Unit], dict[str, Any]],
    unit: Unit,
    yaxis: dict[str, Any],
) -> tuple[View, ...]:
    """Return a view of all requests, and one of each class."""
    kinds = dict.fromkeys(curve.kind for curve in curves)
    return tuple(
        _view(kind, [drawn(c, unit) for c in curves if c.kind == kind], unit, yaxis)
        for kind in kinds
    )


def _view(kind: str, lines: list[dict[str, Any]], unit: Unit, yaxis: dict[str, Any]) -> View:
    longest = max(x for line in lines for x in line["x"])
    return View(
        truncated(kind, LONGEST_KIND) if kind else "all", lines, _layout(unit, longest, yaxis)
    )


_PLAIN = {"title": {"text": "answered within", "standoff": 12}, "tickformat": ".0%"}
_LOGARITHMIC = {
    "title": {"text": "taking longer", "standoff": 12},
    "type": "log",
    "tickvals": [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6],
    "ticktext": ["100%", "10%", "1%", "0.1%", "0.01%", "0.001%", "0.0001%"],
}


def _curves(result: Result) -> Iterator[_Curve]:
    """Yield what there is to draw; a server that cannot keep up has no distribution."""
    for position, (server, traces) in enumerate(result.traces.items()):
        if result.servers[server].unstable is not None:
            continue
        looked_at = windows(result, server)
        classes = traces[0].classes
        every = {ALL: looked_at} | (
            {name: [w.of_class(n) for w in looked_at] for n, name in enumerate(classes)}
            if len(classes) > 1
            else {}
        )
        detail = min(1.0, FULL / (len(result.traces) * len(every)))
        for kind, chosen in every.items():
            points = distribution(chosen, 1.0 if kind == ALL else detail)
            if points is not None:
                yield _Curve(server, position, kind, points)


def _share(curve: _Curve, unit: Unit) -> dict[str, Any]:
    points = curve.points
    x = [0.0, *(points.value_s / unit.size).tolist()]
    y = [0.0, *points.share.tolist()]
    told = [
        f"{_name(curve)}<br>{show_value(share, 'share', 4)} within {show_value(value, 'duration')}"
        for value, share in zip(points.value_s.tolist(), points.share.tolist(), strict=True)
    ]
    return line(curve.server, curve.position, x, y) | {"hovertext": ["", *told]}


def _tail(curve: _Curve, unit: Unit) -> dict[str, Any]:
    """Return the share beyond each time; the last plateau is held to the longest of all.

    Beyond the longest there is none, which has no place on the scale.
    """
    points = curve.points
    rows = [(v, 1 - s) for v, s in zip(points.value_s.tolist(), points.share.tolist(), strict=True)]
    kept = [(0.0, 1.0), *((value, beyond) for value, beyond in rows if beyond > 0)]
    longest, (_, last) = rows[-1][0], kept[-1]
    told = [
        f"{_name(curve)}<br>{show_value(beyond, 'share', 2)} take longer than "
        f"{show_value(value, 'duration')}"
        for value, beyond in kept[1:]
    ]
    none = f"{_name(curve)}<br>none takes longer than {show_value(longest, 'duration')}"
    x = [*(value / unit.size for value, _ in kept), longest / unit.size]
    y = [*(beyond for _, beyond in kept), last]
    return line(curve.server, curve.position, x, y) | {"hovertext": ["", *told, none]}


def _name(curve: _Curve) -> str:
    kind = f", {label(truncated(curve.kind))}" if curve.kind else ""
    return f"<b>{label(truncated(curve.server, 30))}</b>{kind}"


def _layout(unit: Unit, longest: float, yaxis: dict[str, Any]) -> dict[str, Any]:
    return {
        "height": 340,
        "hovermode": "closest",
        "hoverdistance": 40,
        "margin": {"t": 8, "r": 16, "b": 48, "l": 8},
        "legend": LEGEND,
        "showlegend": True,
        "xaxis": {
            "title": {"text": f"response time ({unit.name})"},
            "range": [0, 1.03 * longest or 1],
            **PLAIN,
        },
        "yaxis": {"automargin": True, "fixedrange": True, **yaxis},
    }


def _in_words(curves: list[_Curve]) -> str:
    return ". ".join(
        f"{truncated(curve.server, 60)}: {curve.points.count} response times from "
        f"{show_value(float(curve.points.value_s[0]), 'duration')} to "
        f"{show_value(float(curve.points.value_s[-1]), 'duration')}"
        for curve in curves
        if curve.kind == ALL
    )
