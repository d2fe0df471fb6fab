"""The arrivals of an open workload, as the scenario writes them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsched.scenario.model.events import ArrivalsEvent
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.workload import Bursts, OpenArrivals
from simsched.units import SECOND
from simsched.workload import arrivals
from simsched.workload.arrays import Floats, Int64s
from simsched.workload.distributions import Law, law
from simsched.workload.distributions.elementary import Constant, Exponential
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.rates import Modulated, Rate, Sojourns, Steady, on_off, rate, surged
from simsched.workload.size import check_size
from simsched.workload.streams import Streams


def draw_arrivals(scenario: Scenario, rows_per_request: float, streams: Streams) -> Int64s:
    """Return (n,) the arrivals of an open workload, in nanoseconds.

    They are evenly spaced, or those of a renewal process, stretched to the rate and its bursts.

    Raises:
        InputError: there are too many.
        RunError: they go on for longer than simulated time can.
    """
    requests, end_ns = scenario.workload.requests, scenario.workload.duration
    following = _clock(scenario, streams)
    if requests is not None:
        check_size(requests, rows_per_request)
        return arrivals.first(requests, following)
    if end_ns is None:
        raise NotImplementedError("open arrivals without an end")
    expected = arrival_rate_per_s(scenario) * end_ns / SECOND
    check_size(expected, rows_per_request)
    return arrivals.before(end_ns, following, rows_per_request, expected)


def _clock(scenario: Scenario, streams: Streams) -> arrivals.Clock:
    opened = _opened(scenario)
    between = between_arrivals(opened)
    if between.variance == 0:
        return arrivals.evenly(_period(opened, between, streams))
    process, mean = arrivals.renewal(between, streams), arrival_rate(scenario)
    if opened.bursts is None:
        return arrivals.stretched(process, mean)
    generator = streams.child("bursts").generator()
    sojourns = _sojourns(opened.bursts, arrival_rate_per_s(scenario), generator)
    return arrivals.stretched(process, Modulated(mean, sojourns))


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

    Where the times between arrivals are given, it tells how many of their nanoseconds pass.
    """
    opened = _opened(scenario)
    events = [each for each in scenario.events if isinstance(each, ArrivalsEvent)]
    return surged(rate(float(SECOND) if opened.rate is None else opened.rate), events)


def is_stationary(scenario: Scenario) -> bool:
    """Return whether requests arrive by themselves, at a rate that is the same at all times."""
    return scenario.workload.open is not None and isinstance(arrival_rate(scenario), Steady)


def arrival_rate_per_s(scenario: Scenario) -> float:
    """Return the mean number of arrivals per second, until the workload ends."""
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


def _sojourns(bursts: Bursts, mean_per_s: float, generator: np.random.Generator) -> Sojourns:
    """The factors of a rate that is on and off by turns, and 1 on average."""
    off = bursts.idle / mean_per_s
    on = (bursts.on + bursts.off - off * bursts.off) / bursts.on
    return on_off((bursts.on, bursts.off), (on, off), generator)
