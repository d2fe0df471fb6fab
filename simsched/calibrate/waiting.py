"""Waiting at pools and databases, taken out of what intervals needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simsched.calibrate.censored import drawn_between
from simsched.calibrate.contention import (
    held_before,
    most_held,
    occupying,
    served_alone,
    while_full,
)
from simsched.calibrate.demands import Recorded
from simsched.calibrate.programs import Callee
from simsched.calibrate.variants import Variants
from simsched.statistics.words import spans as words
from simsched.workload.arrays import Bools, Int32s, Int64s

_SEED = 1995
_MISREAD = 0.01
"""If more slots than this share are taken from a pool that has none left, they are not so."""


def core_of(system: str, service: str = "") -> str:
    """Return the name of the resource that stands for what a database of *service* computes on."""
    return f"{service} {system} core".strip()


def without_pools(
    variants: Variants, callees: list[Callee], pools: Mapping[str, int]
) -> tuple[Recorded, list[str]]:
    """Return what requests did without what they waited for pools, and what was found of these.

    Where a pool was full, the computing before a slot is taken is drawn from that at other times,
    and the request waits after it. A slot is kept from one call to the next unless the first gives
    it back, or something else is called in between. Where more would then be kept than there are,
    each call gives its slot back, which is noted in *callees*.
    """
    recorded, labels = variants.recorded, variants.labels()
    end, remarks = recorded.end_ns.copy(), []
    for pool, capacity in pools.items():
        of_pool = [at for at, each in enumerate(callees) if each.resource == pool]
        calls = np.flatnonzero(np.isin(labels, of_pool))
        if not len(calls):
            remarks.append(words.never_full(pool, capacity, 0))
            continue
        held = _Held.of(variants, calls, np.array([callees[at].releases for at in labels[calls]]))
        if held.over(capacity) > _MISREAD:
            for at in of_pool:
                callees[at] = replace(callees[at], releases=True)
            held = _Held.of(variants, calls, np.ones(len(calls), np.bool_))
        before, full = held.first - 1, np.zeros(len(held.first), np.bool_)
        for rows in held.by_process():
            bounds = recorded.start_ns[before[rows]], recorded.end_ns[before[rows]]
            full[rows] = while_full(*bounds, held.from_ns[rows], held.to_ns[rows], capacity)
        if held.most() < capacity:
            remarks.append(words.never_full(pool, capacity, held.most()))
            continue
        end[before[full]] -= _waited(recorded, before[full], before[~full])
        remarks.append(words.full(pool))
    return replace(recorded, end_ns=end), remarks


@dataclass(frozen=True, eq=False)
class _Held:
    """When slots of a pool were held.

    Attributes:
        first: (k,) the interval of the first call with each.
        from_ns: (k,) since when it was held.
        to_ns: (k,) until when.
        process: (k,) by which process, each of which has a pool of its own.
    """

    first: Int64s
    from_ns: Int64s
    to_ns: Int64s
    process: Int32s

    @classmethod
    def of(cls, variants: Variants, calls: Int64s, gives_back: Bools) -> _Held:
        """Return those of the intervals *calls*, after some of which a slot is given back."""
        recorded, visit = variants.recorded, variants.visit[calls]
        upto = np.cumsum(~recorded.computes)[calls]
        # A request that gives slots back elsewhere keeps its slot while it calls something else.
        apart = (upto[1:] > upto[:-1] + 1) & ~gives_back.any()
        again = (visit[1:] != visit[:-1]) | gives_back[:-1] | apart
        first = np.flatnonzero(np.concatenate([[True], again]))
        last = np.append(first[1:], len(calls)) - 1
        return cls(
            calls[first],
            recorded.start_ns[calls[first]],
            recorded.end_ns[calls[last]],
            recorded.loop[calls[first]],
        )

    def by_process(self) -> Iterator[Bools]:
        """Yield which are of each process."""
        return (self.process == each for each in np.unique(self.process))

    def most(self) -> int:
        """Return how many were held at once by a process, at most."""
        return max(most_held(self.from_ns[rows], self.to_ns[rows]) for rows in self.by_process())

    def over(self, capacity: int) -> float:
        """Return what share of them were taken while no slot was left."""
        over = [
            held_before(self.from_ns[rows], self.to_ns[rows]) >= capacity
            for rows in self.by_process()
        ]
        return float(np.concatenate(over).mean())


def _waited(recorded: Recorded, rows: Int64s, others: Int64s) -> Int64s:
    """Return (rows,) how long each waited, as the computing of *others* has it."""
    length = (recorded.end_ns - recorded.start_ns).astype(float)
    rng = np.random.default_rng(_SEED)
    waited = np.zeros(len(rows), np.int64)
    for leaf in np.unique(recorded.leaf[rows]):
        unknown = np.flatnonzero(recorded.leaf[rows] == leaf)
        donors = np.sort(length[others[recorded.leaf[others] == leaf]])
        most = length[rows[unknown]]
        waited[unknown] = most - drawn_between(rng, donors, np.zeros(len(unknown)), most)
    return waited


@dataclass(frozen=True, eq=False)
class Needs:
    """What intervals needed, and what their calls are to; both are changed in place.

    Attributes:
        variants: the requests and their intervals.
        need_ns: (intervals,) what each needed.
        callees: what the calls of each label are to.
    """

    variants: Variants
    need_ns: Int64s
    callees: list[Callee]

    def at_core(self, system: str, databases: Mapping[int, str], core: str) -> str | None:
        """Take out what queries of a database wait for each other: for the resource *core*.

        Returns:
            what was found, as a sentence; None if they do not wait.
        """
        labels, start = self.variants.labels(), self.variants.recorded.start_ns
        of_system = [at for at, each in databases.items() if each == system]
        rows = np.flatnonzero(np.isin(labels, of_system))
        need = self.need_ns.astype(float)
        kinds = occupying(start[rows], need[rows], labels[rows]) if len(rows) else ()
        if not kinds:
            return None
        rows = rows[np.isin(labels[rows], kinds)]
        self.need_ns[rows] = np.rint(served_alone(start[rows], need[rows])).astype(np.int64)
        for kind in kinds:
            self.callees[kind] = replace(self.callees[kind], on=core)
        which = ", ".join(dict.fromkeys(self.callees[kind].label for kind in kinds))
        return words.contention(system, which, core)
