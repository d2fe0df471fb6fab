"""What slowdowns tell where requests may need next to nothing.

A request that needs next to nothing is slowed without bounds by any wait, so that the mean slowdown
of a run may grow with its length for ever. Where the order of demands next to nothing is k (see
:mod:`simsched.workload.near_zero`) slowdowns have moments up to k: the mean needs k > 1, and its
interval k > 2. Jain's index is made of their mean and of that of their squares, so it needs twice
as much: where squares have no mean it tends to 0, whatever the server does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simsched.statistics.measurement import Measurement, refused

MOMENTS = {"slowdown": 1, "fairness.jain_index": 2}
"""The highest moment of slowdowns that a metric is made of."""

INFINITE = "requests may need next to nothing, so that their mean slowdown is infinite"
SQUARES = "requests may need next to nothing, so that their slowdowns have no variance"
NO_INTERVAL = "requests may need next to nothing: slowdowns are too uneven for an interval"


def told(found: Mapping[str, Measurement], order: float) -> dict[str, Measurement]:
    """Return *found* without the values, and the intervals, that demands of *order* rule out.

    Where nobody was slowed there is nothing to rule out.
    """
    if _is_idle(found["slowdown"]):
        return dict(found)
    return {
        metric: _told(one, order / MOMENTS[metric], INFINITE if metric == "slowdown" else SQUARES)
        if metric in MOMENTS
        else one
        for metric, one in found.items()
    }


def _told(one: Measurement, order: float, reason: str) -> Measurement:
    if one.value is None:
        return one
    if order <= 1:
        return refused(np.full(len(one.replications), np.nan), reason)
    return one if order > 2 else _without_interval(one)  # noqa: PLR2004


def _without_interval(one: Measurement) -> Measurement:
    return replace(one, influence=None, reason=NO_INTERVAL, is_short=False)


def _is_idle(slowdown: Measurement) -> bool:
    return slowdown.value is not None and bool(np.all(slowdown.replications == 1))
