"""A run as a Chrome trace, which opens in the Perfetto UI (ui.perfetto.dev).

Every server is a process. Its workers are threads, with a slice for each stretch of computing; each
request is an asynchronous track, with a slice for its stay and slices for its stretches within; the
numbers of requests in the system and in the queue are counters.

Source: Duan & others, "Trace Event Format" (Google, 2016): complete events (X), nestable
asynchronous events (b, e), counters (C) and metadata (M). Times are microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from simsched.engine.trace import Activity, Trace
from simsched.experiment.result import Result
from simsched.report.export.sample import sample
from simsched.report.html.palette import ACTIVITIES
from simsched.report.stretches import Stretch
from simsched.report.timeline import Lane
from simsched.statistics.over_time import count_steps, left, mean_count
from simsched.units import SECOND
from simsched.workload.columns import Int64s

MOST_STEPS = 20_000
"""Counters of longer runs are told as means over so many intervals."""

Event = dict[str, Any]


def render(result: Result) -> bytes:
    """Return the first replication of every server as a Chrome trace in JSON."""
    events = [
        event
        for process, (server, traces) in enumerate(result.traces.items(), start=1)
        for event in _server(process, server, traces[0])
    ]
    document = {
        "displayTimeUnit": "ms",
        "otherData": {"scenario": result.name},
        "traceEvents": events,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _server(process: int, server: str, trace: Trace) -> Iterator[Event]:
    yield _named("process_name", process, 0, server)
    yield {**_named("process_sort_index", process, 0, ""), "args": {"sort_index": process}}
    for worker in range(trace.workers):
        yield _named("thread_name", process, worker + 1, f"worker {worker + 1}")
    for lane in sample(trace):
        yield from _request(process, lane)
    queued = trace.arrival_ns + trace.queue_ns
    yield from _counter(process, "in the system", trace, left(trace))
    yield from _counter(process, "in the queue", trace, queued)


def _request(process: int, lane: Lane) -> Iterator[Event]:
    """Yield a request's track, and what its stretches are on their workers."""
    place = {"cat": "request", "id2": {"local": f"{lane.request}"}, "pid": process, "tid": 0}
    name = f"{lane.request} {lane.kind}"
    told = {"class": lane.kind, "status": lane.status.name.lower()}
    yield {"ph": "b", "name": name, "ts": _us(lane.arrival_ns), **place, "args": told}
    for stretch in lane.stretches:
        words = _words(stretch)
        yield {"ph": "b", "name": words, "ts": _us(stretch.start_ns), **place}
        yield {"ph": "e", "name": words, "ts": _us(stretch.finish_ns), **place}
    yield {"ph": "e", "name": name, "ts": _us(lane.last_ns), **place}
    for stretch in lane.stretches:
        if stretch.activity is Activity.CPU:
            yield {
                "ph": "X",
                "cat": "cpu",
                "name": name,
                "ts": _us(stretch.start_ns),
                "dur": _us(stretch.length_ns),
                "pid": process,
                "tid": stretch.worker + 1,
                "args": {"request": lane.request, "phase": stretch.label},
            }


def _counter(process: int, name: str, trace: Trace, went: Int64s) -> Iterator[Event]:
    """Yield how many there are of those who came at their arrival and *went* at these instants."""
    if len(trace) * 2 <= MOST_STEPS:
        times_s, steps = count_steps(trace.arrival_ns, went)
        counts = steps.astype(np.float64)
    else:
        edges = np.linspace(0, trace.end_ns, MOST_STEPS + 1)
        times_s, counts = edges[:-1] / SECOND, mean_count(trace.arrival_ns, went, edges)
    for time_s, count in zip(times_s.tolist(), counts.tolist(), strict=True):
        yield {
            "ph": "C",
            "name": name,
            "ts": round(time_s * 1e6, 3),
            "pid": process,
            "args": {"requests": count},
        }


def _named(what: str, process: int, thread: int, name: str) -> Event:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}


def _words(stretch: Stretch) -> str:
    words = ACTIVITIES[stretch.activity].words
    return f"{words}: {stretch.label}" if stretch.label else words


def _us(instant_ns: int) -> float:
    return instant_ns / 1000
