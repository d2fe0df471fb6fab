"""Rates that change: their integrals, the inverses, and the arrivals that follow from them."""

from __future__ import annotations

from functools import partial
from math import inf, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from simsched.errors import InputError
from simsched.units import SECOND
from simsched.workload import arrivals, rates
from simsched.workload.distributions.laws import Exponential
from simsched.workload.rates import Multiplied, OnOff, Pieces, Steady, Swing
from simsched.workload.streams import Streams

S = float(SECOND)
HOUR = 3600 * S

STEPS = Pieces([0, 10 * S, 30 * S], [50, 200, 20], [50, 200, 20])
RAMP = Pieces([0, 10 * S, 40 * S], [0, 100, 10], [100, 10, 10])
DAY = Swing(mean=20, depth=0.8, period_ns=24 * HOUR, peak_ns=14 * HOUR)
SHORT_DAY = Swing(mean=40, depth=1.0, period_ns=30 * S, peak_ns=4 * S)
STOPPED = Multiplied(Steady(80), np.array([0, 5 * S, 8 * S]), np.array([1.0, 0.0, 3.0]))
SURGE = Multiplied(SHORT_DAY, np.array([0, 5 * S, 15 * S]), np.array([1.0, 3.0, 1.0]))

RATES = {
    "steady": (Steady(80), lambda _: 80),
    "steps": (STEPS, lambda t: 50 if t < 10 else 200 if t < 30 else 20),
    "ramp": (RAMP, lambda t: 10 * t if t < 10 else 100 - 3 * (t - 10) if t < 40 else 10),
    "day": (DAY, lambda t: 20 * (1 + 0.8 * np.cos(2 * pi * (t / 3600 - 14) / 24))),
    "short day": (SHORT_DAY, lambda t: 40 * (1 + np.cos(2 * pi * (t - 4) / 30))),
    "stopped": (STOPPED, lambda t: 80 if t < 5 else 0 if t < 8 else 240),
    "surge": (
        SURGE,
        lambda t: 40 * (1 + np.cos(2 * pi * (t - 4) / 30)) * (3 if 5 <= t < 15 else 1),
    ),
}
each_rate = pytest.mark.parametrize("name", RATES)


@each_rate
def test_what_is_expected_is_the_integral_of_the_rate(name):
    rate, per_second = RATES[name]
    for until in (3.0, 9.0, 17.0, 50.0):
        breaks = [t for t in (5, 8, 10, 15, 30, 40) if t < until]
        area, _ = integrate.quad(per_second, 0, until, points=breaks or None, limit=200)
        assert rate.expected(np.array([until * S]))[0] == pytest.approx(area, rel=1e-9, abs=1e-9)


@each_rate
@given(st.lists(st.floats(0.001, 3000), min_size=1, max_size=20))
def test_when_undoes_expected(name, numbers):
    rate, _ = RATES[name]
    times = rate.when(np.array(numbers))
    assert rate.expected(times) == pytest.approx(np.array(numbers), rel=1e-9, abs=1e-7)
    assert rate.when(np.array(numbers[:1]))[0] == times[0]


def test_a_swing_is_inverted_to_the_nanosecond_after_days():
    times = np.linspace(100, 3e5, 1001) * S
    assert np.abs(DAY.when(DAY.expected(times)) - times).max() < 0.6


@each_rate
def test_arrivals_in_windows_are_poisson_with_the_integral_of_the_rate(name):
    rate, _ = RATES[name]
    until, replications = 50, 60
    edges = np.arange(0, until + 1, 2.0) * S
    expected = np.diff(rate.expected(edges)) * replications
    counts = np.zeros(len(expected))
    for replication in range(replications):
        counts += np.histogram(poisson(rate, until * SECOND, replication), edges)[0]
    some = expected > 0
    assert not counts[~some].any()
    spread = ((counts - expected)[some] ** 2 / expected[some]).sum()
    assert 0.0005 < stats.chi2(some.sum()).sf(spread) < 0.9995


def poisson(rate, until, replication=1):
    return arrivals.before(until, partial(stretched, rate, Streams(1, replication)), 1, 1000)


def stretched(rate, streams, n):
    return arrivals.stretched(arrivals.renewal(Exponential(1.0), streams, n), rate)


@each_rate
def test_more_stretched_arrivals_begin_with_the_same(name):
    all_of_them = stretched(RATES[name][0], Streams(1, 1), 1000)
    for n in (0, 1, 300):
        assert np.array_equal(stretched(RATES[name][0], Streams(1, 1), n), all_of_them[:n])


