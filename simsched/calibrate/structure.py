"""What the requests of a class do, found from the calls of each: in sequence, side by side, again.

A request's calls make *stages*: one call, or several that overlap, which are lanes side by side. A
row of the same stages at least three times in some request of the class is a repetition. Requests
that differ after that are variants, among which chance chooses.

The computing and the calls of a request are numbered in the order in which they stand in its
program; :meth:`Intervals.take` and :func:`leaves` agree on it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from simsched.calibrate.visits import Call, Visit

MOST_VARIANTS = 20
"""The most variants of a class; the rarest are left out."""

_AGAIN = 3
_LONGEST_UNIT = 3

Lane = tuple[int, ...]
"""The labels of the calls of a lane, one after the other."""

Stage = tuple[Lane, ...]
"""Lanes side by side; of a single call, one lane with it."""

Shape = tuple[Stage, ...]


@dataclass(eq=False)
class Intervals:
    """What requests did one stretch after the other, as columns; times in nanoseconds since 1970.

    Attributes:
        start_ns: when each stretch began.
        end_ns: when it ended.
        visit: the request, by its position.
        leaf: what it is in the program of the request's variant, by a number over all of them.
        computes: whether the request computed rather than waited for a call.
        resumes: whether it began when a call returned.
        served_from_ns: when another service began with the call; -1 if that is not known.
        served_ns: how long it took.
    """

    start_ns: array[int] = field(default_factory=lambda: array("q"))
    end_ns: array[int] = field(default_factory=lambda: array("q"))
    visit: array[int] = field(default_factory=lambda: array("q"))
    leaf: array[int] = field(default_factory=lambda: array("i"))
    computes: array[int] = field(default_factory=lambda: array("b"))
    resumes: array[int] = field(default_factory=lambda: array("b"))
    served_from_ns: array[int] = field(default_factory=lambda: array("q"))
    served_ns: array[int] = field(default_factory=lambda: array("q"))

    def take(self, number: int, visit: Visit, leaves: Sequence[int]) -> None:
        """Add what a request did, in the order of its program: its *leaves*.

        Of each stage these are the lanes, each with the computing before each of its calls; the
        computing before the first is that since the stage before. At the end there is the
        computing after the last stage.
        """
        leaf = iter(leaves)

        def add(
            start_ns: int, end_ns: int, computes: bool, resumes: bool, call: Call | None = None
        ) -> None:
            self.start_ns.append(start_ns)
            self.end_ns.append(end_ns)
            self.visit.append(number)
            self.leaf.append(next(leaf))
            self.computes.append(computes)
            self.resumes.append(resumes)
            self.served_from_ns.append(-1 if call is None else call.served_from_ns)
            self.served_ns.append(-1 if call is None else call.served_ns)

        at, resumes = visit.start_ns, False
        for lanes in _stages(visit.calls):
            began = at
            for lane in lanes:
                end = lane[0].start_ns
                add(began, end, True, resumes)
                began, resumes = end, False
                add(end, lane[0].end_ns, False, False, lane[0])
                for before, after in pairwise(lane):
                    add(before.end_ns, after.start_ns, True, True)
                    add(after.start_ns, after.end_ns, False, False, after)
            at, resumes = max(lane[-1].end_ns for lane in lanes), True
        add(at, visit.end_ns, True, resumes)


def shape_of(visit: Visit) -> Shape:
    """Return the stages of a request."""
    return tuple(_stage(lanes) for lanes in _stages(visit.calls))


def _stages(calls: Sequence[Call]) -> Iterator[list[list[Call]]]:
    """Yield the stages of calls that are sorted by their beginning, each with its lanes.

    A call joins the first lane that has ended before it.
    """
    lanes: list[list[Call]] = []
    end = -1
    for call in calls:
        if lanes and call.start_ns >= end:
            yield lanes
            lanes = []
        free = next((lane for lane in lanes if lane[-1].end_ns <= call.start_ns), None)
        if free is None:
            lanes.append([call])
        else:
            free.append(call)
        end = max(end, call.end_ns)
    if lanes:
        yield lanes


def _stage(lanes: Sequence[Sequence[Call]]) -> Stage:
    return tuple(tuple(call.label for call in lane) for lane in lanes)


@dataclass(frozen=True, slots=True)
class Again:
    """Stages that are repeated."""

    unit: Shape


Form = tuple[Stage | Again, ...]
"""The stages of a variant, with what is repeated written once."""


def units_of(shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """Return the rows of stages that some of *shapes* repeat, the longest first."""
    units: set[Shape] = set()
    for shape in shapes:
        at = 0
        while at < len(shape):
            unit, times = _repeated(shape, at)
            if times >= _AGAIN:
                units.add(unit)
                at += len(unit) * times
            else:
                at += 1
    return tuple(sorted(units, key=lambda unit: (-len(unit), unit)))


def _repeated(shape: Shape, at: int) -> tuple[Shape, int]:
    """Return the shortest unit that is repeated from *at* on often enough, and how often."""
    for length in range(1, _LONGEST_UNIT + 1):
        unit = shape[at : at + length]
        if (times := _times(shape, at, unit)) >= _AGAIN:
            return unit, times
    return shape[at : at + 1], 1


def _times(shape: Shape, at: int, unit: Shape) -> int:
    times = 0
    while shape[at : at + len(unit)] == unit and at + len(unit) <= len(shape):
        at, times = at + len(unit), times + 1
    return times


def canonical(shape: Shape, units: Sequence[Shape]) -> tuple[Form, tuple[int, ...]]:
    """Return the form of a shape, and how often each of its repetitions is made."""
    form: list[Stage | Again] = []
    times: list[int] = []
    at = 0
    while at < len(shape):
        for unit in units:
            if count := _times(shape, at, unit):
                form.append(Again(unit))
                times.append(count)
                at += len(unit) * count
                break
        else:
            form.append(shape[at])
            at += 1
    return tuple(form), tuple(times)


def common(forms: Counter[Form]) -> list[Form]:
    """Return the most common forms, at most :data:`MOST_VARIANTS`."""
    ranked = sorted(forms.items(), key=lambda each: (-each[1], repr(each[0])))
    return [form for form, _ in ranked[:MOST_VARIANTS]]


def leaves(form: Form, times: Sequence[int], first: int) -> Iterator[int]:
    """Yield the leaf of each stretch of a request of *form*, numbered from *first* on."""
    repeats = iter(times)
    for part in form:
        stages = part.unit if isinstance(part, Again) else (part,)
        count = sum(2 * len(lane) for stage in stages for lane in stage)
        for _ in range(next(repeats) if isinstance(part, Again) else 1):
            yield from range(first, first + count)
        first += count
    yield first


def labels_of(form: Form) -> list[int | None]:
    """Return the label of the call of each leaf of a form; None of computing."""
    found: list[int | None] = []
    for part in form:
        stages = part.unit if isinstance(part, Again) else (part,)
        for stage in stages:
            for lane in stage:
                for label in lane:
                    found += [None, label]
    return [*found, None]
