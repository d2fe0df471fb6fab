"""Waiting at pools and databases, taken out of what intervals needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simsched.calibrate.censored import drawn_between
from simsched.calibrate.contention import most_held, occupying, served_alone, while_full
from simsched.calibrate.demands import Recorded
from simsched.calibrate.programs import Callee
from simsched.calibrate.variants import Variants
from simsched.statistics.words import spans as words
from simsched.workload.arrays import Int64s

_SEED = 1995


def core_of(system: str, service: str = "") -> str:
    """Return the name of the resource that stands for what a database of *service* computes on."""
    return f"{service} {system} core".strip()


def without_pools(
    variants: Variants, callees: Sequence[Callee], pools: Mapping[str, int]
) -> tuple[Recorded, list[str]]:
    """Return what requests did without what they waited for pools, and what was found of these.

    Where a pool was full, the computing before a slot is taken is drawn from that at other times,
    and the request waits after it. A slot counts as taken from the first to the last call of its
    request.
    """
    recorded, visit, labels = variants.recorded, variants.visit, variants.labels()
    end, remarks = recorded.end_ns.copy(), []
    for pool, capacity in pools.items():
        of_pool = [at for at, each in enumerate(callees) if each.resource == pool]
        calls = np.flatnonzero(np.isin(labels, of_pool))
        if not len(calls):
            remarks.append(words.never_full(pool, capacity, 0))
            continue
        _, first = np.unique(visit[calls], return_index=True)
        last = np.append(first[1:], len(calls)) - 1
        held = recorded.start_ns[calls[first]], recorded.end_ns[calls[last]]
        process, before = recorded.loop[calls[first]], calls[first] - 1
        full = np.zeros(len(before), np.bool_)
        most = 0
        for each in np.unique(process):
            rows = process == each
            own, inside = (held[0][rows], held[1][rows]), before[rows]
            most = max(most, most_held(*own))
            bounds = recorded.start_ns[inside], recorded.end_ns[inside]
            full[rows] = while_full(*bounds, *own, capacity)
        if most < capacity:
            remarks.append(words.never_full(pool, capacity, most))
            continue
        end[before[full]] -= _waited(recorded, before[full], before[~full])
        remarks.append(words.full(pool))
    return replace(recorded, end_ns=end), remarks


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
