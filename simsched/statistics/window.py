"""The part of a replication that counts: after the warm-up, up to the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import Status, Trace
from simsched.statistics.presence import left, spread_cpu
from simsched.units import SECOND
from simsched.workload.arrays import Floats, Int64s, total

BATCHES = 20
"""How many batches one run is cut into."""

FEWEST = 100
"""A batch needs this many completed requests on average; a shorter run is not cut."""

Span = Literal["run", "served", "listed"]
"""What throughput is over: the ``run``, whose end is given; or, where the run goes on until all is
done, the time until the last request has come to its end for its client (``served``), and where it
is given when each arrives, from the first arrival on (``listed``)."""

Mask = NDArray[np.bool_]
Item = TypeVar("Item", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Window:
    """A trace observed over (*start_ns*, *stop_ns*]: the requests that arrive in it, unless said.

    Attributes:
        trace: what is observed.
        start_ns: where the window begins: the end of the warm-up.
        stop_ns: where it ends; None is the end of the run.
        group: what is looked at: a column of the trace, and its value there, such as a class or a
            stream; None is every request.
        span: what throughput is over.
    """

    trace: Trace
    start_ns: int = 0
    stop_ns: int | None = None
    group: tuple[Literal["class_id", "stream_id"], int] | None = None
    span: Span = "run"

    @cached_property
    def requests(self) -> Trace:
        """What arrived in the window, of any class: a row per request, whichever attempts it took.

        Columns and masks of the window have a place for each of these.
        """
        requests = self.trace.requests
        first = int(np.searchsorted(requests.arrival_ns, self.start_ns))
        if self.stop_ns is None:
            return requests.rows(slice(first, None)) if first else requests
        return requests.rows(slice(first, int(np.searchsorted(requests.arrival_ns, self.stop_ns))))

    def of_class(self, class_id: int) -> Window:
        """Return the same window on one class alone."""
        return replace(self, group=("class_id", class_id))

    def of_stream(self, stream_id: int) -> Window:
        """Return the same window on one stream alone."""
        return replace(self, group=("stream_id", stream_id))

    @property
    def end_ns(self) -> int:
        """Where the window ends."""
        return self.trace.end_ns if self.stop_ns is None else self.stop_ns

    @property
    def length_ns(self) -> int:
        """How long the window is."""
        return max(0, self.end_ns - self.start_ns)

    @property
    def served_ns(self) -> int:
        """How long requests arrive and are served in the window: what throughput is over.

        Idle time before the first of a list is no part of that, nor what is done at the end for
        clients that have given up.
        """
        requests = self.trace.requests
        if self.span == "run" or self.stop_ns is not None or not len(requests):
            return self.length_ns
        first_ns = int(requests.arrival_ns[0]) if self.span == "listed" else 0
        return max(0, int(left(requests).max()) - max(first_ns, self.start_ns))

    @cached_property
    def done(self) -> Mask:
        """(attempts,) which attempts of any class arrived in the window and were completed."""
        trace, stop_ns = self.trace, self.stop_ns
        mask: Mask = (trace.status == Status.COMPLETED) & (trace.arrival_ns >= self.start_ns)
        return mask if stop_ns is None else mask & (trace.arrival_ns < stop_ns)

    @cached_property
    def everyone(self) -> Mask:
        """(n,) which requests of any class were completed."""
        mask: Mask = self.requests.status == Status.COMPLETED
        return mask

    @cached_property
    def ours(self) -> Mask:
        """(n,) which requests are of the class or stream that is looked at."""
        return self._looked_at(self.requests)

    @cached_property
    def completed(self) -> Mask:
        """(n,) which requests were completed, and are looked at."""
        return self.everyone if self.group is None else self.everyone & self.ours

    @cached_property
    def finish_ns(self) -> Int64s:
        """When each completed request finished, in order of arrival."""
        return taken(self.requests.finish_ns, self.completed)

    @cached_property
    def response_ns(self) -> Int64s:
        """Each completed request's response time, in order of arrival."""
        return self.finish_ns - taken(self.requests.arrival_ns, self.completed)

    @cached_property
    def slowdowns(self) -> Floats:
        """Response time over demand of each completed request that has a demand."""
        demand = taken(self.requests.demand_ns, self.completed)
        some = demand > 0
        return taken(self.response_ns, some) / taken(demand, some)

    @property
    def ended(self) -> Mask:
        """(n,) which requests are looked at and came to an end."""
        mask: Mask = self.ours & (self.requests.status != Status.UNFINISHED)
        return mask

    def completions(self) -> int:
        """Return how many requests were completed in the window, whenever they arrived."""
        return sum(map(self._completions, self._present(self.trace.requests)))

    def cpu_s(self) -> float:
        """Return the CPU time executed in the window, in seconds, for every attempt.

        Exact for a whole run. A request in service at an edge of the window is counted by the share
        of its service that lies within, since a trace does not say when in its stay a request
        computed; so is what was computed for a client that had given up. The sum is held to what
        the cores can do in the window and outside it, for each class in proportion.
        """
        spent = self.spread_ns()
        if self._is_whole_run or spent == 0:
            return spent / SECOND
        trace = self.trace
        late = 0 if trace.late_cpu_ns is None else total(trace.late_cpu_ns)
        every = spent if self.group is None else replace(self, group=None).spread_ns()
        return spent * (self.held(every, total(trace.cpu_ns) + late, trace.cores) / every) / SECOND

    def spread_ns(self) -> float:
        """Return the CPU time in the window, that of each attempt spread evenly over its stay."""
        return sum(map(self._cpu_ns, self._present(self.trace)))

    def held(self, spent_ns: float, everything_ns: float, cores: float) -> float:
        """Return what was computed in the window: *spent_ns*, if so many *cores* can do that.

        They can do no more in the window, and what they cannot do outside it, of *everything_ns*
        in the run, they did in it.
        """
        outside_ns = max(0, self.trace.end_ns - self.length_ns)
        return min(max(spent_ns, everything_ns - cores * outside_ns), cores * self.length_ns)

    def _present(self, trace: Trace) -> Iterator[Trace]:
        """Yield, block by block, rows among which all are that were there in the window."""
        # What came earlier than the longest stay is gone by then.
        since = self.start_ns - trace.longest_stay_ns if self.start_ns else 0
        first = int(np.searchsorted(trace.arrival_ns, since))
        last = int(np.searchsorted(trace.arrival_ns, self.end_ns, side="right"))
        return trace.blocks(slice(first, last))

    def _completions(self, trace: Trace) -> int:
        finish = trace.finish_ns
        done = self._looked_at(trace) & (trace.status == Status.COMPLETED)
        # What finishes exactly at an edge belongs to the window before it.
        done &= finish <= self.end_ns
        if self.start_ns:
            done &= finish > self.start_ns
        return int(np.count_nonzero(done))

    def _cpu_ns(self, trace: Trace) -> float:
        ours = self._looked_at(trace)
        if self._is_whole_run:
            every = (trace.cpu_ns, trace.late_cpu_ns)
            return float(sum(total(taken(one, ours)) for one in every if one is not None))
        return sum(
            self._within(*(taken(each, ours) for each in spread)) for spread in spread_cpu(trace)
        )

    @property
    def _is_whole_run(self) -> bool:
        return self.start_ns == 0 and self.stop_ns is None

    def _looked_at(self, trace: Trace) -> Mask:
        if self.group is None:
            return np.ones(len(trace), dtype=np.bool_)
        column, value = self.group
        mask: Mask = getattr(trace, column) == value
        return mask

    def _within(self, spent_ns: Int64s, since_ns: Int64s, until_ns: Int64s) -> float:
        """Return how much of *spent_ns*, spread from *since_ns* to *until_ns*, is in the window."""
        some = spent_ns > 0
        spent, since, until = (taken(each, some) for each in (spent_ns, since_ns, until_ns))
        within = np.minimum(until, self.end_ns) - np.maximum(since, self.start_ns)
        return float(np.sum(spent * np.clip(within / np.maximum(until - since, 1), 0.0, 1.0)))


def batches(window: Window) -> list[Window]:
    """Return *window* cut into :data:`BATCHES` windows of equal length."""
    # Equal times, not equal counts: a busy spell must not fill many batches.
    edges = np.linspace(window.start_ns, window.end_ns, BATCHES + 1).astype(np.int64).tolist()
    edges[-1] = window.end_ns + 1  # what happens at the very end belongs to the last batch
    return [replace(window, start_ns=start, stop_ns=stop) for start, stop in pairwise(edges)]


def taken(column: NDArray[Item], mask: Mask) -> NDArray[Item]:
    """Return what *mask* takes of *column*: where that is all, the column itself."""
    # Columns may be gigabytes, and in most runs every request is completed: no copy then.
    return column if mask.all() else column[mask]
