"""Workloads written by hand, for tests of the engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.workload.columns import Step, StepKind, Workload

MS = 1_000_000

Program = Sequence[tuple[str, int]]
"""Phases as ("cpu", nanoseconds) or ("io", nanoseconds)."""

PAGE = [("cpu", 10 * MS), ("io", 40 * MS), ("cpu", 10 * MS), ("io", 15 * MS), ("cpu", 10 * MS)]
PING = [("cpu", 4 * MS), ("io", 6 * MS), ("cpu", 4 * MS)]


def workload(
    requests: Sequence[tuple[int, Program]],
    *,
    dispatch: Sequence[float] | None = None,
    end: int | None = None,
) -> Workload:
    """Return the workload of *requests*, each an arrival in nanoseconds and a program."""
    programs = [program for _, program in requests]
    rows = [phase for program in programs for phase in program]
    kinds = {"cpu": 0, "io": 1}
    return Workload(
        classes=("any",),
        steps=(Step(StepKind.CPU, "computing"), Step(StepKind.IO, "waiting")),
        arrival_ns=np.array([arrival for arrival, _ in requests], np.int64),
        class_id=np.zeros(len(requests), np.int32),
        first_row=np.cumsum([0, *(len(program) for program in programs)]).astype(np.int64),
        step_id=np.array([kinds[kind] for kind, _ in rows], np.int32),
        duration_ns=np.array([duration for _, duration in rows], np.int64),
        dispatch=np.zeros(len(requests)) if dispatch is None else np.array(dispatch),
        end_ns=end,
    )


def lecture() -> Workload:
    """Return the lecture's three requests."""
    return workload([(0, PAGE), (20 * MS, PAGE), (72 * MS, PING)])
