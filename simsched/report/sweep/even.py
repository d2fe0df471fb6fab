"""Where two servers are even: contours on the map of who answers soonest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from simsched.experiment.sweep.series import MEAN, Series
from simsched.report.sweep.grid import Grid

_INK = "#10202c"

_LEAST = 2
"""So many rows and columns a contour needs."""


def even(series: Series, found: Grid) -> Iterator[dict[str, Any]]:
    """Yield a contour for each server: where its mean is that of the best other one.

    Between points the logarithm of the ratio of the two is interpolated. Of two servers one contour
    is enough.
    """
    if min(len(found.rows), len(found.columns)) < _LEAST:
        return
    servers = series.result.servers
    for server in servers[1:] if len(servers) == 2 else servers:  # noqa: PLR2004
        ratios = {p.number: _lead(series, p.number, server) for p in found.cells.values()}
        yield {
            "type": "contour",
            "z": found.matrix(ratios),
            "contours": {"start": 0, "end": 0, "size": 1, "coloring": "none"},
            "line": {"color": _INK, "width": 2.5, "smoothing": 0},
            "showlegend": False,
            "hoverinfo": "skip",
            "connectgaps": False,
        }


def _lead(series: Series, number: int, server: str) -> float | None:
    """Return the logarithm of *server*'s mean over the best other one; None without both."""
    means = {
        name: value
        for name in series.result.servers
        if (value := series.estimate(number, name, MEAN).value)
    }
    others = [value for name, value in means.items() if name != server]
    return math.log(means[server] / min(others)) if server in means and others else None
