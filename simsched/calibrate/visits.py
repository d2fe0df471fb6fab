"""From spans to visits: each request at one service, with the calls that it waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from simsched.calibrate import across
from simsched.calibrate.otlp import CLIENT, CONSUMER, PRODUCER, SERVER, Spans
from simsched.errors import InputError
from simsched.statistics.words import spans as words
from simsched.statistics.words.calibration import TOO_LONG, TOO_LONG_CURE
from simsched.units import LONGEST

_MISSING = -2


class Call(NamedTuple):
    """A call that a request waited for; times in nanoseconds since 1970."""

    start_ns: int
    end_ns: int
    label: int
    served_from_ns: int = -1
    """When the service that was called began, by its own clock; -1 if it has no span."""
    served_ns: int = -1
    """How long it took."""


class Visit(NamedTuple):
    """A request at a service; ``calls`` in the order in which they began."""

    start_ns: int
    end_ns: int
    kind: int
    loop: int
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Visits:
    """The requests of one service, in the order in which they began.

    Attributes:
        service: its name.
        visits: the requests.
        labels: what ``Visit.kind`` and ``Call.label`` refer to by position.
        databases: the system of the labels that are those of calls of a database.
        loops: in how many processes they were served.
        called: the other services that its requests call, or those that they call.
        serving: of the labels that are those of calls of another service, its name and the label
            of what it was asked for.
        below: the requests at these services.
        clocks: by how much the clock of each of them is ahead, where that shows.
        cut: the files that are not complete.
        cpu_ns: the CPU time of the service meanwhile, by its metrics; None if that is not known.
        lost: how many spans have a parent that is not among the spans.
        clipped: how many calls went on after their request was answered, or began before it.
        sampled: the share of traces that were kept.
        repeated: how many spans were recorded more than once.
        backwards: how many ended before they began.
    """

    service: str
    visits: Sequence[Visit]
    labels: Sequence[str]
    databases: Mapping[int, str]
    loops: int
    called: Sequence[str]
    lost: int
    clipped: int
    sampled: float
    repeated: int = 0
    backwards: int = 0
    serving: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    below: Mapping[str, Visits] = field(default_factory=dict)
    clocks: Mapping[str, int] = field(default_factory=dict)
    cut: Sequence[str] = ()
    cpu_ns: int | None = None

    def doubts(self) -> Iterator[str]:
        """Yield what was left out or changed, a sentence each."""
        counts = {
            words.lost: self.lost,
            words.clipped: self.clipped,
            words.repeated: self.repeated,
            words.backwards: self.backwards,
        }
        yield from map(words.cut, self.cut)
        yield from (sentence(count) for sentence, count in counts.items() if count)

    def first(self, share: float) -> Visits:
        """Return the first requests: this share of them, here and below."""
        count = round(share * len(self.visits))
        below = {name: each.first(share) for name, each in self.below.items()}
        cpu = None if self.cpu_ns is None else round(self.cpu_ns * share)
        return replace(self, visits=self.visits[:count], below=below, cpu_ns=cpu)

    @property
    def elapsed_ns(self) -> int:
        """The time from the first request to the last answer."""
        return max(visit.end_ns for visit in self.visits) - self.visits[0].start_ns


def visits_of(spans: Spans, service: str | None = None) -> Visits:
    """Return the requests at *service*; without a name, at the one that no other service calls.

    Internal spans are part of the computing. Of calls inside a call, such as the connection below
    an HTTP request, the outermost counts.

    Raises:
        InputError: there is no such service, no request of it, or none that takes any time; or from
            the first to the last passes more than a year.
    """
    homes = _homes(spans)
    at = _position(spans, homes, service)
    return _Traces(spans, homes, across.served(spans, homes), list(spans.labels)).visits(at, (at,))


@dataclass(frozen=True, eq=False)
class _Traces:
    """Spans, and how they belong together.

    Attributes:
        spans: the spans.
        homes: the request that each is part of.
        served: the request that each call was at another service.
        labels: the labels, to which those of calls of other services are added.
    """

    spans: Spans
    homes: Sequence[int]
    served: Mapping[int, int]
    labels: list[str]

    def visits(self, at: int, path: tuple[int, ...]) -> Visits:
        """Return the requests at one service, and at those that it calls.

        *path* are the services from the first to this one, to which no call goes back.
        """
        spans, homes = self.spans, self.homes
        calls: dict[int, list[Call]] = {
            row: [] for row, home in enumerate(homes) if home == row and spans.service[row] == at
        }
        own = [
            row
            for row, home in enumerate(homes)
            if spans.service[row] == at and home in calls and home != row
            if spans.kind[row] in {CLIENT, PRODUCER}
        ]
        links = across.Links(spans, self.served, own, path, self.labels)
        for row in own:
            times = spans.start_ns[row], spans.end_ns[row]
            label = links.label.get(row, spans.label[row])
            calls[homes[row]].append(Call(*times, label, *links.served(row)))
        clipped = 0
        found = []
        for row, inside in calls.items():
            start, end = spans.start_ns[row], spans.end_ns[row]
            kept = tuple(sorted(each for each in inside if start <= each[0] and each[1] <= end))
            clipped += len(inside) - len(kept)
            found.append(Visit(start, end, spans.label[row], spans.instance[row], kept))
        found.sort()
        _check_times(spans.services[at], found)
        return Visits(
            service=spans.services[at],
            visits=found,
            labels=self.labels,
            databases=spans.databases,
            loops=len({visit.loop for visit in found}),
            called=_called(spans, at),
            lost=sum(
                home == _MISSING and spans.service[row] == at for row, home in enumerate(homes)
            ),
            clipped=clipped,
            sampled=spans.sampled,
            repeated=spans.repeated,
            backwards=spans.backwards,
            serving=links.serving,
            below={
                spans.services[other]: self.visits(other, (*path, other))
                for other in links.services
            },
            clocks=links.clocks(),
            cut=spans.cut,
            cpu_ns=spans.cpu.total_ns(
                spans.services[at], found[0].start_ns, max(each.end_ns for each in found)
            ),
        )


def _check_times(service: str, visits: Sequence[Visit]) -> None:
    if max(visit.end_ns for visit in visits) - visits[0].start_ns > LONGEST:
        raise InputError(f"{service}: {TOO_LONG}; {TOO_LONG_CURE}")
    if all(visit.start_ns == visit.end_ns for visit in visits):
        raise InputError(f"{service}: all requests take 0 s; record when each began and ended")


def _homes(spans: Spans) -> list[int]:
    """Return for each span the row of the request that it is part of.

    A request is its own home. -1 stands for spans inside a call, which belong to it; -2 for those
    of which some parent is missing.
    """
    unknown = -3
    homes = [unknown] * len(spans)
    for first in range(len(spans)):
        row, path = first, []
        while homes[row] == unknown:
            homes[row] = _MISSING  # also ends a circle of parents
            path.append(row)
            above = spans.parent[row]
            if above < 0:
                break
            row = above
        for below in reversed(path):
            homes[below] = _home(spans, homes, below)
    return homes


def _home(spans: Spans, homes: Sequence[int], row: int) -> int:
    """Return the home of *row*, whose parent's is known."""
    above, serves = spans.parent[row], spans.kind[row] in {SERVER, CONSUMER}
    if above < 0:
        starts = serves or (above == -1 and spans.kind[row] not in {CLIENT, PRODUCER})
        return row if starts else _MISSING
    same = spans.service[above] == spans.service[row]
    calls = spans.kind[above] in {CLIENT, PRODUCER}
    if serves and (calls or not same or homes[above] < 0):
        return row
    return -1 if calls or not same else homes[above]


