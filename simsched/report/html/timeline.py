"""The lecture's picture: what happened to the first requests, and to the slowest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from simsched.engine.trace import Activity, Status, Trace
from simsched.experiment.result import Result
from simsched.report.html import multiples
from simsched.report.html.bars import bars_of, ends, given_up, occupancy
from simsched.report.html.events import event_shapes
from simsched.report.html.fatal_waits import (
    fatal_bars,
    fatal_waits,
    last_words,
    lengthened,
    wait_of,
)
from simsched.report.html.figure import (
    Explorable,
    Figure,
    Group,
    View,
    heading,
    label,
    layout,
)
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.player import windows
from simsched.report.html.timeline_rows import MOST_WORKERS, Bar, LaneRow, Rows, rows_of
from simsched.report.lanes import Lane
from simsched.report.scope import first_replication, whole
from simsched.report.text import clean, truncated
from simsched.report.timeline import (
    FEW,
    Timeline,
    axis,
    slow,
    slow_rows,
    stored,
    stored_of,
    timeline,
)
from simsched.statistics.time_spent import lasted, never_answered
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import show_exact
from simsched.units import SECOND
from simsched.workload.columns import Int64s

AT_A_TIME = 20
"""Of more requests than fit in one picture so many are shown at a time."""

SLOW_AT_A_TIME = 10
"""So many of the slowest requests of each server are shown at a time."""

_MOST_ROWS = 80
_MOST_NUMBERS = 8
_FEWEST_IN_STRIP = 3
_MOST_BARS = 4500
_MOST_SLOW_BARS = 2000
_MUCH_LONGER = 5
_LANE_PIXELS, _MARGIN_PIXELS = 26, 100
_ANSWERED_PIXELS, _LOST_PIXELS = 80, 150


def timeline_figure(result: Result) -> Figure:
    """Return the timeline of the requests whose segments are stored, of the first replication."""
    count = stored(result)
    step = at_a_time(result, count)
    first = tuple(_limited(_first(result, count, step), _MOST_BARS))
    last = tuple(_limited(_slowest(result), _MOST_SLOW_BARS)) if count > step else ()
    shown = len(first) * step
    lengths = _strip(result, lambda trace: np.arange(len(trace.requests)), step, len(first))
    slowest = _strip(result, slow_rows, _fewer(SLOW_AT_A_TIME, len(result.servers)), len(last))
    groups = (
        Group(f"First {min(shown, count)}", 0, len(first), lengths, words.STRIP_OF_FIRST),
        Group("Slowest", len(first), len(last), slowest, words.STRIP_OF_SLOWEST),
    )
    return Figure(
        id="timeline",
        title="What happened to each request",
        alt=". ".join(_in_words(*each) for each in timeline(result, step).lanes.items()),
        views=first + last,
        lede=_lede(result),
        picks="Requests",
        groups=groups if last else groups[:1],
    )


def first_view(result: Result) -> tuple[Figure, Timeline]:
    """Return the timeline of the first requests alone, and what it shows."""
    step = max(at_a_time(result, stored(result)), 1)
    view, shown = next(_first(result, 1, step))
    alt = ". ".join(_in_words(*each) for each in shown.lanes.items())
    lede = _lede(result)
    return Figure("timeline", "What happened to each request", alt, (view,), lede), shown


def at_a_time(result: Result, count: int) -> int:
    """Return how many of *count* requests a view shows."""
    # Plotly draws every bar as an element: thousands at once make a page that scrolls badly.
    return count if count <= FEW else _fewer(AT_A_TIME, len(result.servers))


def _fewer(requests: int, servers: int) -> int:
    """Return *requests*, or fewer where all *servers* would have more rows than are drawn well."""
    return min(requests, max(_MOST_ROWS // servers, 1))


def played(result: Result) -> list[dict[str, Any]]:
    """Return what is played of each of the first views, as :mod:`player` has it."""
    count = stored(result)
    step = max(at_a_time(result, count), 1)
    return windows(result, (timeline(result, step, first) for first in range(0, count, step)))


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
        numbers = [lane.request for lanes in shown.lanes.values() for lane in lanes]
        name = f"{min(numbers, default=0)} to {max(numbers, default=0)}"
        yield _view(result, shown, name), shown


def _slowest(result: Result) -> Iterator[tuple[View, Timeline]]:
    """Yield each server's slowest requests, a few at a time."""
    rows = {server: slow_rows(traces[0]) for server, traces in result.traces.items()}
    step = _fewer(SLOW_AT_A_TIME, len(rows))
    for first in range(0, max(map(len, rows.values())), step):
        end = first + step
        shown = slow(result, {server: chosen[first:end] for server, chosen in rows.items()})
        name = f"slowest {first + 1} to {end}"
        yield _view(result, shown, name, since_arrival=True), shown


