"""What one replication contributes to every estimate, so that its trace need not be kept.

An estimate over replications is made of a few numbers from each: sums, counts, maxima. Only
quantiles of all replications together need more: the points themselves, as long as they are held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simsched.engine.trace import MISSING
from simsched.scenario.metrics import SLOWEST
from simsched.statistics.figures import FIGURES, Seen
from simsched.statistics.presence import holders, waiters
from simsched.statistics.quantile import Sample
from simsched.statistics.time_spent import Part, components, spent
from simsched.statistics.window import BATCHES, FEWEST, Window, batches, taken
from simsched.units import SECOND
from simsched.workload.arrays import Floats, Int64s, total

BEYOND = dict(zip(SLOWEST, (0.95, 0.99), strict=True))
"""The quantile of response time from which on a request is in each group of slow ones."""

QUANTILES = (0.5, 0.9, 0.95, 0.99)
"""The quantiles of response time that are reported unless others are asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The quantiles that are asked for, each in (0, 1).

    Attributes:
        responses: of the response time.
        parts: of parts of it.
    """

    responses: tuple[float, ...] = QUANTILES
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """How a resource or service was used: integrals over the window, and waits that start in it.

    ``capacity`` is how many slots the server had of the resource; a service counts as one.
    ``spent_s`` is what completed requests spent on answered calls of a service, all together.
    """

    capacity: int
    busy_ns: float
    waited_s: float
    waits: int
    spent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """How many requests a group has, and the seconds that they spent on each part, in all."""

    count: int
    spent_s: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Points:
    """Each completed request, in order of arrival: times in nanoseconds.

    Attributes:
        response_ns: (n,) its response time.
        spent_ns: (n,) by part, what it spent on each part of it.
    """

    response_ns: Int64s
    spent_ns: Mapping[str, Int64s]

    def beyond(self, limit_ns: float) -> Group:
        """Return the group of those that took at least *limit_ns*."""
        slow = self.response_ns >= limit_ns
        # By position: most of those asked for are few.
        rows = slice(None) if slow.all() else np.flatnonzero(slow)
        return Group(
            int(np.count_nonzero(slow)),
            {part: float(total(one[rows])) / SECOND for part, one in self.spent_ns.items()},
        )


@dataclass(frozen=True, eq=False)
class Observation:
    """One replication, or one batch of it, as seen by all requests or by those of one class.

    A figure that the replication has no value for is NaN.

    Attributes:
        length_ns: how long the window is.
        completed: how many requests that arrived in it were completed.
        seen: what is seen of each of :data:`simsched.statistics.figures.FIGURES`.
        responses: the response times of those that were completed, in nanoseconds.
        points: each of them; None where they are no longer held.
        groups: what ``all`` of them spent their time on; without points also the slowest, which
            are then those beyond a quantile of their own replication.
        parts: the time spent on each part of which a quantile is asked for, in nanoseconds.
        resources: by name, how each resource was used; a class has none of its own,
        services: nor of these.
        batches: the same for consecutive parts of the window, where one run stands for many.
    """

    length_ns: int
    completed: int
    seen: Mapping[str, Seen]
    responses: Sample
    points: Points | None
    groups: Mapping[str, Group]
    parts: Mapping[Part, Sample]
    resources: Mapping[str, Use]
    services: Mapping[str, Use] = field(default_factory=dict)
    batches: tuple[Observation, ...] = field(default=())

    def without_points(self) -> Observation:
        """Return the same with quantiles in place of the points they are of."""
        if self.points is None:
            return self
        limits = {name: self.responses.quantiles[each] for name, each in BEYOND.items()}
        slow = {name: self.points.beyond(limit) for name, limit in limits.items()}
        return replace(
            self,
            points=None,
            groups={**self.groups, **slow},
            responses=self.responses.without_points(),
            parts={part: one.without_points() for part, one in self.parts.items()},
        )


def observe(window: Window, asked: Asked, *, in_batches: bool = False) -> Observation:
    """Return what is seen in *window*, and *in_batches* what is seen in consecutive parts of it."""
    # Batches of a few requests each would show chance, not the spread of means.
    in_batches = in_batches and len(window.response_ns) >= BATCHES * FEWEST
    cut = [observe(each, asked) for each in batches(window)] if in_batches else []
    points = _points(window)
    # The limits of the slow groups are always kept: without points nothing else has them.
    limits = [*asked.responses, *BEYOND.values()]
    return Observation(
        length_ns=window.length_ns,
        completed=len(window.response_ns),
        seen={name: figure.see(window) for name, figure in FIGURES.items()},
        responses=_sample([one.responses for one in cut], window.response_ns, limits),
        points=points,
        # Nothing takes less than 0 ns, so this group is all of them.
        groups={"all": points.beyond(0)},
        parts={
            each: _sample([one.parts[each] for one in cut], _part_ns(window, each[0]), [each[1]])
            for each in asked.parts
        },
        # A slot is held by a request of any class, so a class has no use of its own.
        resources=_resources(window) if window.group is None else {},
        services=_services(window) if window.group is None else {},
        batches=tuple(cut),
    )


def _sample(cut: Sequence[Sample], values: Int64s, probabilities: Sequence[float]) -> Sample:
    """Return the sample of *values*, made of those of the batches that they are *cut* into."""
    return Sample.joined(cut, probabilities) if cut else Sample.of(values, probabilities)


def _part_ns(window: Window, part: str) -> Int64s:
    """Return what each completed request spent on *part*."""
    return taken(spent(window.requests, part), window.completed)


def _points(window: Window) -> Points:
    parts = components(window.requests).items()
    return Points(window.response_ns, {part: taken(one, window.completed) for part, one in parts})


def _resources(window: Window) -> dict[str, Use]:
    """Return how each resource was used, also for clients that have given up."""
    trace = window.trace
    found = {}
    for position, one in enumerate(trace.resources):
        came, went = holders(trace, position)
        busy = np.minimum(went, window.end_ns) - np.maximum(came, window.start_ns)
        waits = _waits_s(window, position)
        found[one.name] = Use(
            one.slots(trace.workers),
            float(total(np.maximum(busy, 0))),
            float(np.sum(waits)),
            len(waits),
        )
    return found


def _services(window: Window) -> dict[str, Use]:
    """Return how each service was used: its cores, or what calls occupy, whichever was busier.

    Calls that were there at an edge of the window compute in it by the share of their stay.
    """
    trace, found = window.trace, {}
    for position, one in enumerate(trace.services):
        calls = trace.calls.of(position)
        came, started, went = calls.stays(trace.end_ns)
        within = np.maximum(
            np.minimum(went, window.end_ns) - np.maximum(started, window.start_ns), 0
        )
        computed = calls.cpu_ns * within / np.maximum(went - started, 1)
        spent = window.held(float(np.sum(computed)), total(calls.cpu_ns), one.computing)
        busy = spent / one.computing
        if one.slots is not None:
            busy = max(busy, float(total(within)) / one.slots)
        asked = (came >= window.start_ns) & (came < window.end_ns)
        waits = (started - came)[asked] / SECOND
        mine = (calls.answered_ns != MISSING) & window.done[calls.row]
        called = (calls.answered_ns - calls.sent_ns)[mine] / SECOND
        found[one.name] = Use(1, busy, float(np.sum(waits)), len(waits), float(np.sum(called)))
    return found


def _waits_s(window: Window, resource: int) -> Floats:
    """Return how long each request in the window waited for a slot, got it or not."""
    came, went = waiters(window.trace, resource)
    asked = came >= window.start_ns
    if window.stop_ns is not None:
        asked &= came < window.stop_ns
    waits: Floats = (went - came)[asked] / SECOND
    return waits
