"""Closed workloads: users who think, ask, and wait for the answer before they think again.

How many requests that makes depends on how fast the server is, so they are drawn block by block:
each block holds the next few requests of every user. Blocks grow, so that a long run has few, and
none depends on whether the others were drawn, or on how many users there are besides: user ``u``'s
``k``-th request is always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from simsched.workload.arrays import Int64s
from simsched.workload.columns import Requests, Workload

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
            request; for a user's very first request, how long after joining: when the user begins,
            and the time that the user thinks first. Of users with a pace, how long after they sent
            the request before it, or as soon as that is answered.
    """

    before: int
    per_user: int
    think_ns: Int64s


@dataclass(frozen=True, eq=False)
class Stays:
    """When each user is there. A user who leaves in the middle of a request still has its answer.

    The stays of user ``u``, in order, are those from ``first[u]`` up to before ``first[u + 1]``.

    Attributes:
        first: (users + 1,) where each user's stays begin.
        joins_ns: (n,) when each stay begins,
        leaves_ns: (n,) and when it ends; the largest int64 where it does not.
    """

    first: Int64s
    joins_ns: Int64s
    leaves_ns: Int64s


@dataclass(frozen=True, eq=False)
class Population:
    """Users of one kind.

    Attributes:
        users: how many there are.
        paced: whether a user's next request is timed from the sending of the one before it, not
            from its answer.
        iterations: how many requests each user sends; None for no such end.
        stays: when there are how many users; None where all are there from time 0 on.
        most_requests: after so many requests of all of them together no more are made; None for no
            such end.
    """

    users: int
    paced: bool = False
    iterations: int | None = None
    stays: Stays | None = None
    most_requests: int | None = None

    def next_request(self, user: int, now: int, sent: int, think: int) -> int | None:
        """Return when *user* sends the next request, which it thinks about for *think* ns.

        It is *now* (ns), and the user sent the latest request when *sent*; both are 0 at the
        beginning. None if never: it would be after the user's last stay.
        """
        moment = max(now, sent + think) if self.paced else now + think
        if self.stays is None:
            return moment
        for stay in range(*self.stays.first[user : user + 2].tolist()):
            joins, leaves = int(self.stays.joins_ns[stay]), int(self.stays.leaves_ns[stay])
            if now < joins:  # a user who joins begins anew
                moment = joins if self.paced else joins + think
            if moment < leaves:
                return moment
        return None


@dataclass(frozen=True, eq=False)
class ClosedWorkload:
    """The users of one replication. Every server of a scenario meets the same.

    Attributes:
        populations: the users; they are numbered from 0, one population after the other.
        block: given its number, counting from 0, draws a block of their requests. It draws the same
            block whenever it is asked, and remembers none.
        beside: requests that arrive by themselves at the same time.
        end_ns: when the simulation stops, finished or not; None lets every request finish.
    """

    populations: tuple[Population, ...]
    block: Callable[[int], Block]
    beside: Workload | None = None
    end_ns: int | None = None

    @property
    def users(self) -> int:
        """How many users there are."""
        return sum(each.users for each in self.populations)


FOREVER = int(np.iinfo(np.int64).max)
"""When a stay ends that does not."""


def until(stays: Stays | None, users: int, end_ns: int) -> Stays:
    """Return *stays* of so many users, of which none lasts beyond *end_ns*."""
    if stays is None:
        numbers = np.arange(users + 1)
        return Stays(numbers, np.zeros(users, np.int64), np.full(users, end_ns))
    return replace(stays, leaves_ns=np.minimum(stays.leaves_ns, end_ns))


def stays(stages: Sequence[tuple[int, int]]) -> Stays:
    """Return the stays of users whose number follows *stages*.

    Args:
        stages: times (ns), which never decrease, each with how many users there are then. The
            number is linear in between, and what is left of it after rounding down; at two stages
            of one time it changes at once. It is the first one's before, and the last one's after.
    """
    # Users are numbered in the order in which they join, and the last to join leave first.
    here = np.arange(stages[0][1])
    joins, leaves = [(here, np.zeros_like(here))], []
    for (begin, before), (end, after) in pairwise(stages):
        if after > before:
            changes = np.arange(1, after - before + 1)
            joins.append((before + changes - 1, begin + _shares(end - begin, changes)))
        elif after < before:
            # A user leaves just after the last moment at which there are enough users for it.
            changes = np.arange(before - after)
            gone = begin + (end - begin) - _shares(end - begin, before - after - changes) + 1
            leaves.append((before - 1 - changes, np.minimum(gone, end)))
    here = np.arange(stages[-1][1])
    leaves.append((here, np.full(len(here), FOREVER)))
    by_user, joins_ns = _by_user(joins)
    _, leaves_ns = _by_user(leaves)
    first = np.searchsorted(by_user, np.arange(max(users for _, users in stages) + 1))
    return Stays(first.astype(np.int64), joins_ns, leaves_ns)


def _shares(length: int, parts: Int64s) -> Int64s:
    """Return these *parts* of a *length*, of which there are as many as the largest; rounded up.

    The length is split, since a long one times many parts would not fit int64.
    """
    whole = int(parts.max())
    each, rest = divmod(length, whole)
    return parts * each - (-parts * rest) // whole


def _by_user(changes: Sequence[tuple[Int64s, Int64s]]) -> tuple[Int64s, Int64s]:
    """Return the users and moments of all *changes*, by user, and each user's in order."""
    users = np.concatenate([users for users, _ in changes])
    moments = np.concatenate([moments for _, moments in changes])
    order = users.argsort(kind="stable")
    return users[order], moments[order]


def extent(number: int) -> tuple[int, int]:
    """Return how many requests of each user come before block *number*, and how many it holds.

    Each block holds twice as many as the one before it, up to :data:`LARGEST_BLOCK`.
    """
    sizes = [min(FIRST_BLOCK << min(k, 30), LARGEST_BLOCK) for k in range(number + 1)]
    return sum(sizes[:-1]), sizes[-1]
