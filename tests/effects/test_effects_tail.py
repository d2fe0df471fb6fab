"""Published effects on the tail of response times."""

from __future__ import annotations

import numpy as np
import pytest
from effects_runs import responses, run, runs, shipped
from scipy.stats import binom

from simsched.scenario import loads

STALL = """
name: stall
requests: {{any: [{{io: 1ms, on: disk}}]}}
resources: {{disk: {{capacity: 100000}}}}
workload: {{{workload}, duration: 30s}}
servers: {{server: {{model: cooperative}}}}
events: [{{at: 14s, for: 1.4s, resource: disk, stopped: true}}]
"""


@pytest.mark.parametrize(("request_class", "calls"), [("single", 1), ("page", 100)])
def test_a_request_that_makes_a_hundred_calls_is_as_slow_as_the_slowest(
    request_class: str, calls: int
) -> None:
    """With one call in a hundred slow, 63.4 % of the requests that make a hundred are slow.

    Source: Dean & Barroso, The Tail at Scale, Communications of the ACM 56 (2), 2013.
    """
    found = responses(runs(shipped("fan-out", "workload.requests=400"), "loop", 5), request_class)
    share = 1 - 0.99**calls
    low, high = binom.interval(0.99, len(found), share)
    slow = found >= 1
    assert low <= slow.sum() <= high
    assert len(found) > 900
    assert set(np.round(found, 9)) == {0.01, 1.0}


def test_a_client_that_waits_for_answers_does_not_see_a_stall() -> None:
    """Coordinated omission: a stall of 1.4 s in 30 s is in the p99 of an open client alone.

    2000 requests per second arrive whether or not the server answers, and 1 % of 30 s is 0.3 s, so
    their p99 is that of a request which came 0.3 s into the stall: 1.4 - 0.3 + 0.001 s. Four
    connections that wait for their answers have four slow ones, among many thousands.

    Source: G. Tene, How Not to Measure Latency, Strange Loop 2015; the README of wrk2.
    """
    opened = loads(STALL.format(workload="open: {rate: 2000/s}"))
    closed = loads(STALL.format(workload="closed: {users: 4, think: {exponential: 3ms}}"))
    every, some = (responses([run(each, "server")]) for each in (opened, closed))
    assert np.quantile(every, 0.99) == pytest.approx(1.101, rel=0.03)
    assert np.quantile(every, 0.99) > 100 * np.quantile(some, 0.99)
    assert (some > 0.1).sum() == 4
    assert some.max() == pytest.approx(1.4, abs=0.03)
