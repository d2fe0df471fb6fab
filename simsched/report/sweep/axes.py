"""What the figures of sweeps have in common: layout, titles and scales of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsched.experiment.sweep.plan import Parameter
from simsched.report.html.figure import LEGEND, label
from simsched.report.text import clean
from simsched.scenario.metrics import Metric
from simsched.statistics.words.numbers import Unit

_STEEP = 30.0
"""Values whose largest is so many times the smallest are drawn on a logarithmic scale."""


def layout(height: int, **more: Any) -> dict[str, Any]:
    """Return a layout with what all figures share."""
    return {
        "height": height,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 24, "b": 56, "l": 64},
        "legend": LEGEND,
        **more,
    }


def parameter_title(parameter: Parameter) -> str:
    """Return the title of an axis of *parameter*: its path and the unit of its values."""
    unit = {"duration": " (s)", "rate": " (per second)"}.get(parameter.kind, "")
    return label(f"{clean(parameter.name)}{unit}")


def metric_title(metric: Metric, unit: Unit) -> str:
    """Return the title of an axis of *metric* in *unit*."""
    counted = {"/s": "per second", "": ""}.get(unit.name, unit.name)
    return f"{metric.title} ({counted})" if counted else metric.title


def is_steep(found: Sequence[float]) -> bool:
    """Return whether values differ so much that equal steps should be equal ratios."""
    return bool(found) and min(found) > 0 and max(found) / min(found) >= _STEEP
