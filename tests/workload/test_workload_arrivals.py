from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from workload_scenes import demand, open_at, scenario

from simsched.errors import InputError, RunError
from simsched.workload import draw
from simsched.workload.arrivals import LATEST, before, evenly, first, renewal, stretched
from simsched.workload.distributions import law
from simsched.workload.distributions.laws import Exponential
from simsched.workload.rates import Steady
from simsched.workload.streams import Streams

MOST_SIGMAS = stats.norm.ppf(0.9995)


def arrivals(workload, replication=1):
    return draw(scenario(workload), replication).arrival_ns


def renewals(distribution, **end):
    return {"open": {"interarrival": distribution}, **end}


def test_poisson_gaps_are_exponential_and_the_first_arrival_takes_one():
    gaps = np.diff(arrivals(open_at("80/s", requests=50_000)), prepend=0) / 1e9
    assert stats.kstest(gaps, stats.expon(scale=1 / 80).cdf).pvalue > 0.001


def test_poisson_counts_in_windows_are_poisson():
    times = arrivals(open_at("50/s", duration="2000s"))
    counts = np.bincount(times // 10**8, minlength=20_000)
    observed = np.bincount(np.minimum(counts, 14), minlength=15)
    law = stats.poisson(5)
    expected = np.append(law.pmf(range(14)), law.sf(13)) * len(counts)
    assert stats.chisquare(observed, expected).pvalue > 0.001


def test_the_number_of_poisson_arrivals_lies_in_its_interval():
    n = len(arrivals(open_at("50/s", duration="2000s")))
    assert abs(n - 100_000) < MOST_SIGMAS * np.sqrt(100_000)


@pytest.mark.parametrize("rate", ["80/s", "3/s", "7/min", "300000007/s"])
def test_constant_arrivals_do_not_drift(rate):
    workload = {"open": {"rate": rate, "arrivals": "constant"}, "requests": 20_000}
    number, unit = rate.split("/")
    per_second = Fraction(int(number), {"s": 1, "min": 60}[unit])
    exact = [round(k * 10**9 / per_second) for k in range(20_000)]
    assert np.abs(arrivals(workload) - exact).max() <= (0 if unit == "s" else 1)


@pytest.mark.parametrize(
    ("rate", "duration", "number"),
    [
        ("1/s", "1s", 1),
        ("10/s", "1s", 10),
        ("7/min", "1min", 7),
        ("0.1/s", "20s", 2),
        ("3/s", "1s", 3),
        ("0.7/s", "10s", 7),
        ("1/h", "365h", 365),
        ("300000007/s", "1ms", 300_000),
    ],
)
def test_constant_arrivals_are_as_many_as_rate_times_duration(rate, duration, number):
    workload = {"open": {"rate": rate, "arrivals": "constant"}, "duration": duration}
    assert len(arrivals(workload)) == number


def test_constant_arrivals_come_at_0_and_after_each_period():
    workload = {"open": {"rate": "10/s", "arrivals": "constant"}, "duration": "1s"}
    assert arrivals(workload).tolist() == [k * 10**8 for k in range(10)]


DISTRIBUTIONS = {
    "exponential": {"exponential": "10ms"},
    "erlang": {"erlang": {"mean": "10ms", "stages": 4}},
    "irregular gamma": {"gamma": {"mean": "10ms", "cv": 2}},
    "hyperexponential": {"hyperexponential": {"mean": "10ms", "cv": 3}},
    "lognormal": {"lognormal": {"mean": "10ms", "cv": 1.5}},
    "weibull": {"weibull": {"mean": "10ms", "cv": 2}},
    "regular weibull": {"weibull": {"mean": "10ms", "cv": 0.3}},
    "pareto": {"pareto": {"low": "1ms", "high": "100ms", "shape": 1.2}},
    "pareto of shape 1": {"pareto": {"low": "1ms", "high": "100ms", "shape": 1}},
    "uniform": {"uniform": {"low": "5ms", "high": "15ms"}},
    "uniform from 0": {"uniform": {"low": 0, "high": "20ms"}},
    "observed": {"empirical": {"values": ["1ms", "1ms", "28ms"]}},
    "batches": {"mixture": [{"weight": 3, "duration": 0}, {"weight": 1, "duration": "40ms"}]},
    "shifted": {"shifted": {"by": "8ms", "duration": {"exponential": "2ms"}}},
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("intervals", [0.5, 3.25])
def test_renewal_arrivals_have_their_mean_rate_in_short_runs_too(name, intervals):
    between = law(demand(DISTRIBUTIONS[name]))
    end_ns = round(intervals * between.mean)

    def count(replication):
        def clock(n):
            return stretched(renewal(between, Streams(1, replication), n), Steady(1e9))

        return len(before(end_ns, clock, 1, intervals))

    counts = np.array([count(replication) for replication in range(4000)])
    error = counts.std(ddof=1) / np.sqrt(len(counts))
    assert abs(counts.mean() - end_ns / between.mean) < MOST_SIGMAS * error


@pytest.mark.parametrize("cv", [0.2, 3.0])
def test_a_cv_keeps_the_rate_in_short_runs(cv):
    workload = {"open": {"rate": "10/s", "cv": cv}, "duration": "1s"}
    written = scenario(workload, {"ping": [{"cpu": "1ms"}]})
    counts = np.array([len(draw(written, replication)) for replication in range(1, 2001)])
    assert abs(counts.mean() - 10) < MOST_SIGMAS * counts.std(ddof=1) / np.sqrt(len(counts))


def test_renewal_arrivals_have_the_gaps_of_their_distribution():
    gaps = np.diff(
        arrivals(renewals({"uniform": {"low": "5ms", "high": "15ms"}}, requests=20_000)), prepend=0
    )
    assert stats.kstest(gaps, stats.uniform(5e6, 10e6).cdf).pvalue > 0.001


@given(st.integers(1, 300), st.integers(0, 300))
def test_more_requests_never_change_the_first_ones(n, more):
    few = draw(scenario(open_at("80/s", requests=n)), 1)
    many = draw(scenario(open_at("80/s", requests=n + more)), 1)
    for column in ("arrival_ns", "class_id", "dispatch"):
        assert np.array_equal(getattr(few, column), getattr(many, column)[:n])
    rows = few.first_row[-1]
    assert np.array_equal(few.duration_ns, many.duration_ns[:rows])


@pytest.mark.parametrize("arrivals_are", ["poisson", "constant"])
def test_a_duration_takes_the_same_arrivals_as_a_number_of_requests(arrivals_are):
    opened = {"rate": "80/s", "arrivals": arrivals_are}
    timed = arrivals({"open": opened, "duration": "2000s"})
    counted = arrivals({"open": opened, "requests": len(timed) + 1})
    assert np.array_equal(timed, counted[:-1])
    assert timed[-1] < 2000 * 10**9 <= counted[-1]


def test_more_renewal_arrivals_begin_with_the_same():
    between = law(demand({"gamma": {"mean": "1ms", "cv": 2}}))
    all_of_them = renewal(between, Streams(1, 1), 100)
    for n in (0, 1, 31):
        assert np.array_equal(renewal(between, Streams(1, 1), n), all_of_them[:n])


def test_a_duration_that_was_expected_to_bring_fewer_takes_them_all():
    def clock(n):
        return stretched(renewal(Exponential(1.0), Streams(1, 1), n), Steady(1e9))

    assert np.array_equal(before(3000, clock, 1, 10), before(3000, clock, 1, 10_000))


def test_a_duration_that_nobody_arrives_in_is_an_empty_workload():
    workload = draw(scenario(open_at("1/h", duration="1ms")), 1)
    assert len(workload) == 0
    assert workload.end_ns == 10**6
    assert workload.demand_ns().tolist() == []


def test_a_duration_ends_the_simulation_and_a_number_of_requests_does_not():
    assert draw(scenario(open_at("80/s", duration="2s")), 1).end_ns == 2 * 10**9
    assert draw(scenario(open_at("80/s", requests=2)), 1).end_ns is None


def test_replications_and_seeds_differ():
    drawn = {
        int(draw(scenario(open_at("80/s", requests=1), seed=seed), replication).arrival_ns[0])
        for seed in (1, 2)
        for replication in (1, 2, 3)
    }
    assert len(drawn) == 6


def test_a_replication_too_large_for_memory_is_refused_before_it_is_drawn():
    message = (
        "about 3,600,000,000,000 requests per replication, which take 230000 GB; "
        "the bounds are 2,000,000,000 requests and 16 GB"
    )
    with pytest.raises(InputError, match=message):
        arrivals(open_at("1e9/s", duration="1h"))


def test_arrivals_that_turn_out_too_many_are_refused_while_they_are_drawn(monkeypatch):
    monkeypatch.setattr("simsched.workload.columns.MOST_REQUESTS", 100_000)
    bursts = {"on": "10s", "off": "90s"}
    workload = {"open": {"rate": "50000/s", "bursts": bursts}, "duration": "1s"}
    with pytest.raises(InputError, match="the bounds are 100,000 requests"):
        _ = [arrivals(workload, replication) for replication in range(1, 100)]


def test_arrivals_beyond_simulated_time_are_refused():
    slow = Steady(1e9 / LATEST * 50)
    with pytest.raises(RunError, match="more than 146 years"):
        first(200, lambda n: stretched(renewal(Exponential(1.0), Streams(1, 1), n), slow))
    with pytest.raises(RunError, match="more than 146 years"):
        first(200, partial(evenly, Fraction(LATEST, 100)))


def test_poisson_arrivals_keep_their_mean_at_the_highest_rate():
    # Rounded gaps would make the clock 4 % slow here.
    times = arrivals(open_at("1e9/s", requests=200_000))
    assert abs(times[-1] - 200_000) < MOST_SIGMAS * np.sqrt(200_000)


def test_a_constant_time_between_arrivals_spaces_them_evenly():
    evenly = {"open": {"interarrival": "2.5ms"}, "requests": 4}
    assert arrivals(evenly).tolist() == [0, 2_500_000, 5_000_000, 7_500_000]


def test_times_between_arrivals_that_never_vary_are_kept():
    gaps = {"mixture": ({"weight": 1, "duration": "5ms"},)}
    assert arrivals(renewals(gaps, requests=3)).tolist() == [0, 5_000_000, 10_000_000]


def test_constant_arrivals_are_exact_after_a_hundred_days():
    last = evenly(10**9 / Fraction("0.3"), 2_700_003)[-3:]
    assert last.tolist() == [9 * 10**15, 9 * 10**15 + 3333333333, 9 * 10**15 + 6666666667]


def test_a_time_between_arrivals_beyond_2_to_the_53_is_exact():
    gap = 31_000_000_000_000_001
    evenly_spaced = {"open": {"interarrival": f"{gap}ns"}, "requests": 3}
    assert arrivals(evenly_spaced).tolist() == [0, gap, 2 * gap]
