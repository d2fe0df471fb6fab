"""Response times as a distribution: the share answered by a time, and the tail beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html import limits, multiples
from simsched.report.html.figure import UNIFIED, Explorable, Figure, View, label, layout, line
from simsched.report.scope import caption, not_drawn, windows
from simsched.report.text import IN_A_SENTENCE, truncated
from simsched.report.verdict import MANY
from simsched.scenario.number_format import show_value
from simsched.statistics import losses
from simsched.statistics.distribution import Distribution, distribution
from simsched.statistics.slo import Objective
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, percent, unit_of

FEWEST = 20
"""A distribution of fewer requests shows nothing that the timeline does not."""

FULL = 16
"""Of more curves than this, those of classes have fewer points: a page stays small."""

_DIGITS = 9
"""Shares have so many decimals: more than a page can show, and half of what a float has."""

LONGEST_KIND = 40
"""In the list of classes to pick from a name is cut to so many characters."""

ALL = ""
"""Stands for the requests of every class."""


@dataclass(frozen=True, slots=True)
class _Curve:
    """The distribution of one server's requests of one class, or of all."""

    server: str
    position: int
    kind: str
    points: Distribution

    @property
    def name(self) -> str:
        """Its server and class, for Plotly."""
        kind = f", {label(truncated(self.kind))}" if self.kind else ""
        return f"<b>{label(truncated(self.server, 30))}</b>{kind}"

    def rows(self) -> list[tuple[float, float]]:
        """Return times in seconds, and the share that each is the time of."""
        points = self.points
        return list(zip(points.value_s.tolist(), points.share.tolist(), strict=True))

    def drawn(self, unit: Unit, steps: Sequence[tuple[float, float, str]]) -> dict[str, Any]:
        """Return *steps* as a line: a time in seconds, a height, and what it says."""
        x = [value / unit.size for value, _, _ in steps]
        return line(self.server, self.position, x, [round(y, _DIGITS) for _, y, _ in steps]) | {
            "hovertext": [text for *_, text in steps],
            "hovertemplate": f"{self.name}: %{{hovertext}}<extra></extra>",
        }


