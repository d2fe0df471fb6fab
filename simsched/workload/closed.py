"""Closed workloads: users who think, ask, and wait for the answer before they think again.

How many requests that makes depends on how fast the server is, so they are drawn block by block:
each block holds the next few requests of every user. Blocks grow, so that a long run has few, and
none depends on whether the others were drawn, or on how many users there are besides: user ``u``'s
``k``-th request is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simsched.workload.arrays import Int64s
from simsched.workload.columns import Requests

FIRST_BLOCK = 8
"""How many requests of each user the first block holds."""

LARGEST_BLOCK = 4096
"""How many requests of each user a block holds at most."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Block(Requests):
    """Some requests of every user: those after the ``before`` first, ``per_user`` of each.

    User ``u``'s request number ``before + j`` (both counting from 0) is at position
    ``u * per_user + j`` of every column.

    Attributes:
        before: how many requests of each user the blocks before this one hold.
        per_user: how many requests of each user this block holds.
        think_ns: (n,) how long after the answer to the request before it the user sends each
            request; for a user's very first request, how long after time 0: when the user begins,
            and the time that the user thinks first.
    """

    before: int
    per_user: int
    think_ns: Int64s


@dataclass(frozen=True, eq=False)
class ClosedWorkload:
    """The users of one replication. Every server of a scenario meets the same.

    Attributes:
        users: how many there are; they are numbered from 0.
        block: given its number, counting from 0, draws a block of requests. It draws the same
            block whenever it is asked, and remembers none.
        most_requests: after so many requests of all users together no more are made; None for no
            such end.
        end_ns: when the simulation stops, whoever is still in it; None lets every request finish.
    """

    users: int
    block: Callable[[int], Block]
    most_requests: int | None = None
    end_ns: int | None = None


def extent(number: int) -> tuple[int, int]:
    """Return how many requests of each user come before block *number*, and how many it holds.

    Each block holds twice as many as the one before it, up to :data:`LARGEST_BLOCK`.
    """
    sizes = [min(FIRST_BLOCK << min(k, 30), LARGEST_BLOCK) for k in range(number + 1)]
    return sum(sizes[:-1]), sizes[-1]
