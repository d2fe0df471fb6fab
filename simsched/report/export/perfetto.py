"""A run as a Chrome trace, which opens in the Perfetto UI (ui.perfetto.dev).

Every server is a process. Its workers are threads, with a slice for each stretch of computing; what
computes at the same time on a worker is on threads of their own. Each request is an asynchronous
track, with a slice for its stay and slices for its stretches within; further attempts of its
client, and branches that run at once, are tracks of their own. Each service that is called is a
process, too, with a track for each call of it: its time in the queue, and served. The numbers of
requests in the system, in the queue, and using or waiting for each resource are counters.

Source: Duan & others, "Trace Event Format" (Google, 2016): complete events (X), nestable
asynchronous events (b, n, e), counters (C) and metadata (M). Times are microseconds. What is made
of each in the UI was read from Perfetto's importer, ``json_trace_parser_impl.cc``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from simsched.engine.trace import Activity, Trace
from simsched.experiment.result import Result
from simsched.report.export.slices import ShownCall, Slice, sample, shown_calls, slices, words_of
from simsched.report.lanes import Lane, Stretch
from simsched.report.tracks import packed
from simsched.statistics.presence import (
    Stays,
    count_steps,
    holders,
    in_queue,
    in_system,
    mean_count,
    waiters,
)
from simsched.units import SECOND

MOST_STEPS = 20_000
"""A number that changes more often is exported as means over so many intervals."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A number over time: its name, what it counts, and instants in µs with the number from each.

    It ends with the run.
    """

    name: str
    unit: str
    steps: tuple[tuple[float, float], ...]


def counters(trace: Trace) -> Iterator[Counter]:
    """Yield the numbers of requests in the system and in the queue, and the use of resources."""
    yield _counter(trace, "in the system", "requests", in_system(trace))
    yield _counter(trace, "in the queue", "attempts", in_queue(trace))
    for position, one in enumerate(trace.resources):
        yield _counter(trace, f"{one.name}: in use", "slots", holders(trace, position))
        yield _counter(trace, f"{one.name}: waiting", "requests", waiters(trace, position))


def _counter(trace: Trace, name: str, unit: str, stays: Stays) -> Counter:
    came, went = stays
    if len(came) * 2 <= MOST_STEPS:
        times_s, steps = count_steps(came, went)
        counts = steps.astype(np.float64)
    else:
        edges = np.linspace(0, trace.end_ns, MOST_STEPS + 1)
        times_s, counts = edges[:-1] / SECOND, mean_count(came, went, edges)
    instants_us = np.round(times_s * 1e6, 3).tolist()
    return Counter(name, unit, tuple(zip(instants_us, counts.tolist(), strict=True)))


Event = dict[str, Any]


def render(result: Result) -> bytes:
    """Return the first replication of every server as a Chrome trace in JSON."""
    events: list[Event] = []
    process = count(1)
    for server, traces in result.traces.items():
        events += _server(next(process), server, traces[0])
        for position in range(len(traces[0].services)):
            events += _service(next(process), server, traces[0], position)
    document = {
        "displayTimeUnit": "ms",
        "otherData": {"scenario": result.name},
        "traceEvents": events,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _server(process: int, server: str, trace: Trace) -> Iterator[Event]:
    yield _metadata("process_name", process, 0, name=server)
    yield _metadata("process_sort_index", process, 0, sort_index=process)
    lanes = list(sample(trace))
    for lane in lanes:
        for each in slices(lane):
            yield from _asynchronous(process, each)
    yield from _workers(process, lanes, trace.workers)
    for counter in counters(trace):
        for instant_us, value in counter.steps:
            yield {
                "ph": "C",
                "name": counter.name,
                "ts": instant_us,
                "pid": process,
                "args": {counter.unit: value},
            }


def _service(process: int, server: str, trace: Trace, position: int) -> Iterator[Event]:
    name = f"{server}: {trace.services[position].name}"
    yield _metadata("process_name", process, 0, name=name)
    yield _metadata("process_sort_index", process, 0, sort_index=process)
    kinds = {lane.request: lane.kind for lane in sample(trace)}
    for call in shown_calls(trace, kinds):
        if call.service == position:
            yield from _call(process, f"{call.request} {kinds[call.request]}", call)


def _call(process: int, name: str, call: ShownCall) -> Iterator[Event]:
    """Yield the track of a call at its service."""
    place = {"cat": "call", "id2": {"local": f"{call.number}"}, "pid": process, "tid": 0}
    parts = (
        ("queue", call.arrival_ns, call.start_ns),
        ("served", call.start_ns, call.finish_ns),
    )
    about = {"attempt": call.attempt, "status": call.status.name.lower()}
    yield {"ph": "b", "name": name, "ts": _us(call.arrival_ns), **place, "args": about}
    for part, start_ns, finish_ns in parts:
        if finish_ns > start_ns:
            yield {"ph": "b", "name": part, "ts": _us(start_ns), **place}
            yield {"ph": "e", "name": part, "ts": _us(finish_ns), **place}
    yield {"ph": "e", "name": name, "ts": _us(call.finish_ns), **place}


def _asynchronous(process: int, found: Slice) -> Iterator[Event]:
    """Yield a track's slice, with the slices and the marks within, in order of time."""
    place = {"cat": "request", "id2": {"local": found.track}, "pid": process, "tid": 0}

    def event(phase: str, name: str, instant_ns: int) -> Event:
        return {"ph": phase, "name": name, "ts": _us(instant_ns), **place}

    within = [
        event(phase, words_of(stretch), instant)
        for stretch in found.stretches
        for phase, instant in (("b", stretch.start_ns), ("e", stretch.finish_ns))
    ]
    marks = [event("n", words, instant) for words, instant in found.marks.items()]
    yield event("b", found.name, found.start_ns) | {"args": found.about}
    yield from sorted(within + marks, key=lambda each: each["ts"])
    yield event("e", found.name, found.finish_ns)