def test_a_swing_is_inverted_alike_in_blocks_of_any_size(monkeypatch):
    numbers = np.linspace(0, 5000, 1001)
    whole = SHORT_DAY.when(numbers)
    monkeypatch.setattr(rates, "_BLOCK", 7)
    assert np.array_equal(SHORT_DAY.when(numbers), whole)


def test_nobody_arrives_while_the_rate_is_zero():
    times = poisson(STOPPED, 20 * SECOND) / S
    assert not ((times >= 5) & (times < 8)).any()
    assert (times >= 8).any()


ENDING = Pieces([0, 10 * S], [30, 0], [30, 0])


def test_a_rate_that_ends_has_a_limit():
    assert ENDING.limit == pytest.approx(300)
    assert ENDING.when(np.array([1.0, 300.5])).tolist() == [pytest.approx(S / 30), inf]
    assert Multiplied(ENDING, np.array([0, 5 * S]), np.array([2.0, 1.0])).limit == pytest.approx(
        450
    )
    assert Multiplied(Steady(30), np.array([0, 5 * S]), np.array([2.0, 0.0])).limit == 300
    assert Multiplied(Steady(30), np.array([0, 5 * S]), np.array([0.0, 2.0])).limit == inf


def test_a_duration_outlasts_a_rate_that_ends():
    times = poisson(ENDING, 100 * SECOND)
    assert times.max() < 10 * S
    assert abs(len(times) - 300) < stats.norm.ppf(0.9995) * np.sqrt(300)


def test_more_requests_than_a_rate_that_ends_can_bring_are_refused():
    def clock(n):
        return arrivals.stretched(np.arange(1.0, n + 1), ENDING)

    with pytest.raises(InputError, match="falls to 0 for ever after 300 arrivals"):
        arrivals.first(301, clock)
    assert len(arrivals.first(300, clock)) == 300


ON, OFF = 0.5 * S, 2.0 * S
HIGH, LOW = 4.0, 0.25


def bursts(replication, until, rate=None):
    place = Streams(1, replication, "/bursts")
    return poisson(OnOff(rate or Steady(100), (ON, OFF), (HIGH, LOW), place), until, replication)


def test_bursts_keep_the_index_of_dispersion_of_the_two_state_process():
    # Fischer & Meier-Hellstern, The Markov-modulated Poisson process (MMPP) cookbook, Performance
    # Evaluation 18 (1993), equation for the variance of the number of arrivals in a time t.
    window, windows, until = 1.0, 20_000, 20_000
    counts = np.bincount(bursts(1, until * SECOND) // SECOND, minlength=windows)
    leave_on, leave_off = S / ON, S / OFF
    both = leave_on + leave_off
    on, off = leave_off / both, leave_on / both
    mean = 100 * (on * HIGH + off * LOW) * window
    excess = 2 * on * off * (100 * (HIGH - LOW)) ** 2 / both
    variance = mean + excess * (window - (1 - np.exp(-both * window)) / both)
    batches = counts.reshape(50, -1)
    for statistic, expected in ((batches.mean(1), mean), (batches.var(1, ddof=1), variance)):
        error = statistic.std(ddof=1) / np.sqrt(len(batches))
        assert abs(statistic.mean() - expected) < stats.t(49).ppf(0.9995) * error


def test_bursts_are_in_equilibrium_from_the_beginning():
    until = 0.01
    counts = np.array([len(bursts(replication, int(until * S))) for replication in range(2000)])
    expected = 100 * until * (ON * HIGH + OFF * LOW) / (ON + OFF)
    error = counts.std(ddof=1) / np.sqrt(len(counts))
    assert abs(counts.mean() - expected) < stats.norm.ppf(0.9995) * error


def test_more_bursts_begin_with_the_same():
    rate = OnOff(RAMP, (ON / 100, OFF / 100), (HIGH, 0.0), Streams(1, 1))
    process = Streams(1, 1).child("process")
    all_of_them = stretched(rate, process, 5000)
    for n in (0, 1, 3, 1000):
        assert np.array_equal(stretched(rate, process, n), all_of_them[:n])


def test_bursts_end_with_the_rate_that_they_multiply():
    times = bursts(1, 100 * SECOND, ENDING)
    assert times.max() < 10 * S
    assert len(times) > 100
