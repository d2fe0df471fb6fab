"""One replication, counted as its requests go by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import MISSING, Status, Trace
from simsched.statistics import littles_law
from simsched.statistics.streaming.order import Overtaking, Told
from simsched.statistics.streaming.settling import Settling
from simsched.statistics.streaming.stretches import Stretches
from simsched.statistics.window import taken


class Stream:
    """What is counted of one replication, in memory that does not grow with its length.

    Args:
        classes: the names of the classes.
        resources: the names of the resources, whose use is not counted.
        origin_ns: where the warm-up ends, if that is given; stretches begin there.
        asked: the parts of time whose quantiles are asked for.
    """

    def __init__(
        self,
        classes: Sequence[str],
        resources: Sequence[str] = (),
        *,
        origin_ns: int = 0,
        asked: Sequence[str] = (),
    ) -> None:
        self.classes = tuple(classes)
        self.resources = tuple(resources)
        self.every = Stretches(origin_ns)
        several = len(classes) > 1
        self.of_class = [Stretches(origin_ns) for _ in classes] if several else []
        self.settling = Settling()
        self.statuses = [0] * len(Status)
        self.attempts = 0
        self.cores = 1
        self.end_ns = 0
        self.deadlock: Deadlock | None = None
        self.engine: str | None = None
        self._asked = tuple(dict.fromkeys(asked))
        self._order = Overtaking()
        self._order_of_class = [Overtaking() for _ in self.of_class]

    def __len__(self) -> int:
        """Return how many attempts there were."""
        return self.attempts

    def count(self, status: Status) -> int:
        """Return how many requests ended so."""
        return self.statuses[status]

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(self.statuses)

    def add(self, trace: Trace) -> None:
        """Count all of a run that was kept whole."""
        for block in trace.requests.blocks():
            self.add_requests(block)
        for block in trace.blocks():
            self.add_attempts(block)
        self.finish(trace.end_ns)
        self.deadlock = trace.deadlock
        self.engine = trace.engine

    def add_part(self, part: Trace) -> None:
        """Count the next requests of a run, in order of arrival, each of which was sent once."""
        for block in part.blocks():
            self.add_requests(block)
            self.add_attempts(block)
        self.engine = part.engine

    def add_requests(self, rows: Trace) -> None:
        """Count the next requests, a row each, in order of arrival."""
        self._note(rows)
        done = rows.status == Status.COMPLETED
        arrival = taken(rows.arrival_ns, done)
        self.settling.add(taken(rows.finish_ns, done) - arrival, arrival)
        self._add(self.every, rows)
        for class_id, stretches in enumerate(self.of_class):
            ours = rows.class_id == class_id
            self._add(stretches, rows.rows(ours))
            self._tell_class(class_id, rows.rows(ours & done), int(rows.arrival_ns[-1]))
        self._tell(rows.rows(done), int(rows.arrival_ns[-1]))

    def add_attempts(self, rows: Trace) -> None:
        """Count the attempts at requests, and what the CPU did for each.

        Raises:
            LittlesLawError: they contradict themselves.
        """
        littles_law.check(rows)
        self.attempts += len(rows)
        self.cores = rows.cores
        self._spread(self.every, rows)
        for class_id, stretches in enumerate(self.of_class):
            self._spread(stretches, rows.rows(rows.class_id == class_id))

    def finish(self, end_ns: int) -> None:
        """Note that the run is over, after which no request follows."""
        self.end_ns = end_ns
        nothing = np.empty(0, dtype=np.int64)
        rest = (nothing, nothing, nothing.astype(np.int32), None)
        self._attribute(self._order.add(*rest))
        for class_id, order in enumerate(self._order_of_class):
            self._count_inversions(self.of_class[class_id], order.add(*rest))
        for stretches in (self.every, *self.of_class):
            stretches.reach(end_ns)

    def _note(self, rows: Trace) -> None:
        counts = np.bincount(rows.status, minlength=len(Status)).tolist()
        self.statuses = [a + b for a, b in zip(self.statuses, counts, strict=True)]

    def _add(self, stretches: Stretches, rows: Trace) -> None:
        if not len(rows):
            return
        done = rows.status == Status.COMPLETED
        finish = taken(rows.finish_ns, done)
        stretches.reach(max(int(rows.arrival_ns[-1]), int(finish.max(initial=0))))
        for number, group in stretches.groups(rows.arrival_ns):
            arrived = rows.rows(slice(int(group[0]), int(group[-1]) + 1))
            answered = arrived.status == Status.COMPLETED
            response = taken(arrived.finish_ns, answered) - taken(arrived.arrival_ns, answered)
            stretches[number].add(arrived, response, self._asked)
        for number, group in stretches.groups(np.maximum(finish - 1, 0)):
            stretches[number].completions += len(group)

    def _spread(self, stretches: Stretches, rows: Trace) -> None:
        start = np.where(rows.start_ns == MISSING, rows.arrival_ns, rows.start_ns)
        finish = np.where(rows.finish_ns == MISSING, rows.end_ns, rows.finish_ns)
        stretches.reach(int(finish.max(initial=0)))
        stretches.spread(rows.cpu_ns, start, finish)
        if rows.late_cpu_ns is not None and rows.late_until_ns is not None:
            stretches.reach(int(rows.late_until_ns.max(initial=0)))
            stretches.spread(rows.late_cpu_ns, np.maximum(start, finish), rows.late_until_ns)

    def _tell(self, rows: Trace, before_ns: int) -> None:
        order = self._order
        self._attribute(order.add(rows.finish_ns, rows.arrival_ns, rows.class_id, before_ns))

    def _tell_class(self, class_id: int, rows: Trace, before_ns: int) -> None:
        order = self._order_of_class[class_id]
        told = order.add(rows.finish_ns, rows.arrival_ns, rows.class_id, before_ns)
        self._count_inversions(self.of_class[class_id], told)

    def _attribute(self, told: Told) -> None:
        """Count places among requests of every class, where those who kept them arrived."""
        self._count_inversions(self.every, told)
        for number, group in self.every.groups(told.arrival_ns):
            self.every[number].tell(told, group)
        for class_id, stretches in enumerate(self.of_class):
            ours = np.flatnonzero(told.class_id == class_id)
            for number, group in stretches.groups(told.arrival_ns[ours]):
                stretches[number].tell(told, ours[group])

    def _count_inversions(self, stretches: Stretches, told: Told) -> None:
        for number, _ in stretches.groups(told.arrival_ns):
            since, until = stretches.bounds(number)
            stretches[number].inversions += told.inversions(since, until)