def _workers(process: int, lanes: Sequence[Lane], workers: int) -> Iterator[Event]:
    """Yield a thread for each worker, and more for what it computes at the same time."""
    names = {lane.request: f"{lane.request} {lane.kind}" for lane in lanes}
    stretches = sorted(
        (s for lane in lanes for s in lane.stretches if s.activity is Activity.CPU),
        key=lambda s: (s.start_ns, s.finish_ns),
    )
    more = count(workers + 1)
    for worker in range(workers):
        lines = packed([s for s in stretches if s.worker == worker])
        for number, line in enumerate(lines, start=1):
            thread = worker + 1 if number == 1 else next(more)
            title = f"worker {worker + 1}" + (f" ({number})" if number > 1 else "")
            yield _metadata("thread_name", process, thread, name=title)
            yield _metadata("thread_sort_index", process, thread, sort_index=worker + 1)
            for stretch in line:
                yield _computing(process, thread, names[stretch.request], stretch)


def _computing(process: int, thread: int, name: str, stretch: Stretch) -> Event:
    return {
        "ph": "X",
        "cat": "cpu",
        "name": name,
        "ts": _us(stretch.start_ns),
        "dur": _us(stretch.length_ns),
        "pid": process,
        "tid": thread,
        "args": {
            "request": stretch.request,
            "attempt": stretch.attempt,
            "phase": stretch.label,
        },
    }


def _metadata(what: str, process: int, thread: int, **args: str | int) -> Event:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": args}


def _us(time_ns: int) -> float:
    """Return the microseconds that a reader which truncates to nanoseconds takes for *time_ns*.

    Perfetto's importer does (``json_utils.cc``): one time in a hundred would else become 1 ns less,
    and a stretch would overlap the one before it.
    """
    found = time_ns / 1000
    return found if int(found * 1000) == time_ns else math.nextafter(found, math.inf)
