"""A server of which one metric was measured."""

from __future__ import annotations

import numpy as np

from simsched.statistics.measurement import mean
from simsched.statistics.summary import ServerSummary

MEAN = "response_time_s.mean"


def server(name, values, metric=MEAN, **more):
    """A server of which one metric was measured, by its value in each replication."""
    measured = mean(np.array(values, dtype=float))
    return ServerSummary(
        name, {}, {metric: measured.estimate(0.95)}, measurements={metric: measured}, **more
    )
