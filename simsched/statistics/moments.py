"""The moments of a run that are worth a look, and the requests whose timelines show them.

A run of many requests keeps the timelines of few. Beside the first ones these are the ones that are
there at the end of the warm-up, when an event begins or ends, at the times that the scenario gives,
when the slowest request arrives, and the first one that is never answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.scenario.model.events import Event
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.presence import Work, left, present
from simsched.statistics.time_spent import slowest
from simsched.workload.columns import Int64s

SHOWN = 20
"""How many requests of each server are shown around a moment."""

MOST = 12
"""The most moments of a run."""

MOST_THERE = 1000
"""With more requests than this in a server, only those that are shown keep their timelines."""

_MOST_EVENTS = 4
_MOST_EACH = 4
_BEFORE = 5
_BEHIND = 40

Kind = Literal["warmup", "begin", "end", "given", "slowest", "unanswered"]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of the first replication that is worth a look.

    Attributes:
        kind: why: the warm-up is over, an event begins or ends, the scenario gives the time, or a
            request arrives that is the slowest or the first one never answered.
        at_ns: when.
        servers: those whose request it is; none where it is of the run.
        event: the event that begins or ends.
        until_ns: when the request ended, if it did.
    """

    kind: Kind
    at_ns: int
    servers: tuple[str, ...] = ()
    event: Event | None = None
    until_ns: int = 0


def moments(
    traces: Mapping[str, Trace], scenarios: Sequence[Scenario], cuts_ns: Mapping[str, int]
) -> tuple[Moment, ...]:
    """Return the moments of the first replication, whose *traces* these are by server.

    *cuts_ns* has where each server's warm-up ends. Those without a request to show are left out.
    """
    cut_ns = max(cuts_ns.values(), default=0)
    arrived = max(np.searchsorted(each.requests.arrival_ns, cut_ns) for each in traces.values())
    found = [Moment("warmup", cut_ns)] if arrived > SHOWN else []  # else the first ones show it
    given = dict.fromkeys(at for each in scenarios for at in each.run.timeline_at)
    found += [Moment("given", at_ns) for at_ns in given]
    events = dict.fromkeys(event for each in scenarios for event in each.events)
    for event in list(events)[:_MOST_EVENTS]:
        found.append(Moment("begin", event.at, event=event))
        found.append(Moment("end", event.at + event.lasting, event=event))
    found += _of_servers(traces, "slowest")
    found += _of_servers(traces, "unanswered")
    return tuple(each for each in found if _has_requests(traces, each))[:MOST]


def _has_requests(traces: Mapping[str, Trace], moment: Moment) -> bool:
    return any(len(around(trace, moment.at_ns, SHOWN)) for trace in traces.values())


def _of_servers(traces: Mapping[str, Trace], kind: Kind) -> Iterator[Moment]:
    """Yield the moment of that kind of each server, those at one instant together.

    Of many servers it is that of the first to have one, or of the slowest request of all.
    """
    find = _slowest if kind == "slowest" else _first_unanswered
    found = {name: row for name, one in traces.items() if (row := find(one)) is not None}
    together: dict[int, Moment] = {}
    for name, row in _chosen(traces, found, kind).items():
        requests = traces[name].requests
        at_ns, until_ns = int(requests.arrival_ns[row]), int(requests.finish_ns[row])
        moment = together.setdefault(at_ns, Moment(kind, at_ns))
        until_ns = max(moment.until_ns, until_ns)
        together[at_ns] = replace(moment, servers=(*moment.servers, name), until_ns=until_ns)
    yield from together.values()


def _chosen(traces: Mapping[str, Trace], found: dict[str, int], kind: Kind) -> dict[str, int]:
    if len(found) <= _MOST_EACH:
        return found

    def order(name: str) -> int:
        requests, row = traces[name].requests, found[name]
        arrival = int(requests.arrival_ns[row])
        return arrival - int(left(requests)[row]) if kind == "slowest" else arrival

    name = min(found, key=order)
    return {name: found[name]}


def _slowest(trace: Trace) -> int | None:
    rows = slowest(trace, 1)
    return int(rows[0]) if len(rows) else None


def _first_unanswered(trace: Trace) -> int | None:
    """Return the first request that was lost, or is stuck; none that the run's end cut off."""
    status = trace.requests.status
    ended = status == Status.COMPLETED
    if trace.deadlock is None:
        ended = ended | (status == Status.UNFINISHED)
    rows = np.flatnonzero(~ended)
    return int(rows[0]) if len(rows) else None


def around(trace: Trace, at_ns: int, count: int) -> Int64s:
    """Return the rows of *count* of ``trace.requests`` around an instant, in order of arrival.

    A quarter of them arrive before it; none are returned where the last one has gone by then.
    """
    requests = trace.requests
    first = int(np.searchsorted(requests.arrival_ns, at_ns))
    if first == len(requests) and not np.any(left(requests) >= at_ns):
        return np.empty(0, np.int64)
    begin = max(first - min(_BEFORE, count // 4), 0)
    return np.arange(begin, min(begin + count, len(requests)))


def span(traces: Mapping[str, Trace], at_ns: int) -> tuple[int, int]:
    """Return two instants around *at_ns*: from the first request that is shown until all are over.

    It is over sooner where as many others as can be followed have arrived.
    """
    starts, finishes = [at_ns], [at_ns]
    for trace in traces.values():
        rows = around(trace, at_ns, SHOWN)
        if len(rows):
            requests = trace.requests
            starts.append(int(requests.arrival_ns[rows[0]]))
            last = min(int(rows[-1]) + _BEHIND, len(requests) - 1)
            end = int(left(requests)[rows].max())
            finishes.append(min(end, max(int(requests.arrival_ns[last]), at_ns)))
    return min(starts), max(finishes)


def numbers(trace: Trace, at_ns: int, between: tuple[int, int], work: Work) -> Int64s:
    """Return the numbers of the requests of a server whose timelines show a moment.

    They are those that are shown, and all that are there *between* two instants if these are no
    more than :data:`MOST_THERE`.
    """
    shown = trace.requests.request[around(trace, at_ns, SHOWN)]
    there = np.unique(trace.request[present(trace, *between, work)])
    return np.union1d(shown, there) if len(there) <= MOST_THERE else shown
