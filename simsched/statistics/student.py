"""Student's t distribution, without scipy.special, whose import takes a quarter of a second.

The probability beyond t is half a regularised incomplete beta function (Abramowitz & Stegun,
Handbook of Mathematical Functions, 1964, 26.7.1), by its continued fraction (26.5.8, evaluated as
by Lentz, Applied Optics 15, 1976). The quantile is found by Newton's method.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

_EXACT = 1e-16
_MOST_STEPS = 500
_LARGE = 50.0
"""From here on differences of log-gamma functions are computed by a series: they would cancel."""


def beyond(t: float, degrees: float) -> float:
    """Return the probability of more than *t*, which is at least 0."""
    a, far, near = degrees / 2, degrees / (degrees + t * t), t * t / (degrees + t * t)
    if not near:
        return 0.5
    front = math.exp(a * -math.log1p(t * t / degrees) + 0.5 * math.log(near) - _log_beta(a))
    if far < (a + 1) / (a + 2.5):
        return 0.5 * front * _fraction(a, 0.5, far) / a
    return 0.5 - front * _fraction(0.5, a, near)


@cache
def quantile(probability: float, degrees: float) -> float:
    """Return the quantile at *probability*, in (0, 1)."""
    aim = min(probability, 1 - probability)
    found = _upper(aim, degrees)
    return found if aim < probability else -found


def _upper(aim: float, degrees: float) -> float:
    """Return what is exceeded with a probability *aim* of at most one half."""
    low, high = 0.0, 1.0
    while beyond(high, degrees) > aim:
        low, high = high, 2 * high
    t = min(max(-NormalDist().inv_cdf(aim), low), high)
    for _ in range(_MOST_STEPS):
        excess = beyond(t, degrees) - aim
        low, high = (t, high) if excess > 0 else (low, t)
        better = t + excess / _density(t, degrees)
        if not low < better < high:
            better = (low + high) / 2
        if abs(better - t) <= 2 * _EXACT * t:
            break
        t = better
    return t


def _density(t: float, degrees: float) -> float:
    power = (degrees + 1) / 2 * math.log1p(t * t / degrees)
    return math.exp(-power - _log_beta(degrees / 2)) / math.sqrt(degrees)


def _log_beta(a: float) -> float:
    """Return the logarithm of the beta function of *a* and one half."""
    if a < _LARGE:
        return 0.5 * math.log(math.pi) + math.lgamma(a) - math.lgamma(a + 0.5)
    series = 0.5 * math.log(a) - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)
    return 0.5 * math.log(math.pi) - series


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _MOST_STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / (1 + step * d), 1 + step / c
            found *= c * d
        if abs(c * d - 1) < _EXACT:
            break
    return found
