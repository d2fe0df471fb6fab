"""The event log of a server: what each request does and when, in order, from the trace alone.

At each instant at which an attempt's stretches begin or end there is one event. Nothing else makes
an event but an arrival, an ending, and a slot that is asked for, taken or returned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import assert_never

import numpy as np

from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.report.lanes import Stretch, stretches_at, whole
from simsched.report.text import truncated
from simsched.report.visits import Visit, known, visits_of
from simsched.statistics.presence import arrived, in_service
from simsched.statistics.words import events as words

_WORK = (Activity.CPU, Activity.IO)
_UNANSWERED = (Status.TIMED_OUT, Status.FAILED, Status.CANCELLED)
"""How an attempt ends while what is done for it may go on."""

_WAITS = (Activity.QUEUE, Activity.CPU_WAIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one attempt does at an instant.

    Attributes:
        at_ns: when.
        request: the number of the request, from 1.
        attempt: the number of the client's attempt, from 1.
        kind: the request's class.
        arrives: whether it arrives now.
        ended: the stretches that end now.
        started: the stretches that start now.
        status: how it ends now; None if it does not.
        text: all this in a sentence.
    """

    at_ns: int
    request: int
    attempt: int
    kind: str
    arrives: bool
    ended: tuple[Stretch, ...]
    started: tuple[Stretch, ...]
    status: Status | None
    text: str


@dataclass(slots=True)
class _Moment:
    """What of one attempt begins and ends at one instant."""

    at_ns: int
    row: int
    ended: list[Stretch] = field(default_factory=list)
    started: list[Stretch] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    arrives: bool = False
    finishes: bool = False

    @property
    def order(self) -> tuple[int, int, int]:
        """Its place: at one instant work ends first, then waits end, then requests arrive."""
        has_waited = any(stretch.activity not in _WORK for stretch in self.ended)
        return self.at_ns, 2 if self.arrives else int(has_waited), self.row


def log(trace: Trace, start_ns: int, finish_ns: int) -> tuple[Event, ...]:
    """Return the events of *trace* between two instants, both included.

    The stretches of all requests that are in the system meanwhile have to be stored.
    """
    trace = arrived(trace, finish_ns)  # a few rows of what may be millions
    visits = visits_of(trace, start_ns, finish_ns)
    moments = _moments(trace, _rows(trace, start_ns, finish_ns), visits, finish_ns)
    return tuple(_events(trace, moments, visits, start_ns))


def _rows(trace: Trace, start_ns: int, finish_ns: int) -> dict[tuple[int, int], int]:
    """Return the rows of the attempts of which something may be said, by request and attempt."""
    segments = trace.segments
    goes_on = np.isin(trace.request, segments.request[segments.finish_ns >= start_ns])
    is_there = in_service(trace, start_ns, finish_ns)
    rows = np.flatnonzero(goes_on | is_there).tolist()
    return {(int(trace.request[row]), int(trace.attempt[row])): row for row in rows}


def _moments(
    trace: Trace,
    rows: Mapping[tuple[int, int], int],
    visits: Mapping[int, Sequence[Visit]],
    finish_ns: int,
) -> list[_Moment]:
    """Return what happens to the attempts at *rows* until an instant, in order."""
    found: dict[tuple[int, int], _Moment] = {}

    def at(instant_ns: int, row: int) -> _Moment:
        return found.setdefault((instant_ns, row), _Moment(instant_ns, row))

    for row in rows.values():
        at(int(trace.arrival_ns[row]), row).arrives = True
        if trace.finish_ns[row] != MISSING:
            at(int(trace.finish_ns[row]), row).finishes = True
        for visit in visits.get(row, ()):
            for instant in visit.instants:
                at(instant, row).visits.append(visit)
    wanted = sorted({request for request, _ in rows})
    stretches = stretches_at(trace, np.flatnonzero(np.isin(trace.segments.request, wanted)))
    lost = {which: row for which, row in rows.items() if trace.status[row] in _UNANSWERED}
    over = {which: int(trace.finish_ns[row]) for which, row in lost.items()}
    asked = {which: {v.asked_ns for v in visits.get(row, ())} for which, row in lost.items()}
    asking = {which for which, instants in asked.items() if over[which] in instants}
    for stretch in whole(stretches, over, asking):
        if (of := rows.get((stretch.request, stretch.attempt))) is not None:
            at(stretch.start_ns, of).started.append(stretch)
            at(stretch.finish_ns, of).ended.append(stretch)
    until = (moment for moment in found.values() if moment.at_ns <= finish_ns)
    return sorted(until, key=lambda moment: moment.order)


