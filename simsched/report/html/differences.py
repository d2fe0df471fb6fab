"""Two runs that are compared: by how much each server's figures changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import (
    Explorable,
    Figure,
    RowBlock,
    label,
    layout,
    named_rows,
    single,
)
from simsched.report.html.palette import NEUTRAL, STATISTICS
from simsched.report.text import clean, distinct
from simsched.scenario.metrics import parse_metric
from simsched.statistics.summary import Comparison
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import relative_to

_METRICS = {
    "throughput_per_s": "throughput",
    "response_time_s.mean": "mean",
    "response_time_s.p50": "p50",
    "response_time_s.p95": "p95",
    "response_time_s.p99": "p99",
}
_ROW_PIXELS = 90


def differences_figure(result: Result) -> Figure | None:
    """Return the change of each server's figures in the later run; None unless two are compared."""
    if result.changes is None:
        return None
    known = [each for each in result.comparisons if each.ratio.value is not None]
    servers = list(dict.fromkeys(each.server for each in known))
    traces = [
        _points(name, [each for each in known if each.metric == name], servers, n)
        for n, name in enumerate(_METRICS)
    ]
    positions = {name: at for at, name in enumerate(result.servers)}
    rows = [RowBlock(n - 0.5, n + 0.5, positions[name]) for n, name in enumerate(servers)]
    line = {"width": 1.5, "color": NEUTRAL}
    zero = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": line}
    return Figure(
        id="differences",
        title="What changed",
        alt="; ".join(_in_words(each) for each in known if each.metric in _METRICS),
        views=single(
            [trace for trace in traces if trace["x"]],
            layout(
                96 + _ROW_PIXELS * len(servers),
                "change in the later run (%)",
                y=named_rows(distinct(servers, 30)),
            )
            | {"shapes": [zero]}
            | Explorable(rows=rows).layout,
        ),
        lede=words.CHANGES,
    )


def _points(
    name: str, found: Sequence[Comparison], servers: Sequence[str], number: int
) -> dict[str, Any]:
    offset = (number - (len(_METRICS) - 1) / 2) * 0.17
    look = STATISTICS[_METRICS[name]]
    values = [100 * ((each.ratio.value or 1.0) - 1) for each in found]
    ends = [
        [100 * ((value if end is None else end) - 1) for end in (one.ratio.low, one.ratio.high)]
        for one in found
        if (value := one.ratio.value) is not None
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _METRICS[name],
        "x": values,
        "y": [servers.index(each.server) + offset for each in found],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, (_, high) in zip(values, ends, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, ends, strict=True)],
            "thickness": 1.5,
            "width": 5,
        },
        "marker": look.marker(),
        "hovertext": [label(_in_words(each)) for each in found],
        "hoverinfo": "text",
    }


def _in_words(one: Comparison) -> str:
    title = parse_metric(one.metric).title
    low, high = (one.ratio.value if end is None else end for end in (one.ratio.low, one.ratio.high))
    change = relative_to(low or 0.0, high or 0.0, clean(one.baseline))
    return f"{clean(one.server)}: {title} is {change}"
