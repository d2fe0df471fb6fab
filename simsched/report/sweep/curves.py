"""One parameter: a curve with its interval band for every server, theory beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from simsched.experiment.sweep.knee import THROUGHPUT, Knee, knees
from simsched.experiment.sweep.objectives import designs
from simsched.experiment.sweep.series import RATE, Series
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import server_color, server_dash
from simsched.report.sweep.chart import (
    Abscissa,
    abscissa,
    is_steep,
    layout,
    ordinate,
    unit_for,
)
from simsched.report.sweep.shown import OUTCOMES, values
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import Metric, show_value
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Outcome
from simsched.statistics.words.numbers import show

_HEIGHT = 420
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
_FADED = "22"
_GROUPS = (
    ("throughput", "Throughput", "throughput"),
    ("response-time", "Response time", "response"),
    ("cpu", "CPU utilisation", "cpu"),
    ("lost", "Not answered", "failed"),
)


def curves(series: Series, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figures of a sweep over one parameter."""
    result = series.result
    axis = abscissa(result.plan.parameters[0], 0, result.done)
    for name, heading, prefix in _GROUPS:
        shown = [one for one in metrics if one.name.startswith(prefix)]
        if shown:
            views = tuple(_view(series, axis, one) for one in _mean_first(shown))
            yield Figure(
                id=name,
                title=heading,
                alt="; ".join(_in_words(series, axis, one) for one in shown[:2]),
                views=views,
                lede=_lede(series, name),
                picks="Figure",
            )


def _mean_first(shown: Sequence[Metric]) -> list[Metric]:
    return sorted(shown, key=lambda one: not one.name.endswith("mean"))


def _lede(series: Series, name: str) -> str:
    marks = "Crosses miss an objective; open markers are inconclusive."
    told = _told(series, name)
    return " ".join([*([told] if told else []), marks]) if series.result.objectives else told


def _told(series: Series, name: str) -> str:
    if name == "throughput" and knees(series.result):
        return (
            "Shaded: the interval of each figure. The knee of a server is where the line of what "
            "arrives meets the most that it was seen to do. Upright lines: where the demand of its "
            "busiest station says that it saturates."
        )
    if name == "response-time":
        return (
            "Shaded: the interval of each figure. A curve ends where its server cannot keep up: "
            "there response time has no mean. Dotted: what a formula says, or a bound on it."
        )
    return ""


def _view(series: Series, axis: Abscissa, shown: Metric) -> View:
    servers = series.result.servers
    stands = {(d.server, d.point.number): d.outcome for d in designs(series.result)}
    found = {s: [series.estimate(p.number, s, shown.name) for p in axis.points] for s in servers}
    told = [e.value for es in found.values() for e in es if e.value is not None]
    size = unit_for(shown, max(told, default=None)).size
    log = shown.kind == "duration" and is_steep(told)
    traces = [
        trace
        for position, server in enumerate(servers)
        for trace in (
            *_band(axis, found[server], position, size),
            _curve(axis, server, found[server], position, shown, size, stands),
            *_formulas(series, axis, server, position, shown, size),
        )
    ]
    if shown.name == THROUGHPUT:
        traces += [*_offered(axis, told), *_knee_marks(series)]
    lines = _upright(series, axis)
    return View(
        shown.title,
        traces,
        layout(
            _HEIGHT,
            xaxis=axis.layout(),
            yaxis=ordinate(shown, max(told, default=None), log=log),
            shapes=lines,
        ),
    )


