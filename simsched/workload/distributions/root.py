"""Finding a shape parameter: where a monotone function reaches a value."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log


def solve(function: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return the x between *low* and *high* at which the decreasing *function* is *target*.

    The logarithm of x is bisected until neighbouring floats enclose the answer; no derivative can
    mislead it, and a scenario has few distributions to fit. A target that the range does not reach
    gives the nearer end.
    """
    left, right = log(low), log(high)
    while left < (middle := (left + right) / 2) < right:
        if function(exp(middle)) > target:
            left = middle
        else:
            right = middle
    return exp(middle)