def distribution_figures(result: Result, *, in_one: bool = False) -> tuple[Figure, ...]:
    """Return the distribution function and the tail, of all requests and of each class.

    With *in_one* they are of all requests alone, and all servers are in one panel, however many.
    """
    found = _curves(result, by_class=not in_one)
    curves = [curve for curve in found if curve.points.count >= FEWEST]
    of_all = [curve for curve in curves if curve.kind == ALL]
    if not of_all:
        return ()
    missing = not_drawn(result, {curve.server for curve in curves})
    apart = () if in_one else tuple(result.servers)
    objectives = limits.objectives_of(result)
    unit = unit_of(max(float(curve.points.value_s[-1]) for curve in of_all), "duration")
    lossy = _lossy(result, curves)
    times = "Response time of answered requests" if lossy else "Response time"
    notes = (caption(result), words.answered_only(lossy))
    return (
        Figure(
            id="distribution",
            title=f"{times}: share {'in time' if lossy else 'answered in time'}",
            alt=". ".join(map(_in_words, of_all)),
            views=_panels(apart, _views(curves, _share, unit, _PLAIN, objectives)),
            lede=words.sentences(*notes, "" if lossy else words.PERCENTILES, missing),
            picks="Requests",
        ),
        Figure(
            id="tail",
            title=f"{times}: share that takes longer",
            alt="The same response times by the share that takes longer, on a logarithmic scale.",
            views=_panels(apart, _views(curves, _tail, unit, _LOGARITHMIC, objectives)),
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


_FIFTHS = (0, 0.2, 0.4, 0.6, 0.8, 1)
_PLAIN = {
    "title": {"text": "answered within", "standoff": 12},
    "tickvals": list(_FIFTHS),
    "ticktext": [percent(each) for each in _FIFTHS],
}
_TENTHS = (1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)
_LOGARITHMIC = {
    "title": {"text": "taking longer", "standoff": 12},
    "type": "log",
    "tickvals": list(_TENTHS),
    "ticktext": [percent(each) for each in _TENTHS],
}


def _views(
    curves: Sequence[_Curve],
    drawn: Callable[[_Curve, Unit], dict[str, Any]],
    unit: Unit,
    yaxis: dict[str, Any],
    objectives: Sequence[Objective],
) -> tuple[View, ...]:
    """Return a view of all requests, and one of each class."""
    kinds = dict.fromkeys(curve.kind for curve in curves)
    return tuple(
        _view(
            kind,
            [drawn(c, unit) for c in curves if c.kind == kind],
            layout(340, f"response time ({unit.name})", y=yaxis),
            unit,
            limits.limits_on(objectives, "response_time_s.p", kind or None),
        )
        for kind in kinds
    )


def _panels(servers: Sequence[str], views: tuple[View, ...]) -> tuple[View, ...]:
    """Return *views* with a panel for each server where there are many."""
    if len(servers) <= MANY:
        return views
    return tuple(multiples.in_panels(each, servers) for each in views)


def _view(
    kind: str,
    lines: list[dict[str, Any]],
    plan: dict[str, Any],
    unit: Unit,
    objectives: Sequence[Objective],
) -> View:
    """Return *lines* on a layout as one view, with the limits that they come near."""
    longest = max(x for line in lines for x in line["x"])
    near = [each for each in objectives if each.limit.value / unit.size <= 2 * longest]
    ends = [longest, *(each.limit.value / unit.size for each in near)]
    plan["xaxis"] |= {"range": [0, 1.03 * max(ends) or 1], "zeroline": True}
    plan |= limits.drawn(near, unit, longest)
    name = truncated(kind, LONGEST_KIND) if kind else "all"
    found = Explorable(log="xaxis", zoom="response", size=unit.size, kind=kind or None).layout
    return View(name, lines, plan | UNIFIED | found)


def _curves(result: Result, *, by_class: bool) -> Iterator[_Curve]:
    """Yield what there is to draw; a server that cannot keep up has no distribution."""
    for position, (server, traces) in enumerate(result.traces.items()):
        if result.servers[server].unstable is not None:
            continue
        looked_at = windows(result, server)
        classes = traces[0].classes
        every = {ALL: looked_at}
        if by_class and len(classes) > 1:
            every |= {name: [w.of_class(n) for w in looked_at] for n, name in enumerate(classes)}
        streams = traces[0].streams
        if by_class and len(streams) > 1:  # one that is called like a class is the stream
            every |= {name: [w.of_stream(n) for w in looked_at] for n, name in enumerate(streams)}
        detail = min(1.0, FULL / (len(result.traces) * len(every)))
        for kind, chosen in every.items():
            points = distribution(chosen, 1.0 if kind == ALL else detail)
            if points is not None:
                yield _Curve(server, position, kind, points)


def _share(curve: _Curve, unit: Unit) -> dict[str, Any]:
    steps = [
        (value, share, f"{show_value(share, 'share', 4)} within {show_value(value, 'duration')}")
        for value, share in curve.rows()
    ]
    return curve.drawn(unit, [(0.0, 0.0, ""), *steps])


def _tail(curve: _Curve, unit: Unit) -> dict[str, Any]:
    """Return the share beyond each time; the last plateau is held to the longest of all.

    Beyond the longest there is none, which has no place on the scale.
    """
    rows = [(value, 1 - share) for value, share in curve.rows()]
    steps = [
        (value, rest, f"{percent(rest)} take longer than {show_value(value, 'duration')}")
        for value, rest in rows
        if rest > 0
    ]
    last = steps[-1][1] if steps else 1.0
    none = f"none takes longer than {show_value(rows[-1][0], 'duration')}"
    return curve.drawn(unit, [(0.0, 1.0, ""), *steps, (rows[-1][0], last, none)])


def _in_words(curve: _Curve) -> str:
    ends = (show_value(float(curve.points.value_s[at]), "duration") for at in (0, -1))
    name = truncated(curve.server, IN_A_SENTENCE)
    return f"{name}: {curve.points.count} response times from {' to '.join(ends)}"
