"""Ranges of numbers, durations and rates: the values between their ends, and random ones.

Sources of the samples: McKay, Beckman & Conover, A comparison of three methods for selecting values
of input variables, Technometrics 21 (2), 1979 (Latin hypercubes); Owen, Scrambling Sobol' and
Niederreiter-Xing points, Journal of Complexity 14, 1998. Both are those of scipy.stats.qmc.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from itertools import count, pairwise, takewhile
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from simsched import units
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.wording import quote
from simsched.scenario.metrics import parse_share
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_VALUES = 10_000
"""The most values that one path takes."""

DIGITS = 6
"""Values between the ends have so many digits, or more if neighbours would be equal."""

# Floats that differ do so within so many digits.
_MOST_DIGITS = 17

# Values have so many more digits than are needed for neighbours to differ.
_FINE = 4

# More digits than any end of a range has.
_EXACT = 100

# A product of factors may exceed the end by this ratio, as powers are rounded.
_SLACK = 1 + Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, a duration or a rate.

    Attributes:
        amount: in nanoseconds, per second, or as it is.
        per: the unit of time of a rate, as written.
        text: how it is written.
    """

    unit: Literal["duration", "rate", "number"]
    amount: Fraction
    per: str = ""
    text: str = field(default="", compare=False)

    @property
    def value(self) -> float:
        """The amount in seconds, per second, or as it is."""
        return float(self.amount / units.SECOND if self.unit == "duration" else self.amount)

    @property
    def scale(self) -> int:
        """How many times the amount is the number before the unit of a rate."""
        return units.RATE_UNITS.get(self.per, 1)


def quantity(value: object) -> Quantity | None:
    """Return *value*, as read from a file, as a number, duration or rate; None for anything else.

    A share such as ``5%`` is a number.
    """
    text = str(value)
    try:
        match value:
            case bool():
                return None
            case int() | float():
                # By its text: a float such as 0.1 is not exactly what was written.
                return Quantity("number", Fraction(text), text=text)
            case str() if text.endswith("%"):
                return Quantity("number", Fraction(str(parse_share(text))), text=text)
            case str() if "/" in text:
                return _rate(text)
            case str():
                return Quantity("duration", Fraction(units.parse_duration(text)), text=text)
    except ValueError:
        pass
    return None


def _rate(text: str) -> Quantity:
    if not units.is_no_rate(text):
        units.parse_rate(text)
    number, per = (part.strip() for part in text.split("/"))
    return Quantity("rate", Fraction(Decimal(number)) / units.RATE_UNITS[per], per, text)


def _end(value: object) -> Quantity:
    found = quantity(value)
    if found is None:
        message = f"{quote(str(value))} is not a number, a duration or a rate"
        raise complaint(Problem((), message, "write for example 10, 10ms or 10/s"))
    return found


End = Annotated[Quantity, PlainValidator(_end), WithJsonSchema({"type": ["number", "string"]})]
"""An end of a range: a number, a duration or a rate."""