def _view(result: Result, shown: Timeline, name: str, *, since_arrival: bool = False) -> View:
    """Return *shown* as a view that the reader picks by its *name*.

    Workers and events have their place in simulated time, and none where times count since the
    arrival of each request. The workers of many servers would be more than the requests.
    """
    few = len(result.servers) <= multiples.MANY
    rows = rows_of(result, shown, workers=few and not since_arrival)
    waits = {} if since_arrival else fatal_waits(result)
    until_ns = lengthened(_until(shown), shown.start_ns, waits)
    scale = axis(shown.start_ns, until_ns, 10)
    bars = [
        bars_of(found, activity, scale.unit_ns)
        for activity in ACTIVITIES
        if (found := _stretches(rows, activity))
    ]
    texts = ends(rows, scale.unit_ns, until_ns, since_arrival=since_arrival)
    fatal = fatal_bars(rows, waits, scale.unit_ns, until_ns)
    texts["x"] = [
        until_ns / scale.unit_ns if wait_of(row, waits) else x
        for row, x in zip(rows.lanes, texts["x"], strict=True)
    ]
    texts["text"] = last_words(rows, waits, texts["text"])
    traces = (*bars, fatal, given_up(rows, scale.unit_ns), texts, *occupancy(rows, scale.unit_ns))
    clock = "time since the request arrived" if since_arrival else "simulated time"
    ends_at = [] if until_ns == shown.finish_ns else [shown.start_ns, until_ns]
    drawn = _layout(
        rows, f"{clock} ({scale.unit})", [instant / scale.unit_ns for instant in ends_at]
    )
    if not since_arrival:
        drawn["shapes"] = event_shapes(result, scale.unit_ns, shown.start_ns, until_ns)
    zoom = "since-arrival" if since_arrival else "time"
    drawn |= Explorable(zoom=zoom, size=scale.unit_ns / SECOND, rows=rows.blocks).layout
    return View(name, [trace for trace in traces if trace["y"]], drawn)


def _until(shown: Timeline) -> int:
    """Return where the view ends: at its end, or with the last that ends if others never do.

    Those that never end would have everything else drawn too small to be seen.
    """
    lanes = [lane for found in shown.lanes.values() for lane in found]
    ended = max((lane.last_ns for lane in lanes if lane.finish_ns is not None), default=0)
    is_short = (ended - shown.start_ns) * _MUCH_LONGER < shown.finish_ns - shown.start_ns
    return ended if is_short and ended > shown.start_ns else shown.finish_ns


def _stretches(rows: Rows, activity: Activity) -> list[tuple[LaneRow, Bar]]:
    return [
        (row, bar) for row in rows.lanes for bar in row.bars if bar.stretch.activity is activity
    ]


def _layout(rows: Rows, title: str, limits: Sequence[float]) -> dict[str, Any]:
    names = [(row.y, f"{row.lane.request} {truncated(row.lane.kind)}") for row in rows.lanes]
    names += [(row.y, f"worker {row.worker + 1}") for row in rows.workers]
    answered = all(row.lane.status is Status.COMPLETED for row in rows.lanes)
    found = layout(
        _MARGIN_PIXELS + round(_LANE_PIXELS * rows.height),
        title,
        x={"range": limits} if limits else {},
        y={
            "range": [rows.height, 0],
            "tickmode": "array",
            "tickvals": [y for y, _ in names],
            "ticktext": [label(name) for _, name in names],
            "showgrid": False,
            "zeroline": False,
        },
    )
    found["margin"]["r"] = _ANSWERED_PIXELS if answered else _LOST_PIXELS
    servers = rows.headings.items()
    return found | {
        "barmode": "overlay",
        "bargap": 0,
        "uniformtext": {"mode": "hide", "minsize": 10},
        "annotations": [heading(truncated(server, 60), y=y, yref="y") for y, server in servers],
    }


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
    shown &= len(traces) <= multiples.MANY
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
