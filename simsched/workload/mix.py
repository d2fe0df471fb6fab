"""Which class each request is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from simsched.scenario.model.scenario import Scenario
from simsched.workload.columns import Int32s
from simsched.workload.streams import Streams
from simsched.workload.weights import picker, probabilities


def class_shares(scenario: Scenario) -> dict[str, float]:
    """Return the share of the requests that each class has, in the order of the scenario.

    In a schedule that is its share of the scheduled requests; elsewhere its weight in the mix.
    """
    names = list(scenario.requests)
    if scenario.workload.schedule is not None:
        scheduled: Counter[str] = Counter()
        for arrival in scenario.workload.schedule:
            scheduled[arrival.request] += arrival.times
        weights = [float(scheduled[name]) for name in names]
    elif scenario.workload.mix is not None:
        weights = [scenario.workload.mix.get(name, 0.0) for name in names]
    else:
        weights = [1.0] * len(names)
    return dict(zip(names, probabilities(weights), strict=True))


def draw_classes(scenario: Scenario, n: int, streams: Streams) -> Int32s:
    """Return (n,) each request's class, by position in the scenario's ``requests``."""
    return drawing_classes(scenario, streams)(n)


def drawing_classes(scenario: Scenario, streams: Streams) -> Callable[[int], Int32s]:
    """Return what draws the classes of the next n requests; the calls make one sequence."""
    shares = list(class_shares(scenario).values())
    if max(shares) == 1.0:
        return lambda n: np.full(n, shares.index(1.0), dtype=np.int32)
    pick = picker(shares, streams.generator())
    return lambda n: pick(n).astype(np.int32)
