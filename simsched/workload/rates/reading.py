"""From the rate of arrival as the scenario writes it to the function of time it means."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

import numpy as np

from simsched.scenario.model.events import ArrivalsEvent
from simsched.scenario.model.workload import Daily, Ramp, RateProfile, Steps
from simsched.workload.rates.multiplied import Multiplied
from simsched.workload.rates.pieces import Pieces
from simsched.workload.rates.rate import Rate, Steady
from simsched.workload.rates.swing import Swing


@singledispatch
def rate(written: float | RateProfile) -> Rate:
    """Return the rate that is *written*: a constant number per second, or a profile."""
    raise NotImplementedError(f"no rate for {type(written).__name__}")


@rate.register
def _(written: float) -> Rate:
    return Steady(written)


@rate.register
def _(written: Steps) -> Rate:
    rates = [point.rate for point in written.steps]
    return Pieces([point.at for point in written.steps], rates, rates)


@rate.register
def _(written: Ramp) -> Rate:
    rates = [point.rate for point in written.ramp]
    return Pieces([point.at for point in written.ramp], rates, [*rates[1:], rates[-1]])


@rate.register
def _(written: Daily) -> Rate:
    curve = written.daily
    return Swing(curve.mean, curve.peak / curve.mean - 1, curve.period, curve.peak_at)


def surged(base: Rate, events: Iterable[ArrivalsEvent]) -> Rate:
    """Return the rate *base*, multiplied while each of *events* lasts; they do not overlap."""
    starts, factors = [0.0], [1.0]
    for event in sorted(events, key=lambda each: each.at):
        starts += [event.at, event.at + event.lasting]
        factors += [event.arrivals, 1.0]
    if len(starts) == 1:
        return base
    return Multiplied(base, np.array(starts, dtype=np.float64), np.array(factors))
