"""Batches, held against the theory of bulk service.

A worker that is free takes up to *b* requests, as many as there are, which takes it D for any
number; if there are none it takes the next one that comes. What those leave behind is a Markov
chain: from n to n - b (or 0), and those that arrive meanwhile.

Sources: N. T. J. Bailey, On queueing processes with bulk service, Journal of the Royal Statistical
Society B 16, 1954; M. F. Neuts, A general class of bulk queues with Poisson input, Annals of
Mathematical Statistics 38, 1967.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson
from theory_runs import estimate, mean_response, scenario_text, traces

LASTS_S = 0.020
MOST = 400
"""More are hardly ever there."""


def bulk_mean_response(rate: float, most: int) -> float:
    """Return the mean response (s) of M/D^b/1, from how many each batch leaves behind."""
    arrivals = poisson.pmf(np.arange(MOST), rate * LASTS_S)
    left = np.maximum(np.arange(MOST) - most, 0)
    chain = np.array([np.concatenate([np.zeros(n), arrivals])[:MOST] for n in left])
    chain[:, -1] += 1 - chain.sum(axis=1)
    balance = np.vstack([chain.T - np.eye(MOST), np.ones(MOST)])
    share, *_ = np.linalg.lstsq(balance, np.append(np.zeros(MOST), 1.0), rcond=None)
    # Waiting, summed over the time of a batch; one that finds nobody is preceded by idle time.
    waiting = left @ share * LASTS_S + rate * LASTS_S**2 / 2
    cycle = LASTS_S + share[0] / rate
    return float(waiting / cycle / rate + LASTS_S)


@pytest.mark.parametrize(("rate", "most"), [(30, 1), (120, 4), (280, 8)])
def test_batches_of_a_free_worker_are_bulk_service(rate: int, most: int) -> None:
    found = traces(
        scenario_text(
            "{any: [{cpu: 0ms}]}",
            f"{{model: serial, batch: {{max: {most}, duration: {{base: 20ms}}}}}}",
            f"{{open: {{rate: {rate}/s}}, requests: 4000}}",
        ),
        10,
    )
    assert estimate(found, mean_response(500)).holds(bulk_mean_response(rate, most), within=0.1)


def test_pairs_wait_for_half_an_interval() -> None:
    """The first of a pair waits for one interval on average; with enough workers none else does."""
    found = traces(
        scenario_text(
            "{any: [{cpu: 0ms}]}",
            "{model: serial, workers: 50, batch: {max: 2, wait: 100s, duration: {base: 20ms}}}",
            "{open: {rate: 50/s}, requests: 3000}",
        ),
        10,
    )
    assert estimate(found, mean_response(0)).holds(0.5 / 50 + LASTS_S, within=0.05)
