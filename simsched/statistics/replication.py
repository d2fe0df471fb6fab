"""What is told of a replication whether or not its requests are kept."""

from __future__ import annotations

from typing import Protocol

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import Status


class Replication(Protocol):
    """A run: as a trace of its requests, or as what was counted of them."""

    @property
    def end_ns(self) -> int:
        """When it ended."""
        ...

    @property
    def deadlock(self) -> Deadlock | None:
        """Who waited for each other at its end."""
        ...

    def __len__(self) -> int:
        """Return how many attempts at requests there were."""
        ...

    def count(self, status: Status) -> int:
        """Return how many requests ended so; of one that was sent again, the last attempt tells."""
        ...
