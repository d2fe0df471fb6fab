"""What was measured of a scenario, beside its simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import Status
from simsched.experiment.result import Result
from simsched.real.noise import Noise
from simsched.statistics import completion_order
from simsched.workload.arrays import Int64s


@dataclass(frozen=True, eq=False)
class Measurement:
    """What was measured.

    Attributes:
        measured: the servers, as a run of a simulation has them.
        simulated: the same servers simulated; if the measurement was interrupted, it has more.
        noise: how noisy the machine was before.
        is_interrupted: whether some servers, or requests of the last one, are missing.
    """

    measured: Result
    simulated: Result
    noise: Noise
    is_interrupted: bool

    def kendall_tau(self, server: str) -> float | None:
        """Return how a *server*'s two orders of completion agree.

        None where users decide who comes when, or fewer than two requests were answered in both.
        """
        if self.measured.scenarios[0].workload.closed is not None:
            return None
        measured, simulated = (_finish(each, server) for each in (self.measured, self.simulated))
        count = min(len(measured), len(simulated))
        both = (measured[:count] >= 0) & (simulated[:count] >= 0)
        return completion_order.agreement(measured[:count][both], simulated[:count][both])


def _finish(result: Result, server: str) -> Int64s:
    """Return when each request was answered, by number; -1 if it was not."""
    trace = result.traces[server][0].requests
    return np.where(trace.status == Status.COMPLETED, trace.finish_ns, -1)
