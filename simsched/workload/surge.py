"""When more arrives for a while than a server can do, and how many requests wait then.

Requests are looked at as a fluid: as much flows in as is expected to arrive, and a server that has
something to do lets out as much as it can. What chance adds to that is left out.

Source: Newell, Applications of Queueing Theory, 2nd ed., 1982, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.scenario.model.scenario import Scenario
from simsched.workload.opened import arrivals_expected

MOMENTS = 10_000
"""How many moments of the workload are looked at."""


@dataclass(frozen=True, slots=True)
class Surge:
    """More than a server can do, for a while.

    Attributes:
        start_s: from when on requests wait, up to the moment when most do.
        peak_s: when most do.
        waiting: how many do then.
        left: how many still do when the last request arrives.
        arrivals: how many arrive in all.
    """

    start_s: float
    peak_s: float
    waiting: float
    left: float
    arrivals: float


def surge(scenario: Scenario, highest_rate_per_s: float) -> Surge | None:
    """Return the worst that a changing rate does to a server that can do so many per second.

    None where it is never asked for more, or the rate does not change.
    """
    expected = arrivals_expected(scenario, MOMENTS)
    if expected is None:
        return None
    at_s, arrived = expected
    ahead = arrived - highest_rate_per_s * at_s
    waiting = ahead - np.minimum.accumulate(ahead)
    peak = int(waiting.argmax())
    if waiting[peak] == 0:
        return None
    start = int(np.flatnonzero(waiting[:peak] == 0)[-1])
    moments = float(at_s[start]), float(at_s[peak])
    return Surge(*moments, float(waiting[peak]), float(waiting[-1]), float(arrived[-1]))
