"""The columns of the requests, as far as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from simsched.engine.compiled import codes, layout
from simsched.engine.compiled.arena import Array
from simsched.workload import columns
from simsched.workload.arrays import Int64s
from simsched.workload.closed import (
    FOREVER,
    Block,
    ClosedWorkload,
    Population,
    Stays,
    until,
)
from simsched.workload.columns import Workload
from simsched.workload.merging import side_by_side
from simsched.workload.steps import Resource, Step, StepKind, elapsed


class Supply:
    """The requests of an open workload as they are; those of users, block after block.

    Args:
        workload: where they come from.
        workers: how many workers the server has.
        ranked: whether it is asked what remains to be done of them.
        sequential: whether branches are done one after another.
    """

    def __init__(
        self,
        workload: Workload | ClosedWorkload,
        workers: int,
        *,
        ranked: bool,
        sequential: bool,
    ) -> None:
        self.workload = workload
        self.is_called = False
        self._services: list[Supply] = []
        self._workers = workers
        self._ranked = ranked
        self._sequential = sequential
        self.pattern: columns.Requests
        self.blocks: list[Block] = []
        self.populations: tuple[Population, ...] = ()
        self._beside: Workload | None = None
        if isinstance(workload, Workload):
            self.pattern = workload
            self.requests = self._columns(workload, np.ascontiguousarray(workload.arrival_ns))
            self.think_ns = np.empty(0, np.int64)
        else:
            first = workload.block(0)
            self.pattern = first
            self.populations = workload.populations
            self._beside = workload.beside
            self.requests = self._begin(first)
            self.think_ns = np.empty(0 if self._beside is None else len(self._beside), np.int64)
            self._add(first)

    def of_service(self, workers: int, *, ranked: bool, sequential: bool) -> Supply:
        """Return the same requests, drawn together with these, as a service knows them."""
        other = copy(self)
        other.know_as_service(workers, ranked=ranked, sequential=sequential)
        self._services.append(other)
        return other

    def know_as_service(self, workers: int, *, ranked: bool, sequential: bool) -> None:
        """Let these requests be calls of a service."""
        self.is_called, self.populations, self._services = True, (), []
        self._workers, self._ranked, self._sequential = workers, ranked, sequential
        first, *others = self._drawn()
        self.requests = self.requests | {
            "arrival_ns": np.empty(0, np.int64),
            "elapsed_ns": np.array(self._elapsed(first)),
            "steps": _steps(self.pattern.steps, self.pattern.resources, workers),
        }
        for each in others:
            self.go_on(each)

    @property
    def users(self) -> int:
        """How many users there are; those who call a service are none of its own."""
        return sum(each.users for each in self.populations)

    @property
    def drawn(self) -> int:
        """How many requests are drawn."""
        return len(self.requests["class_id"])

    @property
    def drawn_rows(self) -> int:
        """How many rows they have."""
        return len(self.requests["step_id"])

    @property
    def longest(self) -> int:
        """How many rows the longest program has: so many slots may be asked for at once."""
        return int(np.diff(self.requests["first_row"]).max(initial=0))

    def arrays(self) -> dict[str, Array]:
        """Return what is known of the requests besides their columns."""
        return {
            "think_ns": self.think_ns,
            "stays_first": self._first_stays(),
            "stays": self._stays(),
            "blocks": self._blocks_table(),
            "jitter": self._draws("jitter"),
            "dispatch": self._draws("dispatch"),
            "handoff": self._of_rows("handoff"),
            "fails": self._of_rows("fails"),
            "timeout_ns": self._waits("timeout_ns"),
            "patience_ns": self._waits("patience_ns"),
        }

    def _waits(self, name: str) -> Array:
        """Return (drawn,) how long clients wait; empty where all wait for as long."""
        drawn = [getattr(block.waits, name) for block in self._drawn() if block.waits is not None]
        return np.concatenate([np.empty(0, np.int64), *drawn])

    def _draws(self, name: str) -> Array:
        """Return (retries, drawn) the draws of attempts after the first."""
        none = np.empty((0, 0))
        every = self._drawn()
        drawn = [getattr(each.retries, name) if each.retries else none for each in every]
        return side_by_side(drawn, [len(each) for each in every])

    def _of_rows(self, name: str) -> Array:
        """Return (attempts, rows) what is drawn of each row."""
        every = self._drawn()
        drawn = [getattr(each, name) for each in every]
        return side_by_side(drawn, [len(each.step_id) for each in every])

    def _drawn(self) -> Sequence[columns.Requests]:
        beside = [] if self._beside is None else [self._beside]
        return [*beside, *self.blocks] if self.blocks else [self.pattern]

    def draw_block(self) -> None:
        """Draw one more block, behind those that there are."""
        if not isinstance(self.workload, ClosedWorkload):
            raise NotImplementedError("blocks of an open workload")
        block = self.workload.block(len(self.blocks))
        if block.steps != self.pattern.steps:
            raise NotImplementedError("blocks of requests with different steps")
        self._add(block)
        for each in self._services:
            each.go_on(block)

    def _add(self, block: Block) -> None:
        """Let *block* be behind what is drawn already."""
        self.blocks.append(block)
        for name, column in self._columns(block, np.empty(0, np.int64)).items():
            if name not in _OF_ALL:
                _append(self.requests[name], name, column)
        _append(self.think_ns, "think_ns", block.think_ns)

    def go_on(self, requests: columns.Requests) -> None:
        """Let *requests* be known, behind those that there are, where a service knows them."""
        _append(self.requests["elapsed_ns"], "elapsed_ns", self._elapsed(requests))

    def _first_stays(self) -> Int64s:
        """Return where the stays of each user begin, and behind them where the last ones end."""
        given = self._given_stays()
        before = np.cumsum([0, *(each.first[-1] for each in given)])
        firsts = [each.first[:-1] + rows for each, rows in zip(given, before[:-1], strict=True)]
        return np.concatenate([*firsts, before[-1:]]) if given else np.empty(0, np.int64)

    def _stays(self) -> layout.Records:
        given = self._given_stays()
        table = np.zeros(sum(len(each.joins_ns) for each in given), layout.STAY)
        if given:
            table["joins"] = np.concatenate([each.joins_ns for each in given])
            table["leaves"] = np.concatenate([each.leaves_ns for each in given])
        return table

    def _given_stays(self) -> Sequence[Stays]:
        """Return the stays of each population; none where all users are there all the time."""
        if all(each.stays is None for each in self.populations):
            return ()
        return [each.stays or until(None, each.users, FOREVER) for each in self.populations]

    def _blocks_table(self) -> layout.Records:
        """Return where each block's requests are."""
        table = np.zeros(len(self.blocks), layout.BLOCK)
        sizes = [len(block) for block in self.blocks]
        table["before"] = [block.before for block in self.blocks]
        table["per_user"] = [block.per_user for block in self.blocks]
        before = 0 if self._beside is None else len(self._beside)
        table["base"] = np.cumsum([before, *sizes])[:-1]
        return table

    def demand_ns(self) -> Int64s:
        """Return each drawn request's service demand."""
        return np.concatenate([each.demand_ns() for each in self._drawn()])

    def _begin(self, first: Block) -> dict[str, Array]:
        """Return columns of our own, which can grow: of what comes beside the users' requests."""
        beside = self._beside
        if beside is not None:
            return {k: np.array(v) for k, v in self._columns(beside, beside.arrival_ns).items()}
        found = self._columns(first, np.empty(0, np.int64))
        return {k: np.array(v if k in _OF_ALL else v[:0]) for k, v in found.items()}

    def _columns(self, requests: columns.Requests, arrival_ns: Int64s) -> dict[str, Array]:
        return {
            "first_row": np.ascontiguousarray(requests.first_row, np.int64),
            "step_id": np.ascontiguousarray(requests.step_id, np.int32),
            "duration_ns": np.ascontiguousarray(requests.duration_ns, np.int64),
            "class_id": np.ascontiguousarray(requests.class_id, np.int32),
            "stream_id": np.ascontiguousarray(requests.stream_id, np.int32),
            "dispatch": np.ascontiguousarray(requests.dispatch, np.float64),
            "arrival_ns": arrival_ns,
            "elapsed_ns": self._elapsed(requests),
            "priorities": np.array(requests.priorities, np.int64),
            "steps": _steps(requests.steps, requests.resources, self._workers),
        }

    def _elapsed(self, requests: columns.Requests) -> Int64s:
        if not self._ranked:
            return np.empty(0, np.int64)
        kinds = np.array([step.kind for step in requests.steps], np.int8)[requests.step_id]
        if self._sequential:
            kinds[kinds >= StepKind.FORK] = StepKind.ACQUIRE  # forks and branches mean nothing
        return elapsed(kinds, requests.duration_ns)


