"""Numbers as people read them: a unit, sensible digits, and the interval that belongs to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.scenario.metrics import Kind
from simsched.statistics.estimate import Estimate

ABSENT = "—"
"""Stands where there is no figure."""

_DURATIONS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_MOST_DECIMALS = 15


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit to show a figure in: the figure is divided by ``size`` and followed by ``name``."""

    size: float
    name: str

    def after(self, number: str) -> str:
        """Return *number* with the unit; ``/s`` follows without a space."""
        return f"{number}{'' if self.name in {'', '/s'} else ' '}{self.name}"


def unit_of(value: float, kind: Kind) -> Unit:
    """Return the unit in which *value* of that *kind* reads best."""
    if kind == "duration":
        size, name = next(
            (unit for unit in _DURATIONS if abs(value) >= unit[0] * 0.9995),
            _DURATIONS[0 if value == 0 else -1],
        )
        return Unit(size, name)
    return {"rate": Unit(1.0, "/s"), "share": Unit(0.01, "%")}.get(kind, Unit(1.0, ""))


def number(value: float, decimals: int) -> str:
    """Return *value* with that many decimals, and no minus before a zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def show_value(value: float | None, kind: Kind, digits: int = 3) -> str:
    """Return *value* in its unit with *digits* significant digits, as in ``72.2 ms``."""
    if value is None:
        return ABSENT
    if kind == "count" and float(value).is_integer():
        return f"{value:,.0f}"
    unit = unit_of(value, kind)
    return unit.after(number(value / unit.size, _decimals(value / unit.size, digits)))


def show_exact(seconds: float) -> str:
    """Return a time that is known exactly, without zeros that say nothing, as in ``85 ms``."""
    figure, _, unit = show_value(seconds, "duration").partition(" ")
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure} {unit}"


def show(estimate: Estimate, kind: Kind) -> str:
    """Return the estimate with its interval: ``72.2 ms ± 1.3``, or ``72.2 ms [71.0, 75.1]``.

    The second form is for an interval that leans to one side by more than the digits hide. Two
    digits of the interval's half width decide how many there are; without an interval there are
    three.
    """
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        return show_value(value, kind)
    unit = unit_of(value, kind)
    middle, below, above = (x / unit.size for x in (value, low, high))
    decimals = _decimals_for(middle, (above - below) / 2)
    if float(number((above - below) / 2, decimals)) == 0:
        return f"{unit.after(number(middle, _decimals(middle, 3)))} ± 0"
    if abs(middle - (below + above) / 2) <= 0.5 * 10.0**-decimals:
        half = number((above - below) / 2, decimals)
        return f"{unit.after(number(middle, decimals))} ± {half}"
    shown, *ends = (_end(each, decimals, kind) for each in (middle, below, above))
    return f"{unit.after(shown)} [{', '.join(ends)}]"


def _end(value: float, decimals: int, kind: Kind) -> str:
    """Return a value or an end; at 0, and of shares at 100 %, nothing is behind the point."""
    exact = value == 0 or (kind == "share" and value == 100)  # noqa: PLR2004  # per cent
    return number(value, 0 if exact else decimals)


def _decimals(value: float, digits: int) -> int:
    """Return the decimals that show *digits* significant digits of *value*."""
    if value == 0 or not math.isfinite(value):
        return 0
    exponent = int(f"{abs(value):.{digits - 1}e}".partition("e")[2])
    return min(max(digits - 1 - exponent, 0), _MOST_DECIMALS)


def _decimals_for(value: float, half: float) -> int:
    """Return the decimals for two digits of *half*, and for three to six digits of *value*."""
    if value == 0:
        return _decimals(half, 2)
    least, most = _decimals(value, 3), _decimals(value, 6)
    return min(max(_decimals(half, 2), least), most) if half > 0 else least
