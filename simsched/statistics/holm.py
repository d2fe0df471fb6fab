"""Several comparisons at once, so that none is told by the luck of many tries.

Holm's step-down procedure: the smallest of m p-values is held against alpha / m, the next one
against alpha / (m - 1), and so on until one is not significant. The chance that any difference is
told which is none is then at most alpha.

The intervals follow the same steps, so that one leaves zero out exactly where the procedure tells a
difference. Each covers its truth at least as often as it says. That *all* of them do at once is not
promised: where every difference is told, the last of them is as narrow as if it were alone.

Sources: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
Statistics 6, 1979; Efird & Nielsen, International Journal of Environmental Research and Public
Health 5 (5), 2008 (intervals at the level of each step).
"""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return each of *p_values* as it counts among the others: at most alpha means a difference."""
    count = len(p_values)
    result = [0.0] * count
    highest = 0.0
    for step, i in enumerate(_ascending(p_values)):
        highest = max(highest, min(1.0, (count - step) * p_values[i]))
        result[i] = highest
    return result


def levels(p_values: Sequence[float], alpha: float) -> list[float]:
    """Return the error rate of each interval; they stop growing at the first that is not told."""
    count = len(p_values)
    result = [0.0] * count
    level, going = alpha / max(1, count), True
    for step, i in enumerate(_ascending(p_values)):
        if going:
            level = alpha / (count - step)
        going = going and p_values[i] <= level
        result[i] = level
    return result


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=p_values.__getitem__)
