"""The lecture's picture: what happened to the first requests, and to the slowest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.experiment.result import Result
from simsched.report.html.events import name_of
from simsched.report.html.figure import Figure, Group
from simsched.report.html.player import windows
from simsched.report.html.timeline_rows import MOST_WORKERS
from simsched.report.html.timeline_view import view_of
from simsched.report.lanes import Lane
from simsched.report.scope import first_replication, whole
from simsched.report.text import IN_A_SENTENCE, clean, truncated
from simsched.report.timeline import (
    FEW,
    Timeline,
    of_moment,
    slow,
    slow_rows,
    stored,
    stored_of,
    timeline,
)
from simsched.report.verdict import MANY
from simsched.statistics.moments import SHOWN, Moment
from simsched.statistics.time_spent import lasted, never_answered
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import show_exact
from simsched.workload.columns import Int64s

AT_A_TIME = 20
"""Of more requests than fit in one picture so many are shown at a time."""

SLOW_AT_A_TIME = 10
"""So many of the slowest requests of each server are shown at a time."""

_MOST_ROWS = 80
_MOST_NUMBERS = 8
_FEWEST_IN_STRIP = 3
_MOST_BARS = 4500
_MOST_CHOSEN_BARS = 2500
_MOST_SLOW_BARS = 2000

Named = tuple[str, Timeline]
"""What the reader picks a view by, and what it shows."""


def timeline_figure(result: Result) -> Figure:
    """Return the timeline of the requests whose segments are stored, of the first replication."""
    count, servers = stored(result), len(result.servers)
    step = at_a_time(result, count)
    first, chosen = _limited(_first(result, count, step), _MOST_BARS), _chosen(result, count)
    last = _limited(_slowest(result), _MOST_SLOW_BARS) if count > step else []
    lengths = _strip(result, lambda trace: np.arange(len(trace.requests)), step, len(first))
    slowest = _strip(result, slow_rows, _fewer(SLOW_AT_A_TIME, servers), len(last))
    ahead = len(first) + len(chosen)
    how_many = min(len(first) * step, count)
    groups = (
        Group(f"First {how_many}", 0, len(first), lengths, words.STRIP_OF_FIRST),
        Group("Moments", len(first), len(chosen)),
        Group("Slowest", ahead, len(last), slowest, words.STRIP_OF_SLOWEST),
    )
    return Figure(
        id="timeline",
        title="What happened to each request",
        alt=". ".join(_in_words(*each) for each in timeline(result, step).lanes.items()),
        views=(
            *(view_of(result, shown, name) for name, shown in (*first, *chosen)),
            *(view_of(result, shown, name, since_arrival=True) for name, shown in last),
        ),
        lede=_lede(result),
        picks="Requests",
        groups=tuple(group for group in groups if group.count),
    )


def first_view(result: Result) -> tuple[Figure, Timeline]:
    """Return the timeline of the first requests alone, and what it shows."""
    step = max(at_a_time(result, stored(result)), 1)
    name, shown = next(_first(result, 1, step))
    alt = ". ".join(_in_words(*each) for each in shown.lanes.items())
    lede = _lede(result)
    view = view_of(result, shown, name)
    return Figure("timeline", "What happened to each request", alt, (view,), lede), shown


def at_a_time(result: Result, count: int) -> int:
    """Return how many of *count* requests a view shows."""
    # Plotly draws every bar as an element: thousands at once make a page that scrolls badly.
    return count if count <= FEW else _fewer(AT_A_TIME, len(result.servers))


def _fewer(requests: int, servers: int) -> int:
    """Return *requests*, or fewer where all *servers* would have more rows than are drawn well."""
    return min(requests, max(_MOST_ROWS // servers, 1))


def played(result: Result) -> list[dict[str, Any] | None]:
    """Return what is played of each view of the figure, as :mod:`player` has it; None of others."""
    count = stored(result)
    first = _limited(_first(result, count, at_a_time(result, count)), _MOST_BARS)
    views = ([shown for _, shown in each] for each in (first, _chosen(result, count)))
    return [window for each in views for window in windows(result, each)]


def _strip(
    result: Result, rows: Callable[[Trace], Int64s], step: int, views: int
) -> tuple[float, ...]:
    """Return how long requests took on the server where they took longest, over the longest time.

    They are the first of those *rows* of each server's trace: *step* for each of so many *views*.
    """
    if views < _FEWEST_IN_STRIP:
        return ()
    longest = np.zeros(step * views, dtype=np.int64)
    for trace, *_ in result.traces.values():
        found = lasted(trace)[rows(trace)[: len(longest)]]
        longest[: len(found)] = np.maximum(longest[: len(found)], found)
    return tuple(np.round(longest / max(longest.max(), 1), 3).tolist())


def _limited(views: Iterable[Named], most: int) -> list[Named]:
    """Return as many of *views* as keep the page small: at least one, if there is any."""
    found: list[Named] = []
    bars = 0
    for name, shown in views:
        bars += sum(len(lane.stretches) for lanes in shown.lanes.values() for lane in lanes)
        if found and bars > most:
            break
        found.append((name, shown))
    return found


def _first(result: Result, count: int, step: int) -> Iterator[Named]:
    """Yield *step* requests at a time of the first *count*."""
    for first in range(0, max(count, 1), max(step, 1)):
        shown = timeline(result, step, skip=first)
        numbers = [lane.request for lanes in shown.lanes.values() for lane in lanes]
        yield f"{min(numbers, default=0)} to {max(numbers, default=0)}", shown


def _chosen(result: Result, count: int) -> list[Named]:
    """Return the moments of the run, unless all of its requests are in one view."""
    if count <= FEW and count == max(len(traces[0].requests) for traces in result.traces.values()):
        return []
    step = _fewer(SHOWN, len(result.servers))
    shown = ((moment, of_moment(result, moment, step)) for moment in result.moments)
    named = ((_name(moment), found) for moment, found in shown if found is not None)
    return _limited(named, _MOST_CHOSEN_BARS)


def _name(moment: Moment) -> str:
    """Return what a moment is called, as in ``slowest of serial, 52.2 s``."""
    servers = [truncated(server, IN_A_SENTENCE) for server in moment.servers]
    event = "" if moment.event is None else name_of(moment.event)
    return words.moment(moment.kind, moment.at_ns, servers, event)


def _slowest(result: Result) -> Iterator[Named]:
    """Yield each server's slowest requests, a few at a time."""
    rows = {server: slow_rows(traces[0]) for server, traces in result.traces.items()}
    step = _fewer(SLOW_AT_A_TIME, len(rows))
    for first in range(0, max(map(len, rows.values())), step):
        end = first + step
        shown = slow(result, {server: chosen[first:end] for server, chosen in rows.items()})
        yield f"slowest {first + 1} to {end}", shown


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
    shown &= len(traces) <= MANY
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


def _in_words(server: str, lanes: tuple[Lane, ...]) -> str:
    """Return the order and the instants in which a server answered its first requests."""
    answered = sorted(
        (lane.finish_ns, lane.request)
        for lane in lanes
        if lane.finish_ns is not None and lane.status is Status.COMPLETED
    )
    parts = (f"request {request} at {show_exact(at / 1e9)}" for at, request in answered[:10])
    return f"{clean(server)} answers {', '.join(parts) or 'none of them'}"
