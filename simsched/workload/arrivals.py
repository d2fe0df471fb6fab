"""When requests arrive in an open workload, where they wait for no answer.

Evenly spaced arrivals are computed. Random ones are drawn at rate 1 first, and a changing rate then
stretches the time between them. A workload takes the first so many of them, or all before a moment.

Every process is in equilibrium from time 0 on, so that the number of arrivals until any moment has
the mean *rate x time*, in a short run as in a long one. A process that began with a whole interval
would bring (1 - cv**2) / 2 requests too few (Cox, Renewal Theory (1962), 4.2 and 4.6).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import sqrt
from typing import Protocol

import numpy as np

from simsched.errors import InputError, RunError
from simsched.scenario.model.events import ArrivalsEvent
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.scenario.model.workload import Bursts, OpenArrivals
from simsched.units import SECOND
from simsched.workload.arrays import Floats, Int64s
from simsched.workload.columns import check_size
from simsched.workload.distributions import Law, Sampler, checked, law
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.distributions.laws import Constant, Exponential
from simsched.workload.rates import OnOff, Rate, Steady, rate, surged
from simsched.workload.streams import Streams

Clock = Callable[[int], Int64s]
"""Called with n, it returns the first n times of arrival in nanoseconds, which never decrease.

One after :data:`LATEST` is not exact; :data:`NEVER` stands for an arrival that does not happen.
"""

LATEST = 2**62
"""The latest arrival there may be, in nanoseconds: 146 years, half of what int64 holds."""

NEVER = 2**63 - 1
"""The time of an arrival that the rate never brings."""


class Stretching(Protocol):
    """What turns the times of arrivals at rate 1 into nanoseconds."""

    def when(self, expected: Floats) -> Floats:
        """Return the time of each; infinity for never."""
        ...


def evenly(period: Fraction, n: int) -> Int64s:
    """Return *n* arrivals at 0 and, from then on, after each *period* (ns), rounded, not drifting.

    Before any whole number of periods there are exactly that many.
    """
    whole, part = divmod(period, 1)
    # Times after the latest are refused, and their products would not fit int64.
    numbers = np.minimum(np.arange(n, dtype=np.int64), int(LATEST // period) + 1)
    return numbers * int(whole) + _rounded(numbers * float(part))


def renewal(between: Law, streams: Streams, n: int) -> Floats:
    """Return *n* arrivals with independent times between them, each of the law *between*."""
    draw = between.sampler(streams)
    times = np.append(_first(between, draw, streams), draw(max(n - 1, 0)))[:n]
    return np.cumsum(checked(times, between), out=times)


def _first(between: Law, draw: Sampler, streams: Streams) -> Floats:
    """Return (1,) the time until the first arrival: the rest of an interval that time 0 falls into.

    Of an exponential interval the rest is like the whole. Of any other, time 0 is equally likely to
    be anywhere in an interval that is the more likely, the longer it is (Cox, Renewal Theory
    (1962), 5.4).
    """
    if isinstance(between, Exponential):
        return draw(1)
    first = streams.child("first")
    rest = first.child("rest").generator().random()
    return np.array([rest * between.length_biased(first.child("interval"))])


def stretched(times: Floats, rate: Stretching) -> Int64s:
    """Return the arrivals that happen at *times* at rate 1 as they happen at a changing rate."""
    times = rate.when(times)
    # Rounding would put some of them before the arrival they follow.
    return _rounded(np.maximum.accumulate(times, out=times))


def _rounded(times: Floats) -> Int64s:
    """Return *times* in whole nanoseconds; those beyond :data:`LATEST` as any after it."""
    rounded = np.rint(np.minimum(times, 2.0 * LATEST - 1024)).astype(np.int64)
    rounded[np.isinf(times)] = NEVER
    return rounded


def first(n: int, clock: Clock) -> Int64s:
    """Return (n,) the first *n* arrivals, in nanoseconds.

    Raises:
        InputError: the rate falls to 0 before there are as many.
        RunError: they go on for longer than :data:`LATEST`.
    """
    times = clock(n)
    latest = times.max(initial=0)
    if latest == NEVER:
        count = int(np.searchsorted(times, NEVER))
        raise InputError(
            f"the rate falls to 0 for ever after {count:,} arrivals; ask for no more requests than"
            f" that, or give a duration instead"
        )
    if latest > LATEST:
        raise RunError("the arrivals go on for more than 146 years; raise the rate or have fewer")
    return times


def before(end_ns: int, clock: Clock, rows_per_request: float, expected: float) -> Int64s:
    """Return the arrivals strictly before *end_ns*, in nanoseconds; about as many as *expected*.

    Where those drawn do not reach the end, twice as many are drawn again; they begin with the same.

    Raises:
        InputError: there are more than fit, as :func:`simsched.workload.columns.check_size` says.
    """
    # Four standard deviations of a Poisson count: a second attempt is rare.
    n = int(expected + 4 * sqrt(expected)) + 16
    while (times := clock(n))[-1] < end_ns:
        check_size(n, rows_per_request)
        n *= 2
    count = int(np.searchsorted(times, end_ns))
    check_size(count, rows_per_request)
    # A copy, so that the surplus does not stay in memory.
    return times[:count].copy()


def draw_arrivals(scenario: Scenario, rows_per_request: float, streams: Streams) -> Int64s:
    """Return (n,) the arrivals of an open workload, in nanoseconds.

    They are evenly spaced, or those of a renewal process, stretched to the rate and its bursts.

    Raises:
        InputError: there are too many.
        RunError: they go on for longer than simulated time can.
    """
    requests, end_ns = scenario.workload.requests, scenario.workload.duration
    clock = partial(_first_arrivals, scenario, streams)
    if requests is not None:
        check_size(requests, rows_per_request)
        return first(requests, clock)
    if end_ns is None:
        raise NotImplementedError("open arrivals without an end")
    expected = arrival_rate_per_s(scenario) * end_ns / SECOND
    check_size(expected, rows_per_request)
    return before(end_ns, clock, rows_per_request, expected)


def _first_arrivals(scenario: Scenario, streams: Streams, n: int) -> Int64s:
    opened = _opened(scenario)
    between = between_arrivals(opened)
    if between.variance == 0:
        return evenly(_period(opened, between, streams), n)
    rate: Stretching = arrival_rate(scenario)
    if opened.bursts is not None:
        rate = _bursts(scenario, opened.bursts, streams.child("bursts"))
    return stretched(renewal(between, streams, n), rate)


def _period(opened: OpenArrivals, between: Law, streams: Streams) -> Fraction:
    """Return the nanoseconds between arrivals that are evenly spaced.

    A rate that does not change is all that such arrivals go with.
    """
    if opened.interarrival is not None:
        return Fraction(int(between.durations(streams)(1)[0]))
    return SECOND / Fraction(str(opened.rate))


def _opened(scenario: Scenario) -> OpenArrivals:
    if scenario.workload.open is None:
        raise NotImplementedError("the arrivals of a workload that is not open")
    return scenario.workload.open


def between_arrivals(opened: OpenArrivals) -> Law:
    """Return the law of the time between arrivals: at rate 1, or as it is given, in nanoseconds.

    Neither bursts nor a changing rate are in it.
    """
    if opened.interarrival is not None:
        return law(opened.interarrival)
    if opened.arrivals == "constant":
        return Constant(1.0)
    return Exponential(1.0) if opened.cv is None else Gamma.from_mean_cv(1.0, opened.cv)


def arrival_rate(scenario: Scenario) -> Rate:
    """Return the rate of arrival as a function of time, averaged over bursts.

    Where the times between arrivals are given, it counts their nanoseconds instead of arrivals.
    """
    opened = _opened(scenario)
    # Beside a stream whose rate is multiplied there may be one that is no Poisson process.
    regular = opened.interarrival is not None or opened.arrivals != "poisson"
    fixed = regular or opened.cv is not None or opened.bursts is not None
    events = [each for each in scenario.events if isinstance(each, ArrivalsEvent) and not fixed]
    return surged(rate(float(SECOND) if opened.rate is None else opened.rate), events)


def is_stationary(scenario: Scenario) -> bool:
    """Return whether requests arrive by themselves, at a rate that is the same at all times."""
    return all(map(_is_stationary, by_stream(scenario).values()))


def _is_stationary(scenario: Scenario) -> bool:
    return scenario.workload.open is not None and isinstance(arrival_rate(scenario), Steady)


def arrival_rate_per_s(scenario: Scenario) -> float:
    """Return the mean number of arrivals per second, until the workload ends."""
    return sum(map(_arrival_rate_per_s, by_stream(scenario).values()))


def _arrival_rate_per_s(scenario: Scenario) -> float:
    changing, between = arrival_rate(scenario), between_arrivals(_opened(scenario))
    if isinstance(changing, Steady):
        return changing.per_s / between.mean
    end = _end_ns(scenario, changing, between)
    return float(changing.expected(end)[0] / between.mean / end[0] * SECOND)


def arrivals_expected(scenario: Scenario, moments: int) -> tuple[Floats, Floats] | None:
    """Return so many moments (s), from 0 to the end, and how many arrivals are expected by each.

    None where the rate is the same at all times, or is none of an open workload.
    """
    if scenario.workload.open is None or is_stationary(scenario):
        return None
    changing, between = arrival_rate(scenario), between_arrivals(_opened(scenario))
    at_ns = np.linspace(0, _end_ns(scenario, changing, between)[0], moments)
    return at_ns / SECOND, changing.expected(at_ns) / between.mean


def _end_ns(scenario: Scenario, changing: Rate, between: Law) -> Floats:
    """Return (1,) when the workload ends; where it has so many requests, on average."""
    if scenario.workload.requests is not None:
        return changing.when(np.array([scenario.workload.requests * between.mean]))
    return np.array([float(scenario.workload.duration or 0)])


def _bursts(scenario: Scenario, bursts: Bursts, streams: Streams) -> OnOff:
    """Return the rate that is on and off by turns, by factors that are 1 on average."""
    off = bursts.idle / _arrival_rate_per_s(scenario)
    on = (bursts.on + bursts.off - off * bursts.off) / bursts.on
    return OnOff(arrival_rate(scenario), (bursts.on, bursts.off), (on, off), streams)
