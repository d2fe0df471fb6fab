"""Choosing one of several by weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simsched.workload.columns import Int64s

Picker = Callable[[int], Int64s]
"""Called with n, it returns the next n positions picked; the calls together make one sequence."""


def probabilities(weights: Sequence[float]) -> tuple[float, ...]:
    """Return the *weights* divided by their sum."""
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def picker(chances: Sequence[float], generator: np.random.Generator) -> Picker:
    """Return a picker of positions in *chances*, one uniform draw for each."""
    ends = np.cumsum(chances, dtype=np.float64)
    ends /= ends[-1]
    return lambda n: np.searchsorted(ends, generator.random(n), side="right")
