"""The classes of requests, and the variants in which the requests of each differ."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from simsched.calibrate.demands import Recorded
from simsched.calibrate.programs import Callee, Phase, Program
from simsched.calibrate.structure import (
    Form,
    Intervals,
    Shape,
    canonical,
    common,
    labels_of,
    leaves,
    shape_of,
    units_of,
)
from simsched.calibrate.visits import Visit
from simsched.workload.arrays import Bools, Int32s, Int64s

_MOST_COUNTS = 1_000


class Variants:
    """What the requests of each class do.

    Args:
        visits: the requests.
        name: (n,) the class of each.
        used: (n,) which of them are learned from.

    Attributes:
        kept: (n,) which of those are of the common variants of their classes.
        shapes: (n,) the stages of each.
        visit: the request of each of the recorded intervals.
        recorded: what all requests did; the leaves of rare variants are -1.
        served_from_ns: when another service began with each interval that is a call of it, else -1.
        served_ns: how long it took.
    """

    def __init__(self, visits: Sequence[Visit], name: Sequence[str], used: Bools) -> None:
        self.name = name
        self.shapes = [shape_of(visit) for visit in visits]
        self._canonical = self._canonicals()
        counts: dict[str, Counter[Form]] = defaultdict(Counter)
        for each, (form, _) in self._of(used):
            counts[each][form] += 1
        self._first: dict[tuple[str, Form], int] = {}
        number = 0
        for each, forms in counts.items():
            for form in common(forms):
                self._first[each, form] = number
                number += len(labels_of(form))
        known = [(each, form) in self._first for each, (form, _) in self._of(used | True)]
        self.kept: Bools = used & np.array(known, np.bool_)
        self._read(visits)

    def _canonicals(self) -> list[tuple[Form, tuple[int, ...]]]:
        of_class: dict[str, dict[Shape, None]] = defaultdict(dict)
        for name, shape in zip(self.name, self.shapes, strict=True):
            of_class[name][shape] = None
        units = {name: units_of(list(shapes)) for name, shapes in of_class.items()}
        found = {
            (name, shape): canonical(shape, units[name])
            for name, shapes in of_class.items()
            for shape in shapes
        }
        return [found[each] for each in zip(self.name, self.shapes, strict=True)]

    def _of(self, rows: Bools) -> list[tuple[str, tuple[Form, tuple[int, ...]]]]:
        return [(self.name[i], self._canonical[i]) for i in np.flatnonzero(rows).tolist()]

    def _read(self, visits: Sequence[Visit]) -> None:
        stretches = Intervals()
        numbers: dict[tuple[str, Form, tuple[int, ...]], list[int]] = {}
        for i, visit in enumerate(visits):
            form, times = self._canonical[i]
            key = self.name[i], form, times
            if key not in numbers:
                first = self._first.get(key[:2])
                own = list(leaves(form, times, first or 0))
                numbers[key] = own if first is not None else [-1] * len(own)
            stretches.take(i, visit, numbers[key])
        self.visit: Int64s = np.array(stretches.visit, np.int64)
        self.served_from_ns: Int64s = np.array(stretches.served_from_ns, np.int64)
        self.served_ns: Int64s = np.array(stretches.served_ns, np.int64)
        turns = self.visit[1:] != self.visit[:-1]
        loops = np.array([visit.loop for visit in visits], np.int32)
        self.recorded = Recorded(
            start_ns=np.array(stretches.start_ns, np.int64),
            end_ns=np.array(stretches.end_ns, np.int64),
            loop=loops[self.visit],
            leaf=np.array(stretches.leaf, np.int32),
            computes=np.array(stretches.computes, np.bool_),
            resumes=np.array(stretches.resumes, np.bool_),
            begins=np.concatenate([[True], turns]),
            answers=np.concatenate([turns, [True]]),
        )

    @property
    def classes(self) -> list[str]:
        """The names of the classes, in the order of their first requests."""
        return list(dict.fromkeys(name for name, _ in self._first))

    def classes_of(self, of: Iterable[int]) -> list[str]:
        """Return the classes that have some of these leaves."""
        firsts, names = list(self._first.values()), [name for name, _ in self._first]
        return list(dict.fromkeys(names[bisect_right(firsts, leaf) - 1] for leaf in sorted(of)))

    def labels(self) -> Int32s:
        """Return (intervals,) the label of the call that each is; -1 of computing."""
        of_leaf = {-1: -1}
        for (_, form), first in self._first.items():
            for i, label in enumerate(labels_of(form)):
                of_leaf[first + i] = -1 if label is None else label
        known = np.array([of_leaf[leaf] for leaf in range(-1, len(of_leaf) - 1)], np.int32)
        labels: Int32s = known[self.recorded.leaf + 1]
        return labels

    def phases(
        self,
        name: str,
        need_ns: Int64s,
        callees: Sequence[Callee],
        yields_ns: Mapping[int, int],
    ) -> list[Phase]:
        """Return the phases of a class, in which the durations are those of its requests."""
        samples = self._samples(need_ns)
        counts: dict[Form, list[tuple[int, ...]]] = {
            form: [] for each, form in self._first if each == name
        }
        for each, (form, times) in self._of(self.kept):
            if each == name:
                counts[form].append(times)
        variants = []
        for form, rows in counts.items():
            program = Program(callees, samples.__getitem__, _Counts(rows), yields_ns)
            variants.append(program.phases(form, self._first[name, form]))
        if len(variants) == 1:
            return variants[0]
        weights = map(len, counts.values())
        chosen = zip(weights, variants, strict=True)
        return [{"choose": [{"weight": weight, "phases": each} for weight, each in chosen]}]

    def _samples(self, need_ns: Int64s) -> Mapping[int, Int64s]:
        rows = self.kept[self.visit]
        leaf, need = self.recorded.leaf[rows], need_ns[rows]
        order = np.argsort(leaf, kind="stable")
        leaf, need = leaf[order], need[order]
        at = np.flatnonzero(np.concatenate([[True], leaf[1:] != leaf[:-1]]))
        return {int(leaf[i]): part for i, part in zip(at, np.split(need, at[1:]), strict=True)}


class _Counts:
    """How often each repetition of a variant is made: a number, or the observed ones."""

    def __init__(self, times: Sequence[Sequence[int]]) -> None:
        self._times = times

    def __call__(self, number: int) -> Any:
        counts = sorted(times[number] for times in self._times)
        if counts[0] == counts[-1]:
            return counts[0]
        return {"values": counts[:: max(1, len(counts) // _MOST_COUNTS)]}
