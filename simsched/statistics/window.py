"""The part of a replication that counts: after the warm-up, up to the end of the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import MISSING, Status, Trace
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Window:
    """A trace observed over (*start_ns*, *stop_ns*]: the requests that arrive in it, unless said.

    Attributes:
        trace: what is observed.
        start_ns: where the window begins: the end of the warm-up.
        stop_ns: where it ends; None is the end of the run.
        class_id: the class that is looked at; None is every class.
    """

    trace: Trace
    start_ns: int = 0
    stop_ns: int | None = None
    class_id: int | None = None

    @property
    def requests(self) -> Trace:
        """What is observed, with one row per request, whichever attempts it took."""
        return self.trace.requests

    def of_class(self, class_id: int) -> Window:
        """Return the same window on one class alone."""
        return replace(self, class_id=class_id)

    @property
    def end_ns(self) -> int:
        """Where the window ends."""
        return self.trace.end_ns if self.stop_ns is None else self.stop_ns

    @property
    def length_ns(self) -> int:
        """How long the window is."""
        return max(0, self.end_ns - self.start_ns)

    @cached_property
    def arrived(self) -> Mask:
        """(n,) which requests of any class arrived in the window."""
        arrival = self.requests.arrival_ns
        mask: Mask = arrival >= self.start_ns
        if self.stop_ns is not None:
            mask &= arrival < self.stop_ns
        return mask

    @cached_property
    def everyone(self) -> Mask:
        """(n,) which requests of any class arrived in the window and were completed."""
        mask: Mask = self.arrived & (self.requests.status == Status.COMPLETED)
        return mask

    @cached_property
    def ended(self) -> Mask:
        """(n,) which requests arrived in the window, are looked at, and came to an end."""
        mask: Mask = self.arrived & self.ours & (self.requests.status != Status.UNFINISHED)
        return mask

    @cached_property
    def ours(self) -> Mask:
        """(n,) which requests are of the class that is looked at."""
        return self._looked_at(self.requests)

    @cached_property
    def completed(self) -> Mask:
        """(n,) which requests arrived in the window, were completed, and are looked at."""
        return self.everyone & self.ours

    @cached_property
    def finish_ns(self) -> Int64s:
        """When each completed request finished, in order of arrival."""
        return self.requests.finish_ns[self.completed]

    @cached_property
    def response_ns(self) -> Int64s:
        """Each completed request's response time, in order of arrival."""
        return self.finish_ns - self.requests.arrival_ns[self.completed]

    @cached_property
    def slowdowns(self) -> Floats:
        """Response time over demand of each completed request that has a demand."""
        demand = self.requests.demand_ns[self.completed]
        some = demand > 0
        return self.response_ns[some] / demand[some]

    def completions(self) -> int:
        """Return how many requests were completed in the window, whenever they arrived."""
        finish = self.requests.finish_ns
        done = self.ours & (self.requests.status == Status.COMPLETED) & (finish <= self.end_ns)
        if self.start_ns:
            done &= finish > self.start_ns
        return int(np.count_nonzero(done))

    def cpu_s(self) -> float:
        """Return the CPU time executed in the window, in seconds, for every attempt.

        Exact for a whole run. A request in service at an edge of the window is counted by the share
        of its service that lies within, since a trace does not say when in its stay a request
        computed; what was computed for clients that had given up, evenly over the run.
        """
        trace, ours = self.trace, self._looked_at(self.trace)
        cpu = trace.cpu_ns[ours]
        late = sum(trace.late_cpu_ns) if self.class_id is None else self._late(self.class_id)
        if self.start_ns == 0 and self.stop_ns is None:
            return (int(np.sum(cpu)) + late) / SECOND
        late_share = late * self.length_ns / max(trace.end_ns, 1)
        return (float(np.sum(cpu * self._share(ours))) + late_share) / SECOND

    def _late(self, class_id: int) -> int:
        return self.trace.late_cpu_ns[class_id] if self.trace.late_cpu_ns else 0

    def _looked_at(self, trace: Trace) -> Mask:
        if self.class_id is None:
            return np.ones(len(trace), dtype=np.bool_)
        mask: Mask = trace.class_id == self.class_id
        return mask

    def _share(self, ours: Mask) -> Floats:
        """Return the share of each attempt's service that lies in the window."""
        trace = self.trace
        start, finish = trace.start_ns[ours], trace.finish_ns[ours]
        start = np.where(start == MISSING, trace.arrival_ns[ours], start)
        finish = np.where(finish == MISSING, trace.end_ns, finish)
        within = np.minimum(finish, self.end_ns) - np.maximum(start, self.start_ns)
        share: Floats = np.clip(within / np.maximum(finish - start, 1), 0.0, 1.0)
        return share
