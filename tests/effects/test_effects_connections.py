"""Published effects of connections that are kept alive: they stay where they were accepted."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import factorial, prod

import numpy as np
from effects_runs import runs
from scipy.stats import binomtest

from simsched.scenario import loads

SIXTEEN = """
name: sixteen
requests: {message: [{cpu: 10ms}]}
workload: {closed: {users: 16, iterations: 3}}
client: {connections: {max: 16}}
servers: {loops: {model: cooperative, workers: 4}}
"""
WORKERS, CLIENTS = 4, 16

SCALED = """
name: scaled
requests: {call: [{io: 5ms}]}
workload: {open: {rate: 100/s, arrivals: constant}, duration: 2s}
client: {connections: {max: 100}}
events: [{server: three, worker: 2, at: 0s, for: 1s, down: true}]
servers: {three: {model: cooperative, workers: 3, dispatch: round_robin}}
"""


def fullest() -> dict[int, float]:
    """Return how likely each number of connections is at the worker with the most of them."""
    ways = Counter[int]()
    for counts in product(range(CLIENTS + 1), repeat=WORKERS):
        if sum(counts) == CLIENTS:
            ways[max(counts)] += factorial(CLIENTS) // prod(map(factorial, counts))
    return {most: count / WORKERS**CLIENTS for most, count in ways.items()}


def test_connections_of_as_many_clients_are_as_uneven_as_chance_makes_them() -> None:
    """16 websockets to 4 workers came to be 2, 3, 5 and 6, and took 140, 150, 197 and 207 s.

    Source: gunicorn issue 3071. As many balls in as many urns give the exact distribution.
    """
    exact = fullest()
    assert 6.1 < sum(most * chance for most, chance in exact.items()) < 6.2
    found = runs(loads(SIXTEEN), "loops", 200)
    often = sum(np.bincount(trace.worker[:CLIENTS]).max() >= 6 for trace in found)
    chance = sum(each for most, each in exact.items() if most >= 6)
    interval = binomtest(often, len(found)).proportion_ci(0.99)
    assert interval.low < chance < interval.high


def test_an_instance_that_is_added_gets_nothing_on_connections_that_are_there() -> None:
    """A worker that comes up later has no connection, and so no request, as in Kubernetes."""
    (trace,) = runs(loads(SCALED), "three", 1)
    assert np.bincount(trace.worker).tolist() == [200]
