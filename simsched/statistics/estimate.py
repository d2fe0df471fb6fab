"""An estimate: a value, and the interval that its evidence supports."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.units import is_close


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with a two-sided confidence interval; what the evidence does not support is None.

    ``reason`` says why the value, or the interval, is missing.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval, or None where there is none."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2

    def may_be(self, value: float) -> bool | None:
        """Return whether the interval holds *value*, up to rounding; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return self.low <= value <= self.high or any(
            is_close(end, value) for end in (self.low, self.high)
        )
