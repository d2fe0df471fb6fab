"""Open arrivals whose rate changes, as the scenario writes them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from workload_scenes import closed, open_at, scenario

from simsched.units import SECOND
from simsched.workload import draw, is_random, is_stationary, offered_load
from simsched.workload.arrivals import arrival_rate

CLASSES = {"page": [{"cpu": "1ms"}]}

PROFILES = {
    "steps": {"steps": [{"at": 0, "rate": "50/s"}, {"at": "10s", "rate": "200/s"}]},
    "ramp": {"ramp": [{"at": 0, "rate": 0}, {"at": "20s", "rate": "100/s"}]},
    "daily": {"daily": {"mean": "50/s", "peak": "90/s", "peak_at": "5s", "period": "20s"}},
}


def scene(opened, *, events=(), **end):
    return scenario({"open": opened, **end}, CLASSES, events=events)


def arrivals_s(opened, replication=1, **sections):
    return draw(scene(opened, **sections), replication).arrival_ns / SECOND


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("steps", [(5, 50 * 5), (30, 50 * 10 + 200 * 20)]),
        ("ramp", [(10, 10 * 50 / 2), (30, 20 * 100 / 2 + 10 * 100)]),
        ("daily", [(5, 50 * 5 + 40 * 20 / (2 * np.pi)), (20, 50 * 20), (40, 50 * 40)]),
    ],
)
def test_a_profile_expects_the_area_under_it(name, expected):
    rate = arrival_rate(scene({"rate": PROFILES[name]}, duration="30s"))
    for at, area in expected:
        assert rate.expected(np.array([at * 1e9]))[0] == pytest.approx(area)


@pytest.mark.parametrize("name", PROFILES)
def test_arrivals_follow_their_profile(name):
    opened = {"rate": PROFILES[name]}
    rate = arrival_rate(scene(opened, duration="40s"))
    edges = np.arange(0, 41, 2.0)
    expected = np.diff(rate.expected(edges * 1e9)) * 30
    counts = sum(np.histogram(arrivals_s(opened, r, duration="40s"), edges)[0] for r in range(30))
    spread = ((counts - expected) ** 2 / expected).sum()
    assert 0.0005 < stats.chi2(len(expected)).sf(spread) < 0.9995


def test_events_multiply_the_rate_while_they_last():
    events = [
        {"arrivals": 2, "at": 0, "for": "5s"},
        {"arrivals": 3, "at": "10s", "for": "10s"},
        {"arrivals": 0.5, "at": "20s", "for": "5s"},
        {"arrivals": 0, "at": "30s", "for": "5s"},
    ]
    counts = np.zeros(8)
    for replication in range(1, 11):
        times = arrivals_s({"rate": "100/s"}, replication, events=events, duration="40s")
        counts += np.histogram(times, np.arange(0, 41, 5.0))[0]
    expected = 10 * 500 * np.array([2, 1, 3, 3, 0.5, 1, 0, 1])
    assert (np.abs(counts - expected) <= stats.norm.ppf(0.9999) * np.sqrt(expected)).all()


def test_arrivals_before_an_event_are_as_they_would_be_without_it():
    event = {"arrivals": 3, "at": "10s", "for": "10s"}
    plain = arrivals_s({"rate": "100/s"}, duration="30s")
    surged = arrivals_s({"rate": "100/s"}, events=[event], duration="30s")
    assert surged[surged < 10] == pytest.approx(plain[plain < 10], abs=1e-9)


@pytest.mark.parametrize("cv", [0.5, 2.0])
def test_a_cv_makes_gaps_gamma_distributed(cv):
    gaps = np.diff(arrivals_s({"rate": "80/s", "cv": cv}, requests=20_000), prepend=0)
    gamma = stats.gamma(cv**-2, scale=cv**2 / 80)
    if cv < 1:
        assert stats.kstest(gaps, gamma.cdf).pvalue > 0.001
    assert abs(gaps.mean() - 1 / 80) < stats.norm.ppf(0.9995) * gamma.std() / np.sqrt(20_000)
    assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=0.05)


BURSTS = {"on": "0.5s", "off": "2s", "idle": "20/s"}


def test_bursts_keep_the_mean_rate_and_have_the_idle_rate_between_them():
    # Poisson at 20/s for 2 s of 2.5 on average, and at 420/s for the rest: 100/s in the mean.
    opened = {"rate": "100/s", "bursts": BURSTS}
    counts = np.array([len(arrivals_s(opened, r, duration="100s")) for r in range(60)])
    both = 1 / 0.5 + 1 / 2
    excess = 2 * 0.2 * 0.8 * (420 - 20) ** 2 / both
    variance = 100 * 100 + excess * (100 - (1 - np.exp(-both * 100)) / both)
    assert abs(counts.mean() - 10_000) < stats.norm.ppf(0.9995) * np.sqrt(variance / 60)
    ratio = counts.var(ddof=1) / variance
    assert stats.chi2(59).ppf(0.0005) / 59 < ratio < stats.chi2(59).ppf(0.9995) / 59
    assert is_random(scene(opened, duration="1s"))


def test_bursts_without_an_idle_rate_bring_nobody_between_them():
    gaps = np.diff(
        arrivals_s({"rate": "1000/s", "bursts": {"on": "1s", "off": "9s"}}, duration="500s")
    )
    silences = gaps[gaps > 0.1]
    assert abs(silences.mean() - 9) < stats.norm.ppf(0.9995) * 9 / np.sqrt(len(silences))


@pytest.mark.parametrize(
    ("opened", "end", "expected"),
    [
        ({"rate": "80/s"}, {"duration": "10s"}, 80),
        ({"rate": PROFILES["steps"]}, {"duration": "20s"}, (500 + 2000) / 20),
        ({"rate": PROFILES["steps"]}, {"requests": 1500}, 1500 / 15),
        ({"rate": "100/s", "bursts": BURSTS}, {"requests": 10}, 100),
        ({"interarrival": {"uniform": {"low": "5ms", "high": "15ms"}}}, {"requests": 10}, 100),
    ],
)
def test_the_offered_rate_is_the_mean_until_the_end(opened, end, expected):
    written = scene(opened, **end)
    load = offered_load(written, written.servers["server"])
    assert load.arrival_rate_per_s == pytest.approx(expected)


def test_the_offered_rate_counts_events():
    event = {"arrivals": 3, "at": "5s", "for": "5s"}
    written = scene({"rate": "100/s"}, events=[event], duration="20s")
    load = offered_load(written, written.servers["server"])
    assert load.arrival_rate_per_s == pytest.approx(150)


@pytest.mark.parametrize(
    ("opened", "events", "expected"),
    [
        ({"rate": "80/s"}, [], True),
        ({"rate": "80/s", "bursts": BURSTS}, [], True),
        ({"interarrival": {"exponential": "10ms"}}, [], True),
        ({"rate": PROFILES["daily"]}, [], False),
        ({"rate": "80/s"}, [{"arrivals": 3, "at": "5s", "for": "5s"}], False),
    ],
)
def test_arrivals_are_stationary_if_nothing_changes_their_rate(opened, events, expected):
    assert is_stationary(scene(opened, events=events, duration="20s")) == expected


def test_what_does_not_arrive_by_itself_is_not_stationary():
    assert not is_stationary(scenario(closed(3)))


def test_a_profile_is_drawn_prefix_stable():
    for rate in PROFILES.values():
        few = draw(scenario(open_at(rate, requests=500), CLASSES), 1)
        many = draw(scenario(open_at(rate, requests=800), CLASSES), 1)
        timed = draw(scenario(open_at(rate, duration="30s"), CLASSES), 1)
        assert np.array_equal(few.arrival_ns, many.arrival_ns[:500])
        n = min(len(timed), 800)
        assert np.array_equal(timed.arrival_ns[:n], many.arrival_ns[:n])
