"""The critical path of a program: how long it takes when nothing is waited for."""

from __future__ import annotations

import numpy as np

from simsched.workload.arrays import Int8s, Int32s, Int64s
from simsched.workload.steps import StepKind


def critical_path(kind: Int8s, operand: Int64s, first_row: Int64s) -> Int64s:
    """Return (n,) how long each program takes, of concurrent branches the longest.

    Args:
        kind: (rows,) the kind of each row.
        operand: (rows,) durations in nanoseconds, and the operands of FORK and BRANCH.
        first_row: (n + 1,) where each program begins.
    """
    time = np.where(kind <= StepKind.IO, operand, 0)
    if np.any(kind == StepKind.FORK):
        _join(kind, operand, time)
    total = _running_total(time)
    return total[first_row[1:]] - total[first_row[:-1]]


def _join(kind: Int8s, operand: Int64s, time: Int64s) -> None:
    """Give each FORK row the time that brings its branches' sum down to the longest of them."""
    fans = np.flatnonzero(kind >= StepKind.FORK)
    depth = _depth(kind, operand)[fans]
    for level in range(int(depth.max()), -1, -1):  # inner forks first
        here = fans[depth == level]
        forks, branches = (here[kind[here] == of] for of in (StepKind.FORK, StepKind.BRANCH))
        total = _running_total(time)
        spans = total[branches + 1 + operand[branches]] - total[branches + 1]
        # Rows of one level alternate: a fork, its branches, the next fork, its branches.
        first_branch = np.cumsum(operand[forks]) - operand[forks]
        longest = np.maximum.reduceat(spans, first_branch)
        time[forks] = longest - np.add.reduceat(spans, first_branch)


def _depth(kind: Int8s, operand: Int64s) -> Int32s:
    """Return (rows,) how many branches each row is within."""
    branches = np.flatnonzero(kind == StepKind.BRANCH)
    change = np.zeros(len(kind) + 1, dtype=np.int32)
    np.add.at(change, branches + 1, 1)
    np.add.at(change, branches + 1 + operand[branches], -1)
    return np.cumsum(change[:-1], dtype=np.int32)


def _running_total(values: Int64s) -> Int64s:
    return np.concatenate(([0], np.cumsum(values)))
