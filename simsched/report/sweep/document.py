"""What ``simsched sweep`` prints: the points before, each point as it finishes, the result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain

from simsched.experiment.record import Record
from simsched.experiment.sweep.plan import Plan, Point
from simsched.experiment.sweep.result import MEAN, SweepResult
from simsched.experiment.sweep.running import Finished, Started
from simsched.report.document import Document, Row
from simsched.report.progress import duration
from simsched.report.sweep.points import place, standing_of, values
from simsched.report.sweep.summary import warnings
from simsched.report.sweep.verdict import verdict
from simsched.report.text import clean, truncated
from simsched.scenario.number_format import show_value
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.words.numbers import counted, show

_MOST_SERVERS = 6

OVERLOADED = "cannot keep up"


def document(found: SweepResult) -> Document:
    """Return the sentences on a sweep, and the table of its points."""
    return Document(
        heading=_heading(found.plan),
        sentences=(*verdict(found), *found.plan.notes),
        title="Mean response time:",
        table=tuple(_rows(found)),
        rest=", all of them in sweep.csv and on the page",
        warnings=tuple(warnings(found)),
    )


def _heading(plan: Plan) -> str:
    return f"{clean(plan.name)}: {counted(len(plan.points), 'point')}"


def planned(plan: Plan) -> str:
    """Return what ``--dry-run`` prints first: how many points there are."""
    return "".join(f"{line}\n" for line in (_heading(plan), *plan.notes))


def foreseen(plan: Plan, seconds: float, jobs: int, *, at_least: bool) -> Document:
    """Return what ``--dry-run`` prints then: the points, and about how long they take."""
    least = "at least " if at_least else ""
    processes = "1 process" if jobs == 1 else f"{jobs} processes"
    return Document(
        table=(
            ("point", *(clean(parameter.name) for parameter in plan.parameters)),
            *((str(point.number), *values(point)) for point in plan.points),
        ),
        rest=" points",
        remarks=(
            f"About {least}{duration(seconds)} on {processes}, estimated by simulating a small "
            "part of it.",
        ),
    )


def started(event: Started) -> Iterator[str]:
    """Yield what the store has of a sweep when it starts, if anything."""
    if event.kept:
        rest = "nothing" if event.kept == event.total else f"{event.total - event.kept:,}"
        total = counted(event.total, "point")
        yield f"{event.kept:,} of {total} found in the store; {rest} to simulate"
    if event.parts:
        yield f"{counted(event.parts, 'replication')} of unfinished points found in the store"


def finished(plan: Plan, event: Finished) -> str:
    """Return the line of a point that is finished."""
    # Before the first point is finished nothing is known of the pace.
    known = event.done < event.total and not math.isnan(event.left_s)
    left = f", {duration(event.left_s)} left" if known else ""
    where = place(event.point, plan.parameters)
    return f"[{event.done}/{event.total}{left}] {where}: {_outcome(event)}"


def _outcome(event: Finished) -> str:
    """Return each server's mean response time, or why the point failed."""
    if event.record is None:
        return f"failed: {clean(event.error or '')}"
    means = {row.server: row.value for row in event.record.rows if row.metric == MEAN}
    shown = []
    for server in event.record.servers[:_MOST_SERVERS]:
        mean = _why_none(event.record, server, means[server])
        mean = mean or show_value(means[server], "duration")
        shown.append(f"{truncated(server, 24)} {mean}")
    return ", ".join([*shown, *(["..."] if len(means) > _MOST_SERVERS else [])])


def _why_none(one: Record, server: str, mean: float | None) -> str:
    """Return in two words why *server* has no *mean*; "" if it has one, or if they do not say."""
    load = one.loads.get(server)
    if mean is None and load is not None and not load.stable:
        return OVERLOADED
    is_silent = one.reasons.get(server, {}).get(MEAN) == NOTHING_COMPLETED
    return "no answers" if mean is None and is_silent else ""


def _rows(found: SweepResult) -> Iterator[Row]:
    """Yield the table of the mean response times, a row for each point."""
    servers = found.servers[:_MOST_SERVERS]
    judged = ("slo",) if found.objectives else ()
    names = (truncated(parameter.title, 40) for parameter in found.plan.parameters)
    heads = ((truncated(server, 24), *judged) for server in servers)
    yield ("point", *names, *chain.from_iterable(heads))
    for point in found.plan.points:
        figures = chain.from_iterable(_cells(found, point, servers))
        yield (str(point.number), *values(point), *figures)


def _cells(found: SweepResult, point: Point, servers: Sequence[str]) -> Iterator[Row]:
    for server in servers:
        outcome = (standing_of(found, point.number, server),) if found.objectives else ()
        yield (_mean(found, point, server), *outcome)


def _mean(found: SweepResult, point: Point, server: str) -> str:
    if (record := found.records.get(point.number)) is None:
        return "failed"
    mean = found.estimate(point.number, server, MEAN)
    return _why_none(record, server, mean.value) or show(mean, "duration")
