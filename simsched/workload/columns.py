"""A workload as columns: every request that will arrive, and every draw that chance had in it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from simsched import units
from simsched.errors import InputError
from simsched.workload.arrays import Bools, Floats, Int8s, Int32s, Int64s
from simsched.workload.steps import Resource, Step, StepKind, critical_path, until_answered

__all__ = [
    "Floats",
    "Int8s",
    "Int32s",
    "Int64s",
    "Requests",
    "Retries",
    "Waits",
    "Workload",
    "check_size",
]

MOST_REQUESTS = 2_000_000_000
"""The most requests that one replication may have."""

MOST_BYTES = 16_000_000_000
"""The most memory that the columns of one replication may take."""

BYTES_PER_REQUEST = 28
"""Arrival, class, first row and dispatch."""

BYTES_PER_ROW = 12
"""Step and duration."""

BYTES_PER_DRAW = 8


@dataclass(frozen=True, eq=False)
class Retries:
    """What chance says about the attempts after the first.

    Attributes:
        jitter: (attempts - 1, n) uniform on [0, 1): the draw behind the wait before each of them.
        dispatch: (attempts - 1, n) uniform on [0, 1): the draw behind a random choice of worker.
    """

    jitter: Floats
    dispatch: Floats


@dataclass(frozen=True, eq=False)
class Waits:
    """How long clients wait, in nanoseconds; -1 is for ever. It is the same in every attempt.

    Attributes:
        timeout_ns: (n,) for an answer.
        patience_ns: (n,) until the request is taken up.
    """

    timeout_ns: Int64s
    patience_ns: Int64s


@dataclass(frozen=True, eq=False, kw_only=True)
class Requests:
    """Requests and their programs.

    The program of request ``i`` (counting from 0) is the rows ``first_row[i]`` up to
    ``first_row[i + 1]`` of ``step_id`` and ``duration_ns``. A retried request has the same program
    in every attempt.

    Attributes:
        classes: names of the request classes.
        priorities: (classes) each class's priority; the smallest is the most urgent.
        resources: what steps refer to by position.
        services: and so is this: the names of what they call.
        steps: the phases that rows refer to by position.
        class_id: (n,) each request's class, by position in ``classes``.
        first_row: (n + 1,) where each request's program begins.
        step_id: (rows,) each row's step, by position in ``steps``.
        duration_ns: (rows,) each ``CPU`` or ``IO`` row's duration; a ``FORK`` or ``BRANCH`` row's
            operand, which is no time; else 0.
        dispatch: (n,) uniform on [0, 1): the draw behind a random choice of worker.
        retries: the draws of the attempts after the first; None if the client never retries.
        waits: how long each is waited for; None where the client's timeout says that of all.
        handoff: (attempts, rows) uniform on [0, 1): the draw behind the choice of who gets the slot
            that a row gives back, or the call that it makes; empty where no choice is random.
        fails: (attempts, rows) whether the request fails at the end of the row; empty where no step
            may fail.
        streams: the names of the streams that requests come in; none where there is one.
        stream_id: (n,) each request's stream, by position in ``streams``; empty without these.
    """

    classes: tuple[str, ...]
    priorities: tuple[int, ...]
    resources: tuple[Resource, ...] = ()
    services: tuple[str, ...] = ()
    steps: tuple[Step, ...]
    class_id: Int32s
    first_row: Int64s
    step_id: Int32s
    duration_ns: Int64s
    dispatch: Floats
    retries: Retries | None = None
    waits: Waits | None = None
    handoff: Floats = field(default_factory=lambda: np.empty((0, 0)))
    fails: Bools = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    streams: tuple[str, ...] = ()
    stream_id: Int32s = field(default_factory=lambda: np.empty(0, np.int32))

    def stream_of(self, index: int) -> int:
        """Return the stream of a request, by its position."""
        return int(self.stream_id[index]) if self.streams else 0

    def __len__(self) -> int:
        return len(self.class_id)

    def columns(self) -> dict[str, Any]:
        """Return the columns by their names, as they make requests of any kind."""
        return {each.name: getattr(self, each.name) for each in fields(Requests)}

    def demand_ns(self) -> Int64s:
        """Return (n,) each request's service demand: what it needs alone, without any overhead.

        Of concurrent branches the longest counts; what is done after the answer does not.
        """
        kinds = np.array([step.kind for step in self.steps], dtype=np.int8)
        operand = self.duration_ns
        if StepKind.RESPOND in kinds:
            operand = until_answered(kinds, self.step_id, operand, self.first_row)
        return critical_path(kinds, self.step_id, operand, self.first_row)


@dataclass(frozen=True, eq=False, kw_only=True)
class Workload(Requests):
    """The requests of one replication that arrive by themselves, in order of arrival.

    Every server of a scenario meets the same workload.

    Attributes:
        arrival_ns: (n,) when each request arrives; never decreasing.
        end_ns: when the simulation stops, finished or not; None lets every request finish.
    """

    arrival_ns: Int64s
    end_ns: int | None = None


def check_size(requests: float, rows_per_request: float) -> None:
    """Refuse a workload that would not fit.

    Args:
        requests: how many are expected in one replication.
        rows_per_request: how many phases a request has on average.

    Raises:
        InputError: more than :data:`MOST_REQUESTS`, or their columns larger than
            :data:`MOST_BYTES`.
    """
    size = requests * (BYTES_PER_REQUEST + rows_per_request * BYTES_PER_ROW)
    if requests > MOST_REQUESTS or size > MOST_BYTES:
        raise InputError(
            f"the workload has about {requests:,.0f} requests per replication, which take"
            f" {units.format_number(size / 1e9)} GB; the bounds are {MOST_REQUESTS:,} requests"
            f" and {MOST_BYTES // 10**9} GB: shorten it, lower its rate, or run more replications"
        )
