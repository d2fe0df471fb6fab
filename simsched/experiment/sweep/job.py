"""What is to be done for a point: all of it, or a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simsched.experiment.sweep.plan import Point

Kind = Literal["point", "replication", "conclusion"]
"""
point           all of a point at once
replication     one replication of it
conclusion      what follows from its replications, which are there
"""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do for a point.

    Attributes:
        key: the name that the point's figures are kept by.
        point: the point.
        weight: how much work it is.
        replications: how many replications the point begins with.
        rows: about how many rows they have together, of what is simulated and not yet figures.
        guess_s: about how many seconds it takes, by what is known before anything was measured.
        kept: the replications that the store has, by number.
        kind: what of the point is to be done.
        number: which replication, where it is one.
    """

    key: str
    point: Point
    weight: float
    replications: int = 1
    rows: float = 0.0
    guess_s: float = 0.0
    kept: Mapping[int, bytes] = field(default_factory=dict, hash=False)
    kind: Kind = "point"
    number: int | None = None

    @property
    def name(self) -> str:
        """What tells it from other jobs."""
        return f"{self.key} {self.kind} {self.number}"
