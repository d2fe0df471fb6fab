"""A workload as columns: every request that will arrive, and every draw that chance had in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Floats = NDArray[np.float64]


class StepKind(IntEnum):
    """What a row of a request's program asks of the server."""

    CPU = 0
    IO = 1


@dataclass(frozen=True, slots=True)
class Step:
    """A phase as the scenario wrote it, without its duration: many rows share one step."""

    kind: StepKind
    label: str | None


@dataclass(frozen=True, eq=False)
class Workload:
    """The requests of one replication, in order of arrival.

    The program of request ``i`` (counting from 0) is the rows ``first_row[i]`` up to ``first_row[i
    + 1]`` of ``step_id`` and ``duration_ns``. Every server of a scenario meets the same workload.

    Attributes:
        classes: names of the request classes.
        steps: the phases that rows refer to by position.
        arrival_ns: (n,) when each request arrives; never decreasing.
        class_id: (n,) each request's class, by position in ``classes``.
        first_row: (n + 1,) where each request's program begins.
        step_id: (rows,) each row's step, by position in ``steps``.
        duration_ns: (rows,) each row's duration.
        dispatch: (n,) uniform on [0, 1): the draw behind a random choice of worker.
        end_ns: when the simulation stops, whoever is still in it; None lets every request finish.
    """

    classes: tuple[str, ...]
    steps: tuple[Step, ...]
    arrival_ns: Int64s
    class_id: Int32s
    first_row: Int64s
    step_id: Int32s
    duration_ns: Int64s
    dispatch: Floats
    end_ns: int | None = None

    def __len__(self) -> int:
        return len(self.arrival_ns)

    def demand_ns(self) -> Int64s:
        """Return (n,) each request's service demand: what it needs alone, without any overhead."""
        total = np.concatenate(([0], np.cumsum(self.duration_ns)))
        return total[self.first_row[1:]] - total[self.first_row[:-1]]
