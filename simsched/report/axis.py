"""A time axis: round ticks that a reader can count on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))


@dataclass(frozen=True, slots=True)
class Axis:
    """Ticks ``step_ns`` apart, labelled in ``unit``, from ``start_ns`` to ``finish_ns``."""

    start_ns: int
    finish_ns: int
    step_ns: int
    unit_ns: int
    unit: str

    def ticks(self) -> tuple[int, ...]:
        """Return the instants of the ticks."""
        first = -(-self.start_ns // self.step_ns) * self.step_ns
        return tuple(range(first, self.finish_ns + 1, self.step_ns))

    def label(self, instant_ns: int) -> str:
        """Return what stands at a tick."""
        step = f"{Decimal(self.step_ns) / self.unit_ns:.9f}".rstrip("0")
        return f"{Decimal(instant_ns) / self.unit_ns:.{len(step.partition('.')[2])}f}"


def axis(start_ns: int, finish_ns: int, most_ticks: int) -> Axis:
    """Return an axis of at most *most_ticks* steps, each 1, 2 or 5 times a power of ten."""
    span = max(finish_ns - start_ns, 1)
    least = max(span / max(most_ticks, 1), 1)
    power = 10 ** (len(str(int(least))) - 1)
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    unit_ns, unit = next(
        ((size, name) for size, name in _UNITS if finish_ns >= 2 * size), _UNITS[-1]
    )
    return Axis(start_ns, finish_ns, step, unit_ns, unit)
