"""An estimate: a value, and the interval that its evidence supports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with a two-sided confidence interval; what cannot be told honestly is None."""

    value: float | None
    low: float | None = None
    high: float | None = None
