"""The answer of a run at a glance: who keeps the objectives, and what each server did.

A server's glance is the order of its answers, where its requests waited, and a small timeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simsched.engine.trace import Activity
from simsched.experiment.result import Result
from simsched.report.text import IN_A_SENTENCE, clean, truncated
from simsched.report.timeline import Timeline, timeline
from simsched.scenario.number_format import show_value
from simsched.statistics.slo import Judgement, Objective
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import captions as words
from simsched.statistics.words import objectives as words_of

_MOST_SERVERS = 4
_MOST_NUMBERS = 12
_MOST_JUDGEMENTS = 8
"""More judgements than these are a matrix."""


_LANE, _FULL, _THIN = 10, 8, 3
"""How high a lane of the small timeline is, and in it a bar of work and one of waiting."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A bar of a small timeline, in thousandths of its length and in units of its height."""

    activity: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Glance:
    """A server, its answered requests in their order, where these are few, and a sentence.

    ``position`` is its place in the run, from 0. The small timeline, ``height`` high, has the
    requests from the first on below each other.
    """

    server: str
    position: int
    order: tuple[int, ...]
    waits: str
    pieces: tuple[Piece, ...] = ()
    height: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server stands to each objective: an outcome and a value; None where it has none."""

    server: str
    position: int
    cells: tuple[tuple[str, str] | None, ...]


@dataclass(frozen=True, slots=True)
class Objectives:
    """Who keeps the objectives: a sentence each; and a matrix of limits and servers if many."""

    sentences: tuple[str, ...]
    limits: tuple[str, ...] = ()
    rows: tuple[Standing, ...] = ()


def objectives(result: Result) -> Objectives:
    """Return who keeps which objective, the servers in words as long as they are few."""
    found: dict[str, dict[str, Judgement]] = {}
    for each in result.judgements:
        found.setdefault(clean(_limit(each.objective)), {})[each.server] = each
    sentences = tuple(_standing(text, one, len(result.servers)) for text, one in found.items())
    if len(result.judgements) <= _MOST_JUDGEMENTS:
        return Objectives(sentences)
    rows = tuple(
        Standing(clean(name), position, tuple(_cell(one.get(name)) for one in found.values()))
        for position, name in enumerate(result.servers)
    )
    return Objectives(sentences, tuple(found), rows)


def _limit(one: Objective) -> str:
    if one.is_change:
        return words_of.change(one.limit.metric.title, one.text)
    return words_of.limit(one.limit, one.request or one.stream)


def _standing(text: str, found: Mapping[str, Judgement], servers: int) -> str:
    by_outcome: dict[str, list[str]] = {"pass": [], "fail": [], "inconclusive": []}
    for name, one in found.items():
        by_outcome[one.outcome].append(truncated(name, IN_A_SENTENCE))
    keep, miss, undecided = by_outcome.values()
    return f"{words_of.standing(text, keep, miss, undecided, servers)}."


def _cell(one: Judgement | None) -> tuple[str, str] | None:
    if one is None:
        return None
    value = one.estimate.value
    if one.objective.is_change:
        return one.outcome, words_of.changed(value)
    return one.outcome, show_value(value, one.objective.limit.metric.kind)


def glances(result: Result) -> tuple[Glance, ...]:
    """Return what there is to see of each server; nothing of more servers than fit."""
    if len(result.servers) > _MOST_SERVERS:
        return ()
    small = _small(result)
    pieces = _bars(small) if small else {}
    found = (
        Glance(
            truncated(name, IN_A_SENTENCE),
            position,
            _order(one),
            _waits(result, name),
            *pieces.get(name, ()),
        )
        for position, (name, one) in enumerate(result.servers.items())
    )
    return tuple(each for each in found if each.order or each.waits or each.pieces)


def _small(result: Result) -> Timeline | None:
    """Return the timeline of a run of few requests; None of a longer one."""
    counts = [len(traces[0].requests) for traces in result.traces.values() if traces]
    if not counts or max(counts) > _MOST_NUMBERS:
        return None
    return timeline(result, _MOST_NUMBERS)


def _bars(small: Timeline) -> dict[str, tuple[tuple[Piece, ...], int]]:
    """Return the bars of each server, and how high they are together; on one axis."""
    return {name: _pieces(name, small) for name in small.lanes}


def _pieces(name: str, small: Timeline) -> tuple[tuple[Piece, ...], int]:
    """Return the requests of a server as bars, and how high they are together."""
    lanes = small.lanes[name]
    length = small.until_ns - small.start_ns
    pieces = []
    for row, lane in enumerate(lanes):
        stretches = small.stretches(name, lane)
        for one in (part for stretch in stretches for part in stretch.parts()):
            height = _FULL if one.activity in {Activity.CPU, Activity.IO} else _THIN
            middle = _LANE * row + _LANE / 2
            pieces.append(
                Piece(
                    one.activity.name.lower(),
                    round(1000 * (one.start_ns - small.start_ns) / length, 1),
                    middle - height / 2,
                    round(1000 * one.length_ns / length, 1),
                    height,
                )
            )
    return tuple(pieces), _LANE * len(lanes)


def _order(one: ServerSummary) -> tuple[int, ...]:
    order = one.completion_order or ()
    return tuple(order) if len(order) <= _MOST_NUMBERS else ()


def _waits(result: Result, server: str) -> str:
    """Return what the requests of *server* spend most of their time on.

    Where branches overlap, the parts are more than the whole, and nothing is said.
    """
    one, traces = result.servers[server], result.traces.get(server, ())
    mean = one.value("response_time_s.mean")
    parts = {name: part.value or 0.0 for name, part in one.time_spent.get("all", {}).items()}
    if mean is None or not any(parts.values()) or any(trace.concurrent for trace in traces):
        return ""
    longest = max(parts, key=lambda name: parts[name])
    shown = show_value(parts[longest], "duration"), show_value(mean, "duration")
    return words.most_time(_called(result, server, longest), *shown)


def _called(result: Result, server: str, part: str) -> str:
    """Return what a part of the response time is spent on; an only resource is named."""
    if part == "retries":
        return words.RETRIES
    activity = Activity[part.upper()]
    names = [each.name for trace in result.traces.get(server, ())[:1] for each in trace.resources]
    if activity is Activity.IO_WAIT and len(names) == 1:
        return words.waiting_for(truncated(names[0]))
    return words.SPENT_ON[activity]
