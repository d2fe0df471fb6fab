"""The course's load test: what it published, held against ``scenarios/cityscape.yaml``.

Source: the transcript "Performance results" and the recorded latencies of the course
``talkpython/async-techniques-python-course`` (``transcripts/10-async-web`` and
``src/10-async-web``). wrk counts an answer that takes over 2 s as a timeout.

The published figures are of one run each. So they are held against the interval in which one more
run of the simulated server lies, not against the interval of the mean over many.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

import simsched
from simsched.engine.trace import Status, Trace
from simsched.experiment import Result

SCENARIO = Path(__file__).parents[2] / "scenarios" / "cityscape.yaml"
PATIENCE = 2.0

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def cityscape() -> Result:
    return simsched.run(SCENARIO, replications=30)


@pytest.fixture(scope="module")
def long_enough() -> Result:
    """So long that all that is sent in the first 15 s is answered."""
    return simsched.run(SCENARIO, overrides=["workload.duration=24s"], replications=200)


def responses(trace: Trace) -> Floats:
    """The response times of the answered requests, in seconds."""
    answered = trace.status == Status.COMPLETED
    return np.asarray((trace.finish_ns - trace.arrival_ns)[answered] / 1e9)


def answered(result: Result, server: str) -> Floats:
    """How many requests each replication answered."""
    return np.array([float(len(responses(each))) for each in result.traces[server]])


def late(result: Result, server: str) -> Floats:
    """How many answers of each replication took longer than wrk waits."""
    return np.array([float((responses(each) > PATIENCE).sum()) for each in result.traces[server]])


def shares_sent(result: Result, server: str) -> Floats:
    """The share of late answers to what was sent in the first 15 s, of each replication."""
    return np.array([share_sent(each) for each in result.traces[server]])


def share_sent(trace: Trace) -> float:
    sent = trace.arrival_ns < 15e9
    assert (trace.status[sent] == Status.COMPLETED).all()
    return float(((trace.finish_ns - trace.arrival_ns)[sent] / 1e9 > PATIENCE).mean())


def interval(values: Floats) -> tuple[float, float]:
    """The 95 % interval of the mean."""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(values.mean() - half), float(values.mean() + half)


def one_more_run(values: Floats) -> tuple[float, float]:
    """The 95 % prediction interval of one more value (Hahn & Meeker, Statistical Intervals, 1991,
    4.7)."""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) * (1 + 1 / len(values)) ** 0.5
    return float(values.mean() - half), float(values.mean() + half)


def test_the_published_run_of_quart_could_be_one_of_ours(cityscape: Result) -> None:
    low, high = one_more_run(answered(cityscape, "quart"))
    assert low < 311 < high
    assert low < 312 < high  # the run again
    assert high - low < 20
    assert not late(cityscape, "quart").any()


def test_requests_are_as_many_as_renewal_theory_says(cityscape: Result) -> None:
    """Twenty users, each a renewal process that begins at 0: t/mean + (cv² - 1)/2 renewals.

    Source: Cox, Renewal Theory, 1962, section 4.2.
    """
    location = [
        *(0.28844, 0.334694, 0.33468, 0.343911, 0.339515, 0.344329, 0.341594, 0.352366),
        *(0.535646, 0.527148, 0.533472, 0.53351, 0.523462),
    ]
    sun = [0.399203, 0.7046, 0.422959, 0.741911, 0.404674]
    mean = np.mean(location) + np.mean(sun)
    squared_cv = (np.var(location) + np.var(sun)) / mean**2
    expected = 20 * (15 / mean + (squared_cv - 1) / 2)
    counts = answered(cityscape, "quart")
    assert expected == pytest.approx(308, abs=0.5)
    spread = counts.std(ddof=1) / len(counts) ** 0.5
    assert abs(counts.mean() - expected) < student.ppf(0.995, len(counts) - 1) * spread


def test_the_mean_response_of_quart_is_as_published(cityscape: Result) -> None:
    mean = np.concatenate([responses(each) for each in cityscape.traces["quart"]]).mean()
    assert mean == pytest.approx(0.944, rel=0.02)


def test_the_published_run_of_flask_lies_between_four_and_five_workers(cityscape: Result) -> None:
    assert answered(cityscape, "flask4").mean() < 71 < answered(cityscape, "flask5").mean()
    assert late(cityscape, "flask4").mean() < 65 < late(cityscape, "flask5").mean()


def test_so_it_does_by_the_share_of_late_answers_to_what_was_sent(long_enough: Result) -> None:
    """Requests that are under way when the test stops are late ones for the most part.

    So the share among all that were sent in 15 s is a little higher than among those answered in
    15 s, and falls with the number of workers: they leave fewer waiting.
    """
    four, five = (interval(shares_sent(long_enough, name)) for name in ("flask4", "flask5"))
    assert five[1] < 65 / 71 < four[0]


@pytest.mark.parametrize("server", ["flask4", "flask5"])
def test_the_published_share_of_late_answers_could_be_that_of_either(
    cityscape: Result, server: str
) -> None:
    """As a ratio, 65 of 71 tells nothing of the workers: with four and with five it is 0.89.

    The number that is answered in time grows with the number of workers as the rest does.
    """
    shares = late(cityscape, server) / answered(cityscape, server)
    low, high = one_more_run(shares)
    assert low < 65 / 71 < high
    assert shares.mean() == pytest.approx(0.89, abs=0.005)
