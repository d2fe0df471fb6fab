"""What the player of the timeline needs: the events in words, and what goes on in between."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.experiment.result import Result
from simsched.report.calls import calls_between
from simsched.report.event_log import log
from simsched.report.lanes import Stretch, stretches_at
from simsched.report.scope import servers_of
from simsched.report.table import words_of
from simsched.report.text import clean, truncated
from simsched.report.timeline import Timeline, complete_until
from simsched.report.visits import visits_of
from simsched.scenario.model.servers import CooperativeServer, Server, ThreadedServer
from simsched.statistics.presence import Work, arrived
from simsched.statistics.words import events as words
from simsched.workload.classes import computes_lock_free

_MOST_EVENTS = 600
"""A window has at most so many events, of all servers together."""

_MOST_IN_ALL = 2400
"""Further windows are not played, so that the page stays small."""


def windows(result: Result, shown: Iterable[Timeline]) -> list[dict[str, Any] | None]:
    """Return what is played of each of *shown*, views of the timeline; None of what is not.

    A view is played from its beginning for as long as the timelines of all requests are stored that
    are in the system meanwhile.
    """
    traces = [each[0] for each in result.traces.values()]
    work = Work.of(result.scenarios)
    found: list[dict[str, Any] | None] = []
    count = 0
    for each in shown:
        until = complete_until(traces, each.start_ns, work)
        finish = each.finish_ns if until is None else min(each.finish_ns, until - 1)
        window = None
        if each.start_ns < finish and count < _MOST_IN_ALL:
            window = _window(result, each, finish)
            count += len(window["events"])
        found.append(window)
    return found


def _window(result: Result, shown: Timeline, finish: int) -> dict[str, Any]:
    """Return the events of a view until *finish* at most, and what each server does meanwhile.

    An event is an instant in nanoseconds, the same in words, the position of its server and what
    happens.
    """
    start = shown.start_ns
    logs = [log(traces[0], start, finish) for traces in result.traces.values()]
    events = sorted(
        ((event, place) for place, found in enumerate(logs) for event in found),
        key=lambda each: each[0].at_ns,
    )
    if len(events) > _MOST_EVENTS:
        finish = events[_MOST_EVENTS][0].at_ns - 1
        events = list(takewhile(lambda each: each[0].at_ns <= finish, events))
    clocks = words.clocks([event.at_ns for event, _ in events])
    servers = servers_of(result)
    lock_free = any(map(computes_lock_free, result.scenarios))
    return {
        "start": start,
        "finish": finish,
        "events": [
            [event.at_ns, clock, place, event.text]
            for clock, (event, place) in zip(clocks, events, strict=True)
        ],
        "servers": [
            {
                "computing": _computing(servers.get(label), lock_free=lock_free),
                **_server(label, traces[0], start, finish),
            }
            for label, traces in result.traces.items()
        ],
    }


def _server(label: str, trace: Trace, start_ns: int, finish_ns: int) -> dict[str, Any]:
    """Return what a server does between two instants.

    A stretch is a request, an activity, a start, a finish, a worker and a label. A visit is the
    position of its pool, a request, and when the slot was asked for, had and returned. A call is
    the position of its service, a request, and when it came there, was taken, and ended. An end is
    an instant, a request, and how it ended unless it was answered.
    """
    segments = trace.segments
    there = (segments.start_ns <= finish_ns) & (segments.finish_ns >= start_ns)
    visits = [visit for found in visits_of(trace, start_ns, finish_ns).values() for visit in found]
    pools = list(dict.fromkeys(visit.pool for visit in visits))
    return {
        "name": clean(label),
        "workers": trace.workers,
        "stretches": [_stretch(each) for each in stretches_at(trace, np.flatnonzero(there))],
        "pools": [_pool(trace, *pool) for pool in pools],
        "visits": [
            [pools.index(v.pool), v.request, v.asked_ns, v.granted_ns, v.released_ns]
            for v in visits
        ],
        "services": [truncated(service.name) for service in trace.services],
        "calls": [list(call) for call in calls_between(trace, start_ns, finish_ns)],
        "ends": _ends(trace, start_ns, finish_ns),
    }


def _computing(server: Server | None, *, lock_free: bool) -> str:
    """Return what a request has that computes."""
    match server:
        case CooperativeServer():
            return words.HAS_LOOP
        case ThreadedServer(interpreter_lock=True) if not lock_free:
            return words.HAS_LOCK
        case _:
            return words.COMPUTES


def _stretch(stretch: Stretch) -> list[Any]:
    label = truncated(stretch.label) if stretch.label else ""
    times = (stretch.start_ns, stretch.finish_ns)
    return [stretch.request, int(stretch.activity), *times, stretch.worker, label]


def _pool(trace: Trace, resource: int, worker: int) -> dict[str, Any]:
    name = truncated(trace.resources[resource].name)
    where = name if worker < 0 else f"{name} of worker {worker + 1}"
    return {"name": where, "slots": trace.resources[resource].capacity}


def _ends(trace: Trace, start_ns: int, finish_ns: int) -> list[list[Any]]:
    trace = arrived(trace, finish_ns)
    ended = np.flatnonzero((trace.finish_ns >= start_ns) & (trace.finish_ns <= finish_ns))
    order = ended[np.argsort(trace.finish_ns[ended], kind="stable")]
    return [
        [int(trace.finish_ns[row]), int(trace.request[row]), _lost(Status(int(trace.status[row])))]
        for row in order.tolist()
    ]


def _lost(status: Status) -> str:
    return "" if status is Status.COMPLETED else words_of(status.name)
