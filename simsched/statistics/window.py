"""The part of a replication that counts: after the warm-up, up to the end of the run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import MISSING, Status, Trace
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s


@dataclass(frozen=True, eq=False)
class Window:
    """A trace observed over (*warmup_ns*, end of the run]."""

    trace: Trace
    warmup_ns: int = 0

    @property
    def length_ns(self) -> int:
        """How long the window is."""
        return max(0, self.trace.end_ns - self.warmup_ns)

    @cached_property
    def completed(self) -> NDArray[np.bool_]:
        """(n,) which requests arrived at or after the warm-up and were completed."""
        done: NDArray[np.bool_] = self.trace.status == Status.COMPLETED
        return done & (self.trace.arrival_ns >= self.warmup_ns)

    @cached_property
    def finish_ns(self) -> Int64s:
        """When each completed request finished, in order of arrival."""
        return self.trace.finish_ns[self.completed]

    @cached_property
    def response_ns(self) -> Int64s:
        """Each completed request's response time, in order of arrival."""
        return self.finish_ns - self.trace.arrival_ns[self.completed]

    def completions(self) -> int:
        """Return how many requests were completed in the window, whenever they arrived."""
        done = self.trace.status == Status.COMPLETED
        if self.warmup_ns:
            done &= self.trace.finish_ns > self.warmup_ns
        return int(np.count_nonzero(done))

    def slowdowns(self) -> Floats:
        """Return response time over demand of each completed request that has a demand."""
        demand = self.trace.demand_ns[self.completed]
        some = demand > 0
        return self.response_ns[some] / demand[some]

    def cpu_s(self) -> float:
        """Return the CPU time executed in the window, in seconds.

        Exact without a warm-up. A request in service at the cut is counted by the share of its
        service that lies after the cut, since a trace does not say when in its stay a request
        computed.
        """
        return (
            float(np.sum(self.trace.cpu_ns * self._share())) / SECOND
            if self.warmup_ns
            else self._cpu_s()
        )

    def _cpu_s(self) -> float:
        return int(np.sum(self.trace.cpu_ns)) / SECOND

    def _share(self) -> Floats:
        """Return (n,) the share of each request's service that lies in the window."""
        trace = self.trace
        start = np.where(trace.start_ns == MISSING, trace.arrival_ns, trace.start_ns)
        finish = np.where(trace.finish_ns == MISSING, trace.end_ns, trace.finish_ns)
        length = np.maximum(finish - start, 1)
        share: Floats = np.clip((finish - self.warmup_ns) / length, 0.0, 1.0)
        return share
