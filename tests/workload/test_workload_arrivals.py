from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from workload_scenes import open_at, scenario

from simsched.errors import InputError, RunError
from simsched.workload import draw
from simsched.workload.arrivals import LATEST, first, regular, renewal, stretched
from simsched.workload.distributions.elementary import Exponential
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
    exact = [round(k * 10**9 / per_second) for k in range(1, 20_001)]
    assert np.abs(arrivals(workload) - exact).max() <= (0 if unit == "s" else 1)


def test_constant_arrivals_before_a_moment_leave_the_moment_out():
    workload = {"open": {"rate": "10/s", "arrivals": "constant"}, "duration": "1s"}
    assert arrivals(workload).tolist() == [k * 10**8 for k in range(1, 10)]


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
    assert len(timed) > 2 * 65_536, "several blocks are drawn"


def test_blocks_of_any_size_make_one_sequence_of_arrivals():
    def pieces(sizes):
        following = renewal(Exponential(1e6), Streams(1, 1))
        return np.concatenate([following(n) for n in sizes])

    assert np.array_equal(pieces([100]), pieces([1, 0, 30, 69]))


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
    monkeypatch.setattr("simsched.workload.size.MOST_REQUESTS", 100_000)
    often = {"weight": 999_999, "duration": 0}
    rarely = {"weight": 1, "duration": "1000h"}
    with pytest.raises(InputError, match="the bounds are 100,000 requests"):
        arrivals(renewals({"mixture": (often, rarely)}, duration="1h"))


def test_arrivals_beyond_simulated_time_are_refused():
    with pytest.raises(RunError, match="more than 146 years"):
        first(200, stretched(regular(1.0), Steady(1e9 / LATEST * 100)))


def test_poisson_arrivals_keep_their_mean_at_the_highest_rate():
    # Rounded gaps would make the clock 4 % slow here.
    times = arrivals(open_at("1e9/s", requests=200_000))
    assert abs(times[-1] - 200_000) < MOST_SIGMAS * np.sqrt(200_000)


def test_a_constant_time_between_arrivals_spaces_them_evenly():
    evenly = {"open": {"interarrival": "2.5ms"}, "requests": 4}
    assert arrivals(evenly).tolist() == [2_500_000, 5_000_000, 7_500_000, 10_000_000]


def test_times_between_arrivals_that_never_vary_are_kept():
    gaps = {"mixture": ({"weight": 1, "duration": "5ms"},)}
    assert arrivals(renewals(gaps, requests=3)).tolist() == [5_000_000, 10_000_000, 15_000_000]
