"""How likely requests are to need next to nothing, which decides whether slowdowns have a mean.

Where the chance of needing less than x is about x**k for small x, the mean of 1 / demand**n is
finite for n < k and infinite from k on (the inverse moments of a gamma with shape k, for one:
Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, 1994, 17.6). This k is called
the order here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce, singledispatch
from operator import add

from simsched.scenario import phases as written
from simsched.scenario import times as repeated
from simsched.scenario.scenario import Scenario
from simsched.workload.distributions import Law, law
from simsched.workload.distributions.composite import Mixture, Shifted
from simsched.workload.distributions.elementary import Constant, Empirical, Exponential, Uniform
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.distributions.weibull import Weibull
from simsched.workload.mix import class_shares
from simsched.workload.nesting import demand, inside


@dataclass(frozen=True, slots=True)
class NearZero:
    """What a duration is like next to nothing.

    Attributes:
        order: the order of those durations that are more than nothing; infinite where there is a
            least one, or where short ones get rarer faster than any power.
        nothing: whether it may be nothing at all.
    """

    order: float = math.inf
    nothing: bool = False

    def __add__(self, other: NearZero) -> NearZero:
        """Return what the sum, or the longer, of two independent durations is like."""
        orders = [self.order + other.order]
        if self.nothing:
            orders.append(other.order)
        if other.nothing:
            orders.append(self.order)
        return NearZero(min(orders), self.nothing and other.nothing)

    def times(self, count: int) -> NearZero:
        """Return what the sum of *count* of them is like."""
        if count == 0:
            return NOTHING
        return self if self.nothing else NearZero(count * self.order)


NOTHING = NearZero(nothing=True)
"""A duration that is always nothing."""


def orders(scenario: Scenario) -> dict[str, float]:
    """Return the order of what the requests of each class need, of classes that occur."""
    shares = class_shares(scenario)
    return {
        name: _all(request.phases).order
        for name, request in scenario.requests.items()
        if shares[name] > 0
    }


def _all(phases: Sequence[written.Phase]) -> NearZero:
    return reduce(add, map(_one, phases), NOTHING)


def _either(ways: Iterable[NearZero]) -> NearZero:
    found = list(ways)
    return NearZero(min(way.order for way in found), any(way.nothing for way in found))


def _one(phase: written.Phase) -> NearZero:
    duration = demand(phase)
    if isinstance(duration, written.Column):
        return NearZero()  # recorded durations are so many, of which one is the least
    if duration is not None:
        return near_zero(law(duration))
    parts = [_all(phases) for phases in inside(phase)]
    if isinstance(phase, written.ChoosePhase):
        return _either(parts)
    if isinstance(phase, written.RepeatPhase):
        return _either(parts[0].times(count) for count in _least(phase.repeat.times))
    return reduce(add, parts, NOTHING)


def _least(times: repeated.Repetitions) -> set[int]:
    """Return the least number of times that is possible, and the least but none."""
    if isinstance(times, int):
        return {times}
    if isinstance(times, repeated.UniformTimes):
        low, high = times.uniform.low, times.uniform.high
        return {low, min(max(low, 1), high)}
    if isinstance(times, repeated.ObservedTimes):
        return set(times.values)
    return {0, 1} if isinstance(times, repeated.PoissonTimes) else {1}


@singledispatch
def near_zero(law: Law) -> NearZero:
    """Return what durations of *law* are like next to nothing; most never are."""
    del law
    return NearZero()


@near_zero.register
def _(law: Constant) -> NearZero:
    return NearZero() if law.value else NOTHING


@near_zero.register
def _(law: Exponential) -> NearZero:
    del law
    return NearZero(1.0)


@near_zero.register
def _(law: Uniform) -> NearZero:
    return NearZero() if law.low else NearZero(1.0)


@near_zero.register
def _(law: Gamma) -> NearZero:
    return NearZero(law.shape)


@near_zero.register
def _(law: Weibull) -> NearZero:
    return NearZero(law.shape)


@near_zero.register
def _(law: Empirical) -> NearZero:
    return NearZero(nothing=bool((law.values == 0).any()))


@near_zero.register
def _(law: Mixture) -> NearZero:
    return _either(map(near_zero, law.laws))


@near_zero.register
def _(law: Shifted) -> NearZero:
    return NearZero() if law.by else near_zero(law.law)
