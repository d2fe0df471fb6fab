"""How numbers are put into sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simsched.scenario.file.wording import counted
from simsched.scenario.number_format import Kind, show_value
from simsched.statistics.estimate import Estimate
from simsched.units import CLOSE, format_number

__all__ = ["change", "counted", "is_or_are", "ordinal", "percent", "times", "whole_percent"]

SMALL = 1.5
"""A ratio nearer to 1 than this, either way, is written in percent and not as a factor."""


def percent(share: float) -> str:
    """Return *share* in three digits without zeros at the end, as in ``95 %`` or ``2.5 %``."""
    figure = show_value(share, "share").removesuffix(" %")
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure} %"


def whole_percent(share: float) -> str:
    """Return *share* without a fraction, as in ``90 %``: for loads and parts of a run."""
    return f"{100 * share:,.0f} %"


def joined(texts: Sequence[str], word: str = "and") -> str:
    """Return one or more *texts* in a row, as in ``a, b and c``."""
    return f" {word} ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def ordinal(number: int) -> str:
    """Return a place, as in ``1st``, ``12th`` or ``23rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def is_or_are(count: int) -> str:
    """Return that so many are there, as in ``there is 1`` or ``there are 2``."""
    return f"there {'is' if count == 1 else 'are'} {count:,}"


def change(ratio: float, low: float, high: float) -> tuple[str, str]:
    """Return a ratio of two times in words, as in ``2.3 times faster`` or ``2 % slower``.

    Beside it stands its interval, as in ``2.1 to 2.5`` or ``1 to 3 %``; ``at least 2.1 times``
    where it has no end on the far side; and "" where both ends agree. Percentages are of the
    time that *ratio* is relative to.
    """
    word = "faster" if ratio < 1 else "slower"
    # An interval that reaches 0, or infinity, has no end on the side of the larger change.
    is_open = low <= 0 if ratio < 1 else math.isinf(high)
    if 1 / SMALL < ratio < SMALL:
        value, least, most = _percentages(ratio, low, high)
        said, unit, ends = f"{value} % {word}", " %", f"{least} to {most} %"
    else:
        figures = (1 / ratio, 1 / high, _inverse(low)) if ratio < 1 else (ratio, low, high)
        value, least, most = times(*figures)
        said, unit, ends = f"{value} times {word}", " times", f"{least} to {most}"
    if least == most:
        return said, ""
    return said, f"at least {least}{unit}" if is_open else ends


_MOST_DIGITS = 5


def relative(low: float, high: float) -> str:
    """Return what a ratio to a baseline may be, as in ``30 to 40 % less`` or ``2.5 to 3 times``.

    Ends that four digits do not separate are written once.
    """
    for digits in range(2, _MOST_DIGITS):
        ends = [_amount(each, digits) for each in sorted((low, high), key=lambda r: abs(r - 1))]
        if ends[0] != ends[1]:
            break
    else:
        return "".join(_amount(low))
    (least, unit), (most, other) = ends
    if unit == other:
        return f"{least} to {most}{unit}"
    return f"{''.join(_amount(low))} to {''.join(_amount(high))}"


def relative_to(low: float, high: float, baseline: str) -> str:
    """Return the same with its *baseline*, as in ``40 % less than a's`` or ``2.5 times a's``."""
    amount = relative(low, high)
    return f"{amount} {baseline}'s" if amount.endswith("times") else f"{amount} than {baseline}'s"


def _amount(ratio: float, digits: int = 2) -> tuple[str, str]:
    """Return how much a ratio is, and its unit with the direction."""
    if ratio >= 2:  # noqa: PLR2004  # from here on a multiple reads better than percent
        return f"{ratio:.{digits + 1}g}", " times"
    share = show_value(abs(ratio - 1), "share", digits).removesuffix(" %")
    return share, f" % {'less' if ratio < 1 else 'more'}"


def _percentages(ratio: float, low: float, high: float) -> tuple[str, str, str]:
    """Return by how many percent a ratio and its ends differ from 1, the nearest end first."""
    near, far = (high, low) if ratio < 1 else (low, high)
    figures = [100 * abs(each - 1) for each in (ratio, near, far)]
    if high - low < CLOSE * ratio:
        figures = [figures[0]] * 3
    shown = [_plain(each, 2) for each in figures]
    for digits in range(2, 10):
        shown = [_plain(each, digits) for each in figures]
        if shown[1] != shown[2] or figures[1] == figures[2]:
            break
    return shown[0], shown[1], shown[2]


def _plain(value: float, digits: int) -> str:
    """Return *value* in at most so many digits, without zeros at the end."""
    if math.isinf(value):
        return "inf"
    shown = format_number(value, digits)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _inverse(ratio: float) -> float:
    return 1 / ratio if ratio > 0 else math.inf


def times(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a ratio and the ends of its interval, in the fewest digits that separate the ends.

    They also separate the ratio and its ends from 1. There are at least two digits and at most
    nine. Ends that differ by less than :data:`simsched.units.CLOSE` are written the same.
    """
    middle = (value, value, value) if high - low < CLOSE * value else (value, low, high)
    for digits in range(2, 10):
        shown = [format_number(each, digits) for each in middle]
        is_one = any(float(t) == 1 != each for t, each in zip(shown, middle, strict=True))
        if not is_one and (shown[1] != shown[2] or len(set(middle)) == 1):
            break
    return shown[0], shown[1], shown[2]


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


def show_exact(seconds: float) -> str:
    """Return a time that is known exactly, without zeros that say nothing, as in ``85 ms``."""
    figure, _, unit = show_value(seconds, "duration").partition(" ")
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure} {unit}"


# The decimals of a correlation.
_OF_CORRELATION = 4


def show(estimate: Estimate, kind: Kind) -> str:
    """Return the estimate with its interval: ``72.2 ms ± 1.3``, or ``72.2 ms [71.0, 75.1]``.

    The second form is for an interval that leans to one side by more than the digits hide. Two
    digits of the interval's half width decide how many there are; without an interval there are
    three. A correlation always has four decimals: ``0.9987 ± <0.0001``.
    """
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        return show_value(value, kind)
    unit = unit_of(value, kind)
    middle, below, above = (x / unit.size for x in (value, low, high))
    half = (above - below) / 2
    is_correlation = kind == "correlation"
    decimals = _OF_CORRELATION if is_correlation else _decimals_for(middle, half)
    if float(number(half, decimals)) == 0:
        rest = f"<{10.0**-decimals:.{decimals}f}" if is_correlation and half > 0 else "0"
        shown = number(middle, decimals if is_correlation else _decimals(middle, 3))
        return f"{unit.after(shown)} ± {rest}"
    if abs(middle - (below + above) / 2) <= 0.5 * 10.0**-decimals:
        return f"{unit.after(number(middle, decimals))} ± {number(half, decimals)}"
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