class Range(Part):
    """Values between two ends, including both.

    With ``steps`` they are evenly spaced; with ``factor`` each is a multiple of the one before. A
    sample needs neither.
    """

    low: End = Field(alias="from", description="The first value.", examples=["10/s"])
    high: End = Field(alias="to", description="The last value.", examples=["100/s"])
    steps: int | None = Field(
        default=None, ge=2, le=MOST_VALUES, description="How many values there are.", examples=[10]
    )
    factor: Number | None = Field(
        default=None, gt=1, le=1e6, description="Each value over the one before.", examples=[2]
    )
    spacing: Literal["linear", "log"] = Field(
        default="linear", description="Whether steps are equal differences, or equal ratios (log)."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Range:
        for problem in (self._of_keys(), self._of_ends()):
            if problem is not None:
                raise complaint(problem)
        return self

    @property
    def has_whole_ends(self) -> bool:
        """Whether both ends are whole numbers without a unit."""
        ends = (self.low, self.high)
        return all(end.unit == "number" and end.amount.denominator == 1 for end in ends)

    def _of_keys(self) -> Problem | None:
        if self.factor is not None and self.steps is not None:
            hint = "write spacing: log for so many steps of equal ratios"
            return Problem(("factor",), "it does not go with steps", hint, at_key=True)
        if self.factor is not None and "spacing" in self.model_fields_set:
            message = "it does not go with factor, whose steps are ratios already"
            return Problem(("spacing",), message, at_key=True)
        return None

    def _of_ends(self) -> Problem | None:
        low, high = self.low, self.high
        if low.unit != high.unit:
            message = f"a range from a {low.unit} to a {high.unit} has nothing between"
            # 0 needs no unit, but a range does.
            both = low.amount and high.amount
            hint = "give both the same kind of unit" if both else "give 0 its unit, as in 0ms"
            return Problem(("to",), message, hint)
        if low.amount >= high.amount:
            hint = f"{low.text} must be less than {high.text}"
            return Problem((), "this range is empty", hint, at_key=True)
        if low.amount <= 0 and (self.spacing == "log" or self.factor is not None):
            message = f"equal ratios cannot begin at {low.text}"
            return Problem(("from",), message, "begin above 0")
        if self.factor and low.amount * _factor(self) ** MOST_VALUES <= high.amount * _SLACK:
            message = f"more than {MOST_VALUES:,} values are too many"
            return Problem(("factor",), message, "take a larger factor", at_key=True)
        return None


def between(range_: Range, *, whole: bool) -> Iterator[str]:
    """Yield the values of *range_*, which has steps or a factor, as written in a file.

    ``whole`` values are rounded, and duplicates dropped.
    """
    amounts = list(_amounts(range_))
    # As many for all, so that a column of a table reads evenly.
    digits = _digits(amounts)
    if whole:
        amounts = list(dict.fromkeys(Fraction(round(amount)) for amount in amounts))
    yield from (_text(amount, range_, digits) for amount in amounts)


def at_share(range_: Range, share: float, *, whole: bool) -> str:
    """Return the value at a *share*, in [0, 1), of the way between the ends.

    ``whole`` values are rounded; each gets the part of the way that is nearest to it.
    """
    low, high = range_.low.amount, range_.high.amount
    # Else the two ends would be drawn half as often as the numbers between them.
    margin = Fraction(1, 2) if whole else Fraction(0)
    log = range_.spacing == "log"
    amount = _part(low - margin, high + margin, Fraction(share), log=log)
    digits = _digits([high - (high - low) / 100, high])
    scale = range_.low.scale
    near = Fraction(round(amount) if whole else _rounded(amount * scale, digits)) / scale
    return _text(min(max(near, low), high), range_, digits)


Spread = Literal["lhs", "sobol"]
"""How the points of a sample are spread: a Latin hypercube, or Sobol's sequence."""


def unit_cube(spread: Spread, points: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Return the points of a sample as shares of each dimension, (n, d), in [0, 1)."""
    import numpy as np
    from scipy.stats import qmc

    generator = np.random.default_rng(seed)
    method = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[spread]
    found: NDArray[np.float64] = method(dimensions, rng=generator).random(points)
    # Sobol's sequence may round up to 1, which is beyond the last value.
    return np.minimum(found, np.nextafter(1.0, 0.0))


def _amounts(range_: Range) -> Iterator[Fraction]:
    low, high = range_.low.amount, range_.high.amount
    if range_.factor is not None:
        factor = _factor(range_)
        powers = (low * _power(factor, Fraction(number)) for number in count())
        return (min(each, high) for each in takewhile(lambda each: each <= high * _SLACK, powers))
    last = (range_.steps or 2) - 1
    log = range_.spacing == "log"
    inner = (_part(low, high, Fraction(number, last), log=log) for number in range(1, last))
    return iter([low, *inner, high])


def _factor(range_: Range) -> Fraction:
    return Fraction(str(range_.factor))


def _part(low: Fraction, high: Fraction, share: Fraction, *, log: bool) -> Fraction:
    return low * _power(high / low, share) if log else low + (high - low) * share


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    # In decimals, as floats cannot hold every ratio of two floats.
    digits = Context(prec=_MOST_DIGITS + 6)
    return Fraction(digits.power(_rounded(base, digits.prec), _rounded(exponent, digits.prec)))


def _digits(amounts: Iterable[Fraction]) -> int:
    """Return how many digits ascending *amounts* need to differ."""
    finest = max(
        (max(-one, other) / (other - one) for one, other in pairwise(amounts) if one < other),
        default=Fraction(1),
    )
    return min(max(DIGITS, _rounded(finest, DIGITS).adjusted() + _FINE), _MOST_DIGITS)


def _text(amount: Fraction, range_: Range, digits: int) -> str:
    """Return *amount* as written in a file: an end exactly, others with so many *digits*."""
    like = range_.low
    if amount in {range_.low.amount, range_.high.amount}:
        digits = _EXACT
        # A third of a rate per second has no finite decimals, though it may have some per hour.
        if amount != like.amount and 10**_EXACT % (amount * like.scale).denominator:
            like = range_.high
    number = _rounded(amount * like.scale, digits)
    if like.unit == "duration":
        return _duration(round(number))
    return f"{number:f}/{like.per}" if like.per else f"{number:f}"


def _duration(duration_ns: int) -> str:
    """Return a duration in the largest unit that keeps it above 1, as in ``3.98107ms``."""
    unit = next((u for u in ("s", "ms", "us") if duration_ns >= units.DURATION_UNITS[u]), "ns")
    return f"{(Decimal(duration_ns) / units.DURATION_UNITS[unit]).normalize():f}{unit}"


def _rounded(amount: Fraction, digits: int) -> Decimal:
    """Return *amount* with so many *digits* and no trailing zeros, or exactly if it is whole."""
    context = Context(prec=digits)
    numerator, denominator = map(Decimal, amount.as_integer_ratio())
    return (
        numerator if denominator == 1 else context.divide(numerator, denominator).normalize(context)
    )
