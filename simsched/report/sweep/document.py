"""What ``simsched sweep`` says: the points before, each point as it comes, the result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from simsched.experiment.sweep.plan import Plan, Point
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.running import Finished, Started
from simsched.experiment.sweep.series import MEAN, Series
from simsched.report.document import Document, Row
from simsched.report.progress import duration
from simsched.report.sweep.shown import place, standing_of, values
from simsched.report.sweep.summary import warnings
from simsched.report.sweep.verdict import verdict
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import show_value
from simsched.statistics.words.numbers import counted, show

_MOST_SERVERS = 6

OVERLOADED = "cannot keep up"


def document(found: SweepResult) -> Document:
    """Return what there is to say of a sweep: the sentences, and a table of the points."""
    return Document(
        heading=f"{clean(found.plan.name)}: {counted(len(found.plan.points), 'point')}",
        sentences=(*verdict(found), *found.plan.notes),
        title="Mean response time:",
        table=tuple(_cells(found)),
        rest=", all of them in sweep.csv and on the page",
        warnings=tuple(warnings(found)),
    )


def planned(plan: Plan) -> str:
    """Return what ``--dry-run`` prints first: how many points there are."""
    lines = (f"{clean(plan.name)}: {counted(len(plan.points), 'point')}", *plan.notes)
    return "".join(f"{line}\n" for line in lines)


def foreseen(plan: Plan, seconds: float, jobs: int, *, at_least: bool) -> Document:
    """Return what ``--dry-run`` prints then: which points, and about how long they take."""
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
    """Yield what to say of how a sweep begins, if anything."""
    if event.kept:
        rest = "nothing" if event.kept == event.total else f"{event.total - event.kept:,}"
        total = counted(event.total, "point")
        yield f"{event.kept:,} of {total} found in the store; {rest} to simulate"
    if event.parts:
        yield f"of points that were begun {counted(event.parts, 'replication')} are there"


def finished(plan: Plan, event: Finished) -> str:
    """Return the line of a point that is finished."""
    known = event.done < event.total and not math.isnan(event.left_s)
    left = f", {duration(event.left_s)} left" if known else ""
    where = place(event.point, plan.parameters)
    return f"[{event.done}/{event.total}{left}] {where}: {_outcome(event)}"


def _outcome(event: Finished) -> str:
    """Return each server's mean response time, or why the point failed."""
    if event.record is None:
        return f"failed: {clean(event.error or '')}"
    means = {row.server: row.value for row in event.record.rows if row.metric == MEAN}
    loads = event.record.said["loads"]
    told = [
        f"{truncated(server, 24)} {_mean(means[server], loads.get(server))}"
        for server in event.record.servers[:_MOST_SERVERS]
    ]
    return ", ".join([*told, *(["..."] if len(means) > _MOST_SERVERS else [])])


def _mean(value: float | None, load: Mapping[str, Any] | None) -> str:
    if value is None and load is not None and not load["stable"]:
        return OVERLOADED
    return show_value(value, "duration")


def _cells(found: SweepResult) -> Iterator[Row]:
    """Yield the table of the mean response times, a row for each point."""
    series, servers = Series(found), found.servers[:_MOST_SERVERS]
    names = (truncated(parameter.name, 40) for parameter in found.plan.parameters)
    is_judged = bool(found.objectives)
    heads = (_heads(truncated(server, 24), is_judged=is_judged) for server in servers)
    yield ("point", *names, *chain.from_iterable(heads))
    for point in found.plan.points:
        figures: Iterable[Row] = ((each,) for each in _means(series, point, servers))
        if is_judged:
            standing = (standing_of(found, point.number, server) for server in servers)
            figures = zip(_means(series, point, servers), standing, strict=True)
        yield (str(point.number), *values(point), *chain.from_iterable(figures))


def _heads(server: str, *, is_judged: bool) -> Row:
    return (server, "slo") if is_judged else (server,)


def _means(series: Series, point: Point, servers: Sequence[str]) -> Iterator[str]:
    for server in servers:
        if point.number not in series.result.records:
            yield "failed"
        else:
            estimate = series.estimate(point.number, server, MEAN)
            load = series.load(point.number, server)
            told = estimate.value is not None
            yield show(estimate, "duration") if told else _mean(None, load)