def _events(
    trace: Trace,
    moments: Sequence[_Moment],
    visits: Mapping[int, Sequence[Visit]],
    start_ns: int,
) -> Iterator[Event]:
    """Yield the event of each of *moments* from *start_ns* on; they are in order."""
    every = [visit for of_row in visits.values() for visit in of_row]
    requests = trace.requests
    seen = np.isin(requests.request, [int(trace.request[moment.row]) for moment in moments])
    numbers, arrivals = requests.request[seen].tolist(), requests.arrival_ns[seen].tolist()
    first = dict(zip(numbers, arrivals, strict=True))
    active: Counter[Stretch] = Counter()
    for at_ns, together in groupby(moments, key=lambda moment: moment.at_ns):
        now = list(together)
        for moment in now:
            active.subtract(moment.ended)
            active.update(moment.started)
        for stretch in {each for moment in now for each in (*moment.ended, *moment.started)}:
            if active[stretch] <= 0:  # a copy without them would take long where many are queued
                del active[stretch]
        if at_ns < start_ns:
            continue
        for moment in now:
            sentence = _Sentence(trace, moment, visits.get(moment.row, ()), active, every)
            clauses = sentence.clauses(first[int(trace.request[moment.row])])
            yield _event(trace, moment, clauses)


def _event(trace: Trace, moment: _Moment, clauses: Sequence[str]) -> Event:
    row = moment.row
    request, attempt = int(trace.request[row]), int(trace.attempt[row])
    kind = trace.classes[int(trace.class_id[row])]
    status = Status(int(trace.status[row]))
    finish = known(trace.finish_ns[row])
    is_late = status is Status.TIMED_OUT and finish is not None and finish < moment.at_ns
    shown = truncated(kind) if moment.arrives and attempt == 1 else ""
    who = words.subject(request, shown, attempt, is_given_up=is_late)
    return Event(
        at_ns=moment.at_ns,
        request=request,
        attempt=attempt,
        kind=kind,
        arrives=moment.arrives,
        ended=tuple(moment.ended),
        started=tuple(moment.started),
        status=status if moment.finishes else None,
        text=words.joined(who, clauses),
    )