def _curve(  # noqa: PLR0913, PLR0917 - all that a curve is drawn from
    axis: Abscissa,
    server: str,
    found: Sequence[Estimate],
    position: int,
    shown: Metric,
    size: float,
    stands: Mapping[tuple[str, int], Outcome],
) -> dict[str, Any]:
    color = server_color(position)
    name = label(clean(server))
    outcomes = [stands.get((server, point.number)) for point in axis.points]
    own = _SYMBOLS[position % len(_SYMBOLS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(truncated(server, 30)),
        "x": list(axis.places),
        "y": [None if one.value is None else one.value / size for one in found],
        "connectgaps": False,
        "line": {"color": color, "dash": server_dash(position)},
        "marker": {
            "color": color,
            "size": [7 if each in {None, "pass"} else 10 for each in outcomes],
            "symbol": [_marked(own, each) for each in outcomes],
        }
        if any(outcomes)
        else {"color": color, "size": 7, "symbol": own},
        "hovertext": [
            f"<b>{name}</b>, point {point.number}<br>{label(values(point)[0])}<br>"
            f"{shown.title} {show(one, shown.kind)}"
            + ("" if stand is None else f"<br>objectives: {OUTCOMES[stand]}")
            for point, one, stand in zip(axis.points, found, outcomes, strict=True)
        ],
        "hoverinfo": "text",
    }


def _marked(symbol: str, outcome: Outcome | None) -> str:
    """Return the marker of a point: its server's *symbol*, unless an objective is not kept."""
    match outcome:
        case None | "pass":
            return symbol
        case "fail":
            return "x-thin-open"
        case "inconclusive":
            return f"{symbol}-open"
        case _:
            assert_never(outcome)


def _band(
    axis: Abscissa, found: Sequence[Estimate], position: int, size: float
) -> Iterator[dict[str, Any]]:
    """Yield the area between the ends of the intervals, where there are any."""
    ends = [
        (x, one.low / size, one.high / size)
        for x, one in zip(axis.places, found, strict=True)
        if one.low is not None and one.high is not None
    ]
    if len(ends) > 1:
        yield {
            "type": "scatter",
            "mode": "lines",
            "x": [x for x, _, _ in ends] + [x for x, _, _ in reversed(ends)],
            "y": [low for _, low, _ in ends] + [high for _, _, high in reversed(ends)],
            "fill": "toself",
            "fillcolor": f"{server_color(position)}{_FADED}",
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }


def _formulas(  # noqa: PLR0913, PLR0917 - all that a curve is drawn from
    series: Series, axis: Abscissa, server: str, position: int, shown: Metric, size: float
) -> Iterator[dict[str, Any]]:
    """Yield what formulas say of *server*: figures as crosses, bounds as dotted lines."""
    for relation, words in (("=", "theory"), ("<=", "bound"), (">=", "bound")):
        said = [series.theory(p.number, server, shown.name, relation) for p in axis.points]
        if all(value is None for value in said):
            continue
        exact = relation == "="
        yield {
            "type": "scatter",
            "mode": "markers" if exact else "lines",
            "name": label(f"{truncated(server, 24)}: {words}"),
            "x": list(axis.places),
            "y": [None if value is None else value / size for value in said],
            "line": {"color": server_color(position), "dash": "dot", "width": 1},
            "marker": {"color": server_color(position), "size": 11, "symbol": "x-thin-open"},
            "hovertext": [
                f"{label(clean(server))}: {words} {relation} {show_value(value, shown.kind)}"
                for value in said
            ],
            "hoverinfo": "text",
        }


def _offered(axis: Abscissa, told: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Yield the line of what arrives, as far up as there is something to see."""
    rates = [x for x in axis.places if isinstance(x, float)]
    if axis.parameter.name == RATE and rates and told:
        most = min(max(rates), 1.15 * max(told))
        yield {
            "type": "scatter",
            "mode": "lines",
            "name": "what arrives",
            "x": [min(rates), most],
            "y": [min(rates), most],
            "line": {"color": "#8a8f98", "width": 1},
            "hoverinfo": "skip",
        }


def _knee_marks(series: Series) -> Iterator[dict[str, Any]]:
    found = [knee for knee in knees(series.result) if knee.rate is not None]
    if found:
        yield {
            "type": "scatter",
            "mode": "markers",
            "name": "knee",
            "x": [_middle(knee) for knee in found],
            "y": [_middle(knee) for knee in found],
            "marker": {
                "symbol": "circle-open",
                "size": 16,
                "color": "#59626d",
                "line": {"width": 2},
            },
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [_reach(knee, "high") for knee in found],
                "arrayminus": [_reach(knee, "low") for knee in found],
            },
            "hovertext": [
                f"knee of <b>{label(clean(knee.server))}</b>: {show(knee.rate, 'rate')}"
                for knee in found
                if knee.rate is not None
            ],
            "hoverinfo": "text",
        }


def _middle(knee: Knee) -> float:
    return 0.0 if knee.rate is None or knee.rate.value is None else knee.rate.value


def _reach(knee: Knee, end: str) -> float:
    found = None if knee.rate is None else getattr(knee.rate, end)
    return 0.0 if found is None else abs(found - _middle(knee))


def _upright(series: Series, axis: Abscissa) -> list[dict[str, Any]]:
    """Return a line where each server saturates by theory, if that lies on the axis."""
    numbers = [x for x in axis.places if isinstance(x, float)]
    return [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": knee.theory,
            "x1": knee.theory,
            "y0": 0,
            "y1": 1,
            "line": {"color": server_color(position), "dash": "dot", "width": 1.5},
        }
        for position, knee in enumerate(knees(series.result))
        if knee.theory is not None and min(numbers) <= knee.theory <= max(numbers)
    ]


def _in_words(series: Series, axis: Abscissa, shown: Metric) -> str:
    """Return the first and the last figure of each server in words."""
    told = []
    for server in series.result.servers:
        ends = [axis.points[0], axis.points[-1]]
        figures = (
            f"{show_value(series.estimate(p.number, server, shown.name).value, shown.kind)} "
            f"at {values(p)[0]}"
            for p in ends
        )
        told.append(f"{clean(server)}: {', '.join(figures)}")
    return f"{shown.title}, {'; '.join(told)}"
