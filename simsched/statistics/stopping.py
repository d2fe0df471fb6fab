"""When to stop: replications are added until the intervals are narrow enough, or a cap is reached.

How many more are needed is predicted from the spread so far, since half an interval shrinks with
the square root of the number of replications (Law, 2015, section 9.4.1). The number at most doubles
at a time, because a spread seen in a few replications is itself uncertain. Stopping when an
interval happens to be narrow lowers its coverage a little: that of 95 % intervals to 93 or 94 %
where ten to fifty replications are needed (``docs/statistics.md`` has the figures).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from simsched.scenario.metrics import Metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import NoneOrAll
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import objectives as words
from simsched.statistics.words import refusals

FIRST = 10
"""Fewer replications than this do not show the spread well enough to stop."""


@dataclass(frozen=True, slots=True)
class Precision:
    """What to reach: half an interval at most *relative* times its value, for all *metrics*.

    ``cap`` is the most replications to spend on it.
    """

    metrics: tuple[Metric, ...]
    relative: float
    cap: int = 1000


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to go on: ``more`` replications are needed (0: stop), and why, in sentences."""

    more: int
    sentences: tuple[str, ...]


def decide(summaries: Iterable[ServerSummary], precision: Precision, done: int) -> Decision:
    """Return how many replications to add to the *done* ones."""
    goals = [_Goal(server, metric) for server in summaries for metric in precision.metrics]
    # Goals that no replication would bring nearer must not keep the run going.
    open_goals = [goal for goal in goals if goal.obstacle is None]
    needed = max([FIRST, *(goal.needed(done, precision.relative) for goal in open_goals)])
    # At most doubled: the spread of a few replications is too uncertain to extrapolate from.
    more = min(needed - done, done, precision.cap - done)
    if open_goals and more > 0:
        return Decision(more, ())
    return Decision(0, tuple(_sentences(goals, precision, done)))


@dataclass(frozen=True)
class _Goal:
    """One interval that is to become narrow."""

    server: ServerSummary
    metric: Metric

    @property
    def obstacle(self) -> str | None:
        """Why more replications would not narrow it; None where they would, or bring one about."""
        measured = self.server.measurements.get(self.metric.name)
        if measured is None:
            return refusals.NOT_RETRIED if self.metric.part == "retries" else words.NOT_MEASURED
        if measured.influence is None:
            return None if measured.is_short else measured.reason
        return words.NEVER if isinstance(measured, NoneOrAll) and measured.value == 0 else None

    @property
    def estimate(self) -> Estimate:
        """What is known of it."""
        return self.server.figures()[self.metric.name]

    @property
    def reached(self) -> float | None:
        """Half the interval over the value; None where there is no interval yet."""
        estimate = self.estimate
        if estimate.value is None or estimate.half_width is None:
            return None
        if estimate.half_width == 0:
            return 0.0
        return estimate.half_width / abs(estimate.value) if estimate.value else math.inf

    def needed(self, done: int, wanted: float) -> int:
        """Return how many replications bring the relative half width down to *wanted*."""
        reached = self.reached
        # Nothing to extrapolate from: twice as many may show a first interval.
        if reached is None or math.isinf(reached):
            return 2 * done
        if reached <= wanted:
            return done
        return max(done + 1, math.ceil(done * (reached / wanted) ** 2))


def _sentences(goals: Sequence[_Goal], precision: Precision, done: int) -> Iterator[str]:
    every = {goal.server.server for goal in goals}
    tried = [goal for goal in goals if goal.obstacle is None]
    missed = [_missed(goal, precision, done) for goal in tried]
    yield from _alike(goals, [_hopeless(goal) for goal in goals], every)
    yield from _alike(tried, missed, every)
    if not any(missed):
        for servers, metrics in _reached(tried).items():
            of = words.each_of(servers, is_all=every == set(servers))
            yield words.reached(done, metrics, of, precision.relative)


def _alike(
    goals: Sequence[_Goal], texts: Sequence[str | None], every: Collection[str]
) -> Iterator[str]:
    """Yield what is to be said of a metric, once for all servers of which it is the same."""
    servers: dict[tuple[str, str], list[str]] = {}
    for goal, text in zip(goals, texts, strict=True):
        if text is not None:
            servers.setdefault((goal.metric.text, text), []).append(goal.server.server)
    for (metric, text), found in servers.items():
        of = words.each_of(found, is_all=1 < len(found) == len(every))
        yield words.of(metric, of, text)


def _hopeless(goal: _Goal) -> str | None:
    if goal.obstacle is None:
        return None
    return words.hopeless(goal.obstacle)


def _missed(goal: _Goal, precision: Precision, done: int) -> str | None:
    """Return how a goal was missed that replications could have reached; None if it was not."""
    at = words.spent(done, precision.cap)
    if goal.reached is None:
        return words.without_interval(at, goal.estimate.reason or words.NOT_MEASURED)
    if goal.reached <= precision.relative:
        return None
    return words.missed(goal.reached, precision.relative, at)


def _reached(goals: Iterable[_Goal]) -> dict[tuple[str, ...], list[str]]:
    """Return by servers which metrics of just these were reached."""
    by_metric: dict[str, list[str]] = {}
    for goal in goals:
        by_metric.setdefault(goal.metric.text, []).append(goal.server.server)
    by_servers: dict[tuple[str, ...], list[str]] = {}
    for metric, servers in by_metric.items():
        by_servers.setdefault(tuple(servers), []).append(metric)
    return by_servers
