"""The lines of a timeline on which the stretches of a request do not overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from simsched.report.lanes import Stretch


@dataclass(frozen=True, slots=True)
class Track:
    """Stretches of one attempt that do not overlap, in order of time."""

    attempt: int
    stretches: tuple[Stretch, ...]

    @property
    def count(self) -> int:
        """How many branches that do the same it stands for."""
        return max((stretch.count for stretch in self.stretches), default=1)


def tracks(stretches: Iterable[Stretch]) -> tuple[Track, ...]:
    """Return *stretches* on as many lines as it takes, the attempts in order.

    Branches that do the same at the same time are one stretch that counts them.
    """
    ordered = sorted(stretches, key=lambda s: (s.attempt, s.start_ns, s.finish_ns))
    return tuple(
        Track(attempt, tuple(line))
        for attempt, found in groupby(ordered, key=lambda s: s.attempt)
        for line in packed(tuple(found))
    )


def packed(ordered: Sequence[Stretch]) -> list[list[Stretch]]:
    """Return stretches in order of time on lines on which none overlap, alike ones as one."""
    if not overlap(ordered):
        return [list(ordered)]
    lines: list[list[Stretch]] = []
    for stretch in _alike(ordered):
        line = _place(lines, stretch)
        if line is None:
            lines.append([stretch])
        else:
            line.append(stretch)
    return lines


def overlap(ordered: Sequence[Stretch]) -> bool:
    """Return whether any of the stretches, which are in order of time, overlaps the next."""
    return any(a.finish_ns > b.start_ns for a, b in pairwise(ordered))


def _alike(ordered: Sequence[Stretch]) -> list[Stretch]:
    counts = Counter(ordered)
    return [replace(stretch, count=count) for stretch, count in counts.items()]


def _place(lines: Sequence[list[Stretch]], stretch: Stretch) -> list[Stretch] | None:
    """Return the line that *stretch* goes on, or else the first that it fits on."""
    free = [line for line in lines if line[-1].finish_ns <= stretch.start_ns]
    going_on = (line for line in free if line[-1].finish_ns == stretch.start_ns)
    return next(going_on, free[0] if free else None)