@dataclass(frozen=True, slots=True)
class _Sentence:
    """What is said of one moment, beside what else goes on from then."""

    trace: Trace
    moment: _Moment
    visits: Sequence[Visit]
    active: Counter[Stretch]
    every_visit: Sequence[Visit]

    def clauses(self, arrival_ns: int) -> list[str]:
        """Return what the attempt does, of a request that arrived at *arrival_ns*."""
        moment = self.moment
        is_left = self.trace.finish_ns[moment.row] == MISSING and moment.at_ns == self.trace.end_ns
        # What still goes on when the run ends has a stretch that ends there, and no clause; but who
        # asks for a slot just then is done with what came before.
        goes_on = is_left and not any(visit.asked_ns == moment.at_ns for visit in moment.visits)
        found = [words.arrives(int(self.trace.attempt[moment.row]))] if moment.arrives else []
        found += [*(() if goes_on else self._endings()), *self._slots()]
        if moment.finishes:
            status = Status(int(self.trace.status[moment.row]))
            found.append(words.finishes(status, moment.at_ns - arrival_ns))
        found += self._beginnings()
        if is_left or not found:
            found.append(words.NEVER)
        return found

    def _endings(self) -> Iterator[str]:
        """Yield what ends; computing goes without saying where something else begins."""
        goes_on = bool(self.moment.started) or self.moment.finishes
        is_served = self._is_served()
        for stretch, count in Counter(self.moment.ended).items():
            match stretch.activity:
                case Activity.QUEUE | Activity.CPU_WAIT:
                    yield words.waited(stretch.activity, stretch.length_ns, is_served=is_served)
                case Activity.CPU if goes_on:
                    pass
                case Activity.CPU | Activity.IO:
                    at_service = words.stay(*stretch.stay_ns) if stretch.stay_ns else ""
                    yield words.ends(_work(stretch), _label(stretch), count, at_service)
                case Activity.IO_WAIT if self._is_for_slot(stretch):  # the visit says how it ends
                    pass
                case Activity.IO_WAIT:
                    is_served = bool(self.moment.started)
                    yield words.waited_for_pool(stretch.length_ns, is_served=is_served)
                case _:
                    assert_never(stretch.activity)

    def _is_served(self) -> bool:
        return any(each.activity is Activity.CPU for each in self.moment.started)

    def _beginnings(self) -> Iterator[str]:
        waiting = Counter((each.activity, each.worker) for each in self.moment.started)
        was_waiting = any(each.activity is Activity.CPU_WAIT for each in self.moment.ended)
        goes_on = was_waiting and not self._is_served()
        for stretch, count in Counter(self.moment.started).items():
            if stretch.activity in _WORK:
                on = self._on(stretch) if stretch.activity is Activity.IO else ""
                length_ns = stretch.length_ns
                yield words.begins(_work(stretch), _label(stretch), length_ns, on, count)
            elif stretch.activity in _WAITS:  # of several branches, however long each will wait
                if together := waiting.pop((stretch.activity, stretch.worker), 0):
                    meanwhile = self._meanwhile(stretch)
                    yield words.waits(stretch.activity, *meanwhile, together, goes_on=goes_on)
            elif not self._is_for_slot(stretch):
                yield words.WAITS_FOR_POOL

    def _slots(self) -> Iterator[str]:
        """Yield what the attempt does with slots other than to have them for the time of an I/O."""
        at_ns = self.moment.at_ns
        for visit in self.moment.visits:
            is_told = self._is_io(visit)
            granted = visit.granted_ns
            waited_ns = (at_ns if granted is None else granted) - visit.asked_ns
            if at_ns == visit.asked_ns and (granted is None or granted > at_ns):
                yield words.waits_for_slot(visit.resource, self._holders(visit))
            if granted == at_ns and (waited_ns or not is_told):
                yield words.takes_slot(visit.resource, waited_ns)
            if at_ns == visit.released_ns and granted is None:
                yield words.stops_waiting(visit.resource, waited_ns)
            if at_ns == visit.released_ns and granted is not None and not is_told:
                yield words.returns_slot(visit.resource)

    def _is_io(self, visit: Visit) -> bool:
        """Return whether the slot is had for the time of an I/O that begins or ends now."""
        return any(
            stretch.activity is Activity.IO and _spans(visit, stretch)
            for stretch in (*self.moment.ended, *self.moment.started)
        )

    def _is_for_slot(self, waiting: Stretch) -> bool:
        """Return whether it is a slot that is waited for, and no thread or process of a pool."""
        return any(visit.spans_wait(waiting.start_ns, waiting.finish_ns) for visit in self.visits)

    def _on(self, stretch: Stretch) -> str:
        """Return the resource of which an I/O has a slot at once, for as long as it takes."""
        found = (visit for visit in self.visits if _spans(visit, stretch))
        return next((visit.resource for visit in found if visit.asked_ns == visit.granted_ns), "")

    def _holders(self, wanted: Visit) -> list[int]:
        """Return the requests that have the slots that *wanted* waits for."""
        at_ns = self.moment.at_ns
        rivals = (visit for visit in self.every_visit if visit.pool == wanted.pool)
        return sorted({visit.request for visit in rivals if visit.is_held(at_ns)})

    def _meanwhile(self, waiting: Stretch) -> tuple[list[int], dict[str, list[int]]]:
        """Return which requests compute on the worker that is waited for.

        And which wait there, by the service that they call; I/O is that of no service.
        """
        served = [each for each in self.active if each.worker == waiting.worker >= 0]
        computing = {each.request for each in served if each.activity is Activity.CPU}
        if not computing and waiting.activity is Activity.CPU_WAIT:  # the cores are busy
            computing = {each.request for each in self.active if each.activity is Activity.CPU}
        if waiting.activity is Activity.CPU_WAIT:
            return sorted(computing), {}
        others: dict[str, set[int]] = {}
        for each in sorted(served, key=lambda stretch: stretch.service):
            if each.activity is Activity.IO and each.request not in computing:
                others.setdefault(_service(each), set()).add(each.request)
        return sorted(computing), {service: sorted(found) for service, found in others.items()}


def _spans(visit: Visit, stretch: Stretch) -> bool:
    return (visit.granted_ns, visit.released_ns) == (stretch.start_ns, stretch.finish_ns)


def _label(stretch: Stretch) -> str:
    """Return the label where it says more than the service that is called."""
    return truncated(stretch.label) if stretch.label not in {"", stretch.service} else ""


def _work(stretch: Stretch) -> Activity | str:
    """Return what is done: the activity, or the service that is called."""
    return _service(stretch) or stretch.activity


def _service(stretch: Stretch) -> str:
    return truncated(stretch.service) if stretch.service else ""
