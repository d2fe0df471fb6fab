"""What the rows of a program mean, and how long a program takes when it waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

import numpy as np

from simsched.workload.arrays import Int8s, Int32s, Int64s

if TYPE_CHECKING:
    from simsched.scenario.model.shedding import TokenBucket


class StepKind(IntEnum):
    """What a row of a request's program asks of the server.

    A fan-out is a ``FORK`` row, and behind it for each branch a ``BRANCH`` row and the rows of the
    branch. Where the last branch's rows end, all branches are joined. Branches may fork again.
    """

    CPU = 0
    IO = 1
    ACQUIRE = 2
    """take a slot of the step's resource, and keep it"""
    RELEASE = 3
    """give the slot back"""
    RESPOND = 4
    """the client has its answer; the server goes on"""
    CALL = 5
    """call the step's service; its operand is the number of rows that follow for it: an IO row for
    the way there, the rows of the service, and an IO row for the way back"""
    TRIES = 6
    """call the step's service until there is an answer; its operand is the number of rows that
    follow for that: a CALL with its rows for each try, behind it a second one if it is hedged, and
    between two tries an IO row for the pause"""
    FORK = 7
    """its operand is the number of branches, at least 1"""
    BRANCH = 8
    """its operand is the number of rows of the branch, not counting this one"""


@dataclass(frozen=True, slots=True)
class Step:
    """A phase as the scenario wrote it, without its duration: many rows share one step.

    Attributes:
        kind: what it asks for.
        label: what the scenario calls it.
        resource: the position in the workload's ``resources`` of the one that an ``IO`` step
            occupies while it lasts, or that ``ACQUIRE`` and ``RELEASE`` are about; None for none.
        blocking: of an ``IO`` or ``CALL`` step: it keeps a cooperative server's loop.
        timeout_ns: of a ``CALL`` step, of each try of a ``TRIES`` step, or an ``IO`` step that
            needs a resource: after how long it is given up, the wait for a slot included; None for
            never. I/O without a resource has rows that are cut to that.
        goes_on: whether the request goes on when the step is given up, rather than fails.
        may_fail: whether the request may fail when the step ends, as its row says.
        service: the position in the workload's ``services`` of the one that is called.
        tries: of a ``TRIES`` step: how it is tried.
        lock_free: of a ``CPU`` step: the share of it, at its end, that needs no interpreter lock.
        where: of a ``FORK`` step of one branch: that a cooperative server does it off its loop, in
            a thread or process of the worker's pool. Other servers do it as if it were not there.
    """

    kind: StepKind
    label: str | None = None
    resource: int | None = None
    blocking: bool = False
    timeout_ns: int | None = None
    goes_on: bool = False
    may_fail: bool = False
    service: int | None = None
    where: Where | None = None
    tries: Tries | None = None
    lock_free: float = 0.0


@dataclass(frozen=True, slots=True)
class Tries:
    """How a call is tried.

    Attributes:
        number: distinguishes the step from others like it.
        hedge_ns: after how long without an answer a second copy is sent; None for never.
        ratio, burst: what each call adds to the budget of all that are made by the step, and the
            most that it holds, which it begins with; ``burst`` is None where retries have no limit.
    """

    number: int
    hedge_ns: int | None = None
    ratio: float = 0.0
    burst: int | None = None