_OF_ALL = ("steps", "priorities")
"""The columns that do not grow with the requests."""


def _append(column: np.ndarray[Any, Any], name: str, more: np.ndarray[Any, Any]) -> None:
    """Let *column* go on with *more*; where a column counts rows, they count on."""
    size = len(column)
    if name in ("first_row", "elapsed_ns") and size:
        more = more[1:] + column[-1]
    column.resize(size + len(more), refcheck=False)
    column[size:] = more


def _steps(
    steps: tuple[Step, ...], resources: tuple[Resource, ...], workers: int
) -> layout.Records:
    """Return the steps; one that needs a resource has its pool, or the first of several."""
    table = np.zeros(len(steps), layout.STEP)
    first_pool = np.cumsum([0, *(each.pools(workers) for each in resources)]).tolist()
    table["kind"] = [step.kind for step in steps]
    table["pool"] = [
        layout.NONE if step.resource is None else first_pool[step.resource] for step in steps
    ]
    table["timeout"] = [_limit(step.timeout_ns) for step in steps]
    table["goes_on"] = [step.goes_on for step in steps]
    table["may_fail"] = [step.may_fail for step in steps]
    table["per_worker"] = [
        step.resource is not None and resources[step.resource].per_worker for step in steps
    ]
    table["hedge"] = [_limit(step.tries.hedge_ns if step.tries else None) for step in steps]
    table["budget"] = [
        layout.NONE if step.tries is None or step.tries.burst is None else at
        for at, step in enumerate(steps)
    ]
    table["where"] = [codes.PLACES.index(step.where) for step in steps]
    table["service"] = [_limit(step.service) for step in steps]
    table["lock_free"] = [step.lock_free for step in steps]
    table["blocking"] = [step.blocking for step in steps]
    return table


def _limit(value: int | None) -> int:
    return layout.NONE if value is None else value
