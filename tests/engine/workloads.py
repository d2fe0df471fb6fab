"""Workloads written by hand, for tests of the engines. Durations are milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simsched.workload.closed import Block, ClosedWorkload, Population, stays
from simsched.workload.columns import Retries, Waits, Workload
from simsched.workload.steps import Resource, Step, StepKind, Tries, Where

MS = 1_000_000


class Row(NamedTuple):
    """A row, and the step that it is of.

    ``fails`` are the numbers of the attempts that fail at its end.
    """

    kind: StepKind
    label: str
    resource: str | None = None
    operand: int = 0
    blocking: bool = False
    timeout_ns: int | None = None
    goes_on: bool = False
    may_fail: bool = False
    service: str | None = None
    where: Where | None = None
    tries: Tries | None = None
    lock_free: float = 0.0
    fails: tuple[int, ...] = ()

    @property
    def step(self) -> Row:
        """What rows of one step have in common."""
        return self._replace(operand=0, fails=())


ANY_ATTEMPT = tuple(range(1, 10))

Program = Sequence[Row]


def cpu(duration: float, lock_free: float = 0.0) -> list[Row]:
    return [Row(StepKind.CPU, "computing", operand=int(duration * MS), lock_free=lock_free)]


def io(
    duration: float,
    on: str | None = None,
    *,
    blocking: bool = False,
    timeout: float | None = None,
    goes_on: bool = False,
    fails: Sequence[int] = (),
) -> list[Row]:
    """Return the row of an I/O phase, cut to its *timeout* as a workload cuts it."""
    if timeout is not None and duration > timeout:
        duration, fails = timeout, () if goes_on else ANY_ATTEMPT
    return [
        Row(
            StepKind.IO,
            "waiting",
            on,
            int(duration * MS),
            blocking,
            timeout_ns=None if timeout is None or on is None else int(timeout * MS),
            goes_on=goes_on,
            may_fail=bool(fails) or (timeout is not None and not goes_on),
            fails=tuple(fails),
        )
    ]


def hold(resource: str, *phases: Program) -> list[Row]:
    inside = [row for phase in phases for row in phase]
    return [Row(StepKind.ACQUIRE, "", resource), *inside, Row(StepKind.RELEASE, "", resource)]


def call(
    service: str,
    program: Program,
    *,
    there: float = 0,
    back: float = 0,
    blocking: bool = False,
    timeout: float | None = None,
) -> list[Row]:
    """Return the rows of a call of *service*, which does *program*."""
    ways = ([Row(StepKind.IO, "network", operand=int(way * MS))] for way in (there, back))
    first, last = ways
    within = [*first, *program, *last]
    kind = Row(
        StepKind.CALL,
        service,
        operand=len(within),
        blocking=blocking,
        timeout_ns=None if timeout is None else int(timeout * MS),
        service=service,
    )
    return [kind, *within]


def tried(
    calls: Sequence[Program],
    *,
    pauses: Sequence[float] = (),
    hedge: float | None = None,
    timeout: float | None = None,
    blocking: bool = False,
    budget: tuple[float, int] | None = None,
) -> list[Row]:
    """Return the rows of one call, whose copies are *calls*: two for each try if it is hedged."""
    each = 1 if hedge is None else 2
    rows: list[Row] = []
    for at, copy in enumerate(calls):
        if at and at % each == 0:
            rows.append(Row(StepKind.IO, "backoff", operand=int(pauses[at // each - 1] * MS)))
        rows += copy
    ratio, burst = budget or (0.0, None)
    step = Row(
        StepKind.TRIES,
        calls[0][0].label,
        operand=len(rows),
        blocking=blocking,
        timeout_ns=None if timeout is None else int(timeout * MS),
        service=calls[0][0].service,
        tries=Tries(0, None if hedge is None else int(hedge * MS), ratio, burst),
    )
    return [step, *rows]


def off(where: Where, *phases: Program) -> list[Row]:
    """Return the rows of what a loop has done in a thread or process."""
    inside = [row for phase in phases for row in phase]
    fork = Row(StepKind.FORK, "", operand=1, where=where)
    return [fork, Row(StepKind.BRANCH, "", operand=len(inside)), *inside]


def respond() -> list[Row]:
    return [Row(StepKind.RESPOND, "")]


def parallel(*branches: Program) -> list[Row]:
    rows = [Row(StepKind.FORK, "", operand=len(branches))]
    for branch in branches:
        rows += [Row(StepKind.BRANCH, "", operand=len(branch)), *branch]
    return rows


PAGE = cpu(10) + io(40) + cpu(10) + io(15) + cpu(10)
PING = cpu(4) + io(6) + cpu(4)


def columns(
    programs: Sequence[Program],
    *,
    dispatch: Sequence[float] | None = None,
    capacity: Mapping[str, int] | None = None,
    resources: Sequence[Resource] | None = None,
    services: Sequence[str] = (),
    priorities: Sequence[int] | None = None,
    attempts: int = 1,
    jitter: float = 0.0,
    handoff: float = 0.0,
    waits: Sequence[tuple[float | None, float | None]] | None = None,
    catalogue: Sequence[Program] = (),
) -> dict[str, object]:
    """Return the columns of *programs*; each has a class of its own if there are priorities.

    *handoff* is the draw behind the choice of who gets the slot that a first row gives back, and
    the others are each a third more. The steps are those of the *catalogue*, if one is given.
    """
    resources = resources or [Resource(name, slots) for name, slots in (capacity or {}).items()]
    names = [each.name for each in resources]
    rows = [row for program in programs for row in program]
    listed = [row for program in catalogue or programs for row in program]
    kinds = list(dict.fromkeys(row.step for row in listed))
    count = len(programs)
    return {
        "classes": ("any",) if priorities is None else tuple(map(str, range(count))),
        "priorities": (0,) if priorities is None else tuple(priorities),
        "resources": tuple(resources),
        "services": tuple(services),
        "steps": tuple(
            Step(
                row.kind,
                row.label,
                None if row.resource is None else names.index(row.resource),
                row.blocking,
                row.timeout_ns,
                row.goes_on,
                row.may_fail,
                None if row.service is None else services.index(row.service),
                row.where,
                None if row.tries is None else replace(row.tries, number=number),
                row.lock_free,
            )
            for number, row in enumerate(kinds)
        ),
        "class_id": np.zeros(count, np.int32)
        if priorities is None
        else np.arange(count, dtype=np.int32),
        "first_row": np.cumsum([0, *(len(program) for program in programs)]).astype(np.int64),
        "step_id": np.array([kinds.index(row.step) for row in rows], np.int32),
        "duration_ns": np.array([row.operand for row in rows], np.int64),
        "dispatch": np.zeros(count) if dispatch is None else np.array(dispatch),
        "retries": None
        if attempts == 1
        else Retries(np.full((attempts - 1, count), jitter), np.zeros((attempts - 1, count))),
        "waits": None if waits is None else Waits(*map(_column, zip(*waits, strict=True))),
        "fails": np.array(
            [[attempt in row.fails for row in rows] for attempt in range(1, attempts + 1)], np.bool_
        ),
        "handoff": (handoff + np.arange(attempts * len(rows)).reshape(attempts, -1) / 3) % 1,
    }


def _column(waits: Sequence[float | None]) -> np.ndarray:
    return np.array([-1 if wait is None else int(wait * MS) for wait in waits], np.int64)


def workload(
    requests: Sequence[tuple[float, Program]], *, end: float | None = None, **others: object
) -> Workload:
    """Return the workload of *requests*, each an arrival and a program."""
    return Workload(
        arrival_ns=np.array([int(arrival * MS) for arrival, _ in requests], np.int64),
        end_ns=None if end is None else int(end * MS),
        **columns([program for _, program in requests], **others),
    )


def lecture() -> Workload:
    """Return the lecture's three requests."""
    return workload([(0, PAGE), (20, PAGE), (72, PING)])


def closed(
    users: Sequence[Sequence[tuple[float, Program]]],
    *,
    end: float | None = None,
    most: int | None = None,
    paced: bool = False,
    iterations: int | None = None,
    stages: Sequence[tuple[float, int]] = (),
    **others: object,
) -> ClosedWorkload:
    """Return a workload of *users*, who repeat their requests, each a think time and a program."""

    def block(number: int) -> Block:
        programs = [program for requests in users for _, program in requests]
        thinks = [int(think * MS) for requests in users for think, _ in requests]
        per_user = len(users[0])
        return Block(
            before=number * per_user,
            per_user=per_user,
            think_ns=np.array(thinks, np.int64),
            **columns(programs, **others),
        )

    population = Population(
        len(users),
        paced=paced,
        iterations=iterations,
        stays=stays([(int(at * MS), count) for at, count in stages]) if stages else None,
        most_requests=most,
    )
    return ClosedWorkload((population,), block, end_ns=None if end is None else int(end * MS))