Where = Literal["thread", "process"]
"""Where a loop's worker does what it does not do on its loop."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A bucket of tokens, one of which is taken with each slot that is asked for.

    Attributes:
        interval_ns: from one token to the next.
        burst: how many there are at most.
        refuses: whether a request without a token fails, rather than waits for one.
    """

    interval_ns: int
    burst: int
    refuses: bool

    @classmethod
    def of(cls, limit: TokenBucket | None) -> Tokens | None:
        """Return the tokens of a *limit*, if there is one."""
        if limit is None:
            return None
        return cls(limit.interval, limit.burst, limit.when_full == "refuse")


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that only so many requests can use at a time.

    Attributes:
        name: what the scenario calls it.
        capacity: how many slots it has; where it is ``per_worker``, in each worker.
        per_worker: whether each worker of a server has slots of its own.
        patience_ns: after how long a request that waits for a slot fails; None for never.
        discipline: which of those who wait gets a slot that is given back: ``fifo``, ``lifo`` or
            ``random``.
        tokens: how many may ask for a slot; None where that is not limited.
    """

    name: str
    capacity: int
    per_worker: bool = False
    patience_ns: int | None = None
    discipline: Literal["fifo", "lifo", "random"] = "fifo"
    tokens: Tokens | None = None

    def pools(self, workers: int) -> int:
        """Return into how many pools its slots are divided on a server with so many *workers*."""
        return workers if self.per_worker else 1

    def slots(self, workers: int) -> int:
        """Return how many slots there are in all its pools."""
        return self.capacity * self.pools(workers)


def pools_of(resources: Sequence[Resource], workers: int) -> tuple[Resource, ...]:
    """Return the resource of each pool of a server with so many *workers*, one after another."""
    return tuple(each for each in resources for _ in range(each.pools(workers)))


# About how many rows are added up at a time; so many stay in a processor's cache.
_BLOCK = 1 << 15


def critical_path(kinds: Int8s, step_id: Int32s, operand: Int64s, first_row: Int64s) -> Int64s:
    """Return (n,) how long each program takes, of concurrent branches the longest.

    Args:
        kinds: (steps,) the kind of each step.
        step_id: (rows,) the step of each row.
        operand: (rows,) durations in nanoseconds, and the operands of FORK and BRANCH.
        first_row: (n + 1,) where each program begins.
    """
    lengths = np.empty(len(first_row) - 1, dtype=np.int64)
    plain = bool(np.all(kinds <= StepKind.IO))
    for block in _blocks(first_row):
        bounds = first_row[block.start : block.stop + 1]
        rows = slice(bounds[0], bounds[-1])
        times = operand[rows]
        total = _running_total(times) if plain else elapsed(kinds[step_id[rows]], times)
        lengths[block] = np.diff(total[bounds - bounds[0]])
    return lengths


def until_answered(kinds: Int8s, step_id: Int32s, operand: Int64s, first_row: Int64s) -> Int64s:
    """Return *operand*, but for the rows behind a program's answer, which take no time.

    The arguments are those of :func:`critical_path`.
    """
    kind = kinds[step_id]
    answers = np.concatenate(([0], np.cumsum(kind == StepKind.RESPOND)))
    before = np.repeat(answers[first_row[:-1]], np.diff(first_row))
    late = (answers[:-1] > before) & (kind <= StepKind.IO)
    return np.where(late, 0, operand)


def _blocks(first_row: Int64s) -> Iterator[slice]:
    """Yield slices of programs that have about :data:`_BLOCK` rows together, at least one each."""
    start, count = 0, len(first_row) - 1
    while start < count:
        stop = int(np.searchsorted(first_row, first_row[start] + _BLOCK, side="right")) - 1
        stop = min(max(stop, start + 1), count)
        yield slice(start, stop)
        start = stop


def elapsed(kind: Int8s, operand: Int64s) -> Int64s:
    """Return (rows + 1,) a running total: between two rows it grows by what those between take.

    That holds for the rows of a program, and for those of one branch.
    """
    time = np.where(kind <= StepKind.IO, operand, 0)
    if np.any(kind >= StepKind.TRIES):
        _join(kind, operand, time)
    return _running_total(time)


def _join(kind: Int8s, operand: Int64s, time: Int64s) -> None:
    """Give each FORK row the time that brings its branches' sum down to the longest of them.

    The same for TRIES rows, of whose calls the first counts.
    """
    fans = np.flatnonzero(kind >= StepKind.TRIES)
    depth = _depth(kind, operand)[fans]
    for level in range(int(depth.max()), -1, -1):  # inner ones first
        here = fans[depth == level]
        tries, forks, branches = (
            here[kind[here] == of] for of in (StepKind.TRIES, StepKind.FORK, StepKind.BRANCH)
        )
        total = _running_total(time)
        time[tries] = total[tries + 2 + operand[tries + 1]] - total[tries + 1 + operand[tries]]
        if not len(forks):
            continue
        spans = total[branches + 1 + operand[branches]] - total[branches + 1]
        # Rows of one level alternate: a fork, its branches, the next fork, its branches.
        first_branch = np.cumsum(operand[forks]) - operand[forks]
        longest = np.maximum.reduceat(spans, first_branch)
        time[forks] = longest - np.add.reduceat(spans, first_branch)


def _depth(kind: Int8s, operand: Int64s) -> Int32s:
    """Return (rows,) how many branches and TRIES each row is within."""
    branches = np.flatnonzero((kind == StepKind.BRANCH) | (kind == StepKind.TRIES))
    change = np.zeros(len(kind) + 1, dtype=np.int32)
    np.add.at(change, branches + 1, 1)
    np.add.at(change, branches + 1 + operand[branches], -1)
    return np.cumsum(change[:-1], dtype=np.int32)


def _running_total(values: Int64s) -> Int64s:
    return np.concatenate(([0], np.cumsum(values)))
