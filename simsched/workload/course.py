"""How phases go for a request that waits for nothing: how long they take, and whether it goes on.

All is exact from the means of the phases, but for what a timeout cuts, of which draws are averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import prod
from typing import NamedTuple

import numpy as np

from simsched.scenario.model import requests as written
from simsched.scenario.model.distributions import Demand
from simsched.workload.distributions import law
from simsched.workload.streams import Streams, probabilities


class Course(NamedTuple):
    """How phases go for a request that waits for nothing; times in nanoseconds.

    ``takes`` is how long they take, ``answered`` how long of that passes until the answer,
    ``silent`` how likely it is that there is no answer in them, and ``goes_on`` how likely it is
    that the request goes on behind them.
    """

    takes: float
    answered: float
    silent: float = 1.0
    goes_on: float = 1.0


def unanswered(takes: float, goes_on: float = 1.0) -> Course:
    """Return the course of what takes so long, with no answer in it."""
    return Course(takes, takes, goes_on=goes_on)


def side_by_side(branches: Sequence[Course], together: Callable[[list[float]], float]) -> Course:
    """Return how *branches* go that take as long *together* as that says, max or sum."""
    takes = together([each.takes for each in branches])
    return unanswered(takes, prod(each.goes_on for each in branches))


def mixed(chances: Sequence[float], ways: Sequence[Course]) -> Course:
    """Return how one of several *ways* goes on average."""
    columns = zip(*ways, strict=True)
    return Course(*(sum(p * v for p, v in zip(chances, c, strict=True)) for c in columns))


def chances_of(phase: written.ChoosePhase) -> tuple[float, ...]:
    """Return how likely each way is."""
    return probabilities([way.weight for way in phase.choose])


def mean_ns(duration: written.PhaseDemand) -> float:
    """Return the mean, in nanoseconds; of a column of a trace nothing is known here."""
    if isinstance(duration, written.Column):
        raise NotImplementedError("the mean of a column of a trace")
    return law(duration).mean


def course_of_io(phase: written.IoPhase) -> Course:
    """Return how an I/O phase goes that waits for no slot."""
    if phase.timeout is None:
        return unanswered(mean_ns(phase.io), 1 - phase.fails)
    if isinstance(phase.io, written.Column):
        raise NotImplementedError("the mean of a column of a trace")
    in_time, takes = _limited(phase.io, phase.timeout)
    if not phase.may_fail:  # the sum below would be 1 but for rounding
        return unanswered(takes)
    given_up = 0.0 if phase.on_timeout == "fail" else 1 - in_time
    return unanswered(takes, in_time * (1 - phase.fails) + given_up)


def reached(phase: written.CallPhase, goes_on: float) -> list[float]:
    """Return how likely each try of a call is made, of which each *goes_on* with that chance."""
    return [(1 - goes_on) ** before for before in range(phase.tries)]


def course_of_call(phase: written.CallPhase, once: Course) -> Course:
    """Return how a call goes of which each try goes as *once*; of two copies the first counts."""
    if phase.retries is None:
        return once
    first, *others = reached(phase, once.goes_on)
    share = (1 + phase.retries.least_share) / 2
    pauses = zip(others, phase.retries.longest_waits, strict=True)
    takes = sum([first, *others]) * once.takes + sum(p * share * each for p, each in pauses)
    return unanswered(takes, 1 - (1 - once.goes_on) ** phase.tries)


# From how many draws the mean is estimated of what a timeout cuts.
_DRAWS = 100_000


@cache
def _limited(duration: Demand, timeout: int) -> tuple[float, float]:
    """Return the chance that *duration* is no longer than *timeout*, and its mean if cut there."""
    one = law(duration)
    draws = one.durations(Streams(0, 0, "timeouts"))(_DRAWS if one.variance else 1)
    return float(np.mean(draws <= timeout)), float(np.minimum(draws, timeout).mean())
