"""What the rows of a program mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


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
    FORK = 4
    """its operand is the number of branches, at least 1"""
    BRANCH = 5
    """its operand is the number of rows of the branch, not counting this one"""


@dataclass(frozen=True, slots=True)
class Step:
    """A phase as the scenario wrote it, without its duration: many rows share one step.

    Attributes:
        kind: what it asks for.
        label: what the scenario calls it.
        resource: the position in the workload's ``resources`` of the one that an ``IO`` step
            occupies while it lasts, or that ``ACQUIRE`` and ``RELEASE`` are about; None for none.
        blocking: of an ``IO`` step: it keeps a cooperative server's loop.
    """

    kind: StepKind
    label: str | None = None
    resource: int | None = None
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """Something outside the servers that only so many requests can use at a time."""

    name: str
    capacity: int
