"""The lecture's picture: what happened to the first requests, and to the slowest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from simsched.engine.trace import Status
from simsched.experiment.result import Result
from simsched.report.html.figure import Figure, Group, View
from simsched.report.html.placing import MOST_WORKERS
from simsched.report.html.timeline_view import SINCE_ARRIVAL, timeline_view
from simsched.report.lanes import Lane
from simsched.report.scope import first_replication, whole
from simsched.report.text import clean
from simsched.report.timeline import (
    FEW,
    Timeline,
    longest_ns,
    slow,
    slow_rows,
    stored,
    stored_of,
    timeline,
)
from simsched.statistics.time_spent import lasted, never_answered
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import show_exact
from simsched.workload.columns import Int64s

AT_A_TIME = 20
"""Of more requests than fit in one picture so many are shown at a time."""

SLOW_AT_A_TIME = 10
"""So many of the slowest requests of each server are shown at a time."""

_MOST_NUMBERS = 8
_FEWEST_TO_BRUSH = 3
_MOST_BARS = 8000
_MOST_SLOW_BARS = 4000


def timeline_figure(result: Result) -> Figure:
    """Return the timeline of the requests whose segments are stored, of the first replication."""
    count = stored(result)
    step = count if count <= FEW else AT_A_TIME
    first = tuple(_limited(_first(result, count, step), _MOST_BARS))
    last = tuple(_limited(_slowest(result), _MOST_SLOW_BARS)) if count > step else ()
    shown = len(first) * step
    groups = (
        Group(
            f"First {min(shown, count)}",
            0,
            len(first),
            _brush(longest_ns(result, shown), len(first)),
            "how long each request took, in order of arrival",
        ),
        Group(
            "Slowest",
            len(first),
            len(last),
            _brush(_slowest_ns(result, len(last) * SLOW_AT_A_TIME), len(last)),
            "how long the slowest requests took, the slowest first",
        ),
    )
    return Figure(
        id="timeline",
        title="What happened to each request",
        alt=_in_words(timeline(result, step)),
        views=first + last,
        lede=_lede(result),
        picks="Requests",
        groups=groups if last else groups[:1],
    )


def _brush(lengths_ns: Int64s, views: int) -> tuple[float, ...]:
    """Return *lengths_ns* over the longest of them, where there are *views* enough to pick from."""
    if views < _FEWEST_TO_BRUSH:
        return ()
    most = max(int(lengths_ns.max(initial=0)), 1)
    return tuple(round(each / most, 3) for each in lengths_ns.tolist())


def _limited(views: Iterable[tuple[View, Timeline]], most: int) -> Iterator[View]:
    """Yield *views* as long as the page stays small: at least one."""
    bars = 0
    for number, (view, shown) in enumerate(views):
        bars += sum(len(lane.stretches) for lanes in shown.lanes.values() for lane in lanes)
        if number and bars > most:
            return
        yield view


def _first(result: Result, count: int, step: int) -> Iterator[tuple[View, Timeline]]:
    """Yield *step* requests at a time of the first *count*."""
    for first in range(0, max(count, 1), max(step, 1)):
        shown = timeline(result, step, skip=first)
        yield timeline_view(result, shown, _range_of(shown)), shown


def _slowest(result: Result) -> Iterator[tuple[View, Timeline]]:
    """Yield each server's slowest requests, a few at a time."""
    rows = {server: slow_rows(traces[0]) for server, traces in result.traces.items()}
    for first in range(0, max(map(len, rows.values())), SLOW_AT_A_TIME):
        end = first + SLOW_AT_A_TIME
        shown = slow(result, {server: chosen[first:end] for server, chosen in rows.items()})
        name = f"slowest {first + 1} to {end}"
        yield timeline_view(result, shown, name, SINCE_ARRIVAL), shown


def _slowest_ns(result: Result, count: int) -> Int64s:
    """Return (count,) how long the slowest requests took on the server where they took longest."""
    longest = np.zeros(count, dtype=np.int64)
    for traces in result.traces.values():
        found = lasted(traces[0])[slow_rows(traces[0])[:count]]
        longest[: len(found)] = np.maximum(longest[: len(found)], found)
    return longest


def _range_of(shown: Timeline) -> str:
    numbers = [lane.request for lanes in shown.lanes.values() for lane in lanes]
    return f"{min(numbers, default=0)} to {max(numbers, default=0)}"


def _lede(result: Result) -> str:
    return words.sentences(
        first_replication(result),
        whole(result),
        words.BUSY_WITH_STORED if _workers_are_partial(result) else "",
        *_orders(result),
        *_unanswered(result),
    )


def _workers_are_partial(result: Result) -> bool:
    """Return whether workers may serve requests that are not drawn."""
    traces = [each[0] for each in result.traces.values()]
    shown = any(trace.workers <= MOST_WORKERS for trace in traces)
    return shown and any(stored_of(trace) < len(trace.requests) for trace in traces)


def _orders(result: Result) -> Iterator[str]:
    """Yield the orders of completion, where they are short."""
    for name, one in result.servers.items():
        if one.completion_order and len(one.completion_order) <= _MOST_NUMBERS:
            yield words.order(clean(name), one.completion_order)


def _unanswered(result: Result) -> Iterator[str]:
    """Yield how many of the slowest requests of each server were never answered."""
    for name, (trace, *_) in result.traces.items():
        rows = slow_rows(trace)
        count = never_answered(trace, rows)
        if count and stored_of(trace) < len(trace.requests):
            yield words.never_answered(clean(name), count, len(rows))


def _in_words(shown: Timeline) -> str:
    return ". ".join(_server_in_words(server, lanes) for server, lanes in shown.lanes.items())


def _server_in_words(server: str, lanes: tuple[Lane, ...]) -> str:
    """Return the order and the instants in which a server answered its first requests."""
    answered = sorted(
        (lane.finish_ns, lane.request)
        for lane in lanes
        if lane.finish_ns is not None and lane.status is Status.COMPLETED
    )
    told = (f"request {request} at {show_exact(at / 1e9)}" for at, request in answered[:10])
    return f"{clean(server)} answers {', '.join(told) or 'none of them'}"