def _called(spans: Spans, at: int) -> list[str]:
    """Return the services that the one at this position calls, be it through others."""
    calls = {
        (spans.service[above], service)
        for service, above in zip(spans.service, spans.parent, strict=True)
        if above >= 0
    }
    found, before = {at}, 0
    while len(found) > before:
        before = len(found)
        found |= {callee for caller, callee in calls if caller in found}
    return [name for i, name in enumerate(spans.services) if i in found and i != at]


def _position(spans: Spans, homes: Sequence[int], service: str | None) -> int:
    """Return the position of *service*, or of the one with the most requests from outside."""
    own = [0] * len(spans.services)
    outside = [0] * len(spans.services)
    for row, home in enumerate(homes):
        if home == row:
            own[spans.service[row]] += 1
            outside[spans.service[row]] += spans.parent[row] < 0
    names = ", ".join(spans.services)
    if service is not None and service not in spans.services:
        raise InputError(f"--service: there is no service {service!r} among the spans: {names}")
    counts = outside if any(outside) else own
    at = counts.index(max(counts)) if service is None else spans.services.index(service)
    if not own[at]:
        lost = sum(parent == _MISSING for parent in spans.parent)
        parents = f", and the parents of {lost:,} of {len(spans):,} are missing" if lost else ""
        raise InputError(
            f"there is no request of {spans.services[at]} among the spans: none is of kind server"
            f"{parents}; instrument the server, too, and record whole traces"
        )
    return at
