"""The designs among which the best is sought, and what one replication of a design tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment.search.journal import Journal
from simsched.experiment.simulating import Simulate
from simsched.experiment.sweep.running import on_one_line
from simsched.scenario.file.composing import compose
from simsched.scenario.file.text import UnreadableError, read
from simsched.scenario.file.tree import MappingNode
from simsched.scenario.file.wording import short_names
from simsched.scenario.metrics import Metric
from simsched.scenario.model.run import MOST_QUANTILES
from simsched.scenario.model.scenario import Scenario
from simsched.statistics import losses, warmup
from simsched.statistics.contender import Contender
from simsched.statistics.summarize import Method, summarize_by
from simsched.statistics.summary import ServerSummary
from simsched.statistics.warmup import Cut
from simsched.workload.columns import Floats

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Plan, Value

MOST = 1000
"""The most designs: each is compared with every other."""


@dataclass(frozen=True)
class Design:
    """One server of one scenario, under the name that it has among the designs."""

    name: str
    contender: Contender


@dataclass(frozen=True, slots=True)
class Impossible:
    """A point of a sweep that is no scenario, and why: its values do not go together."""

    name: str
    why: str


def of_scenario(scenario: Scenario) -> list[Design]:
    """Return the servers of *scenario*."""
    return [
        Design(name, Contender(name, scenario, server)) for name, server in scenario.servers.items()
    ]


def is_sweep(path: Path) -> bool:
    """Return whether the file *path* is a sweep; what cannot be read is none."""
    try:
        root = compose(read(path).removeprefix("\ufeff"), str(path)).root
    except UnreadableError:
        return False
    return isinstance(root, MappingNode) and "sweep" in root.entries


def of_plan(plan: Plan) -> list[Design | Impossible]:
    """Return the servers of all points of a sweep, and behind them points that are no scenario."""
    names = short_names([each.name for each in plan.parameters])
    points: list[tuple[str, Scenario]] = []
    impossible: list[Impossible] = []
    for each in plan.points:
        name = _called(names, each.values)
        try:
            points.append((name, plan.scenario(each)))
        except InputError as error:
            impossible.append(Impossible(name, on_one_line(error)))
    return [*of_points(points), *impossible]


def _called(names: Sequence[str], values: Sequence[Value | None]) -> str:
    """Return what a point is called: its settings, as ``web.workers=2``."""
    pairs = zip(names, values, strict=True)
    return ", ".join(f"{name}={value.text}" for name, value in pairs if value is not None)


def of_points(points: Sequence[tuple[str, Scenario]]) -> list[Design]:
    """Return the servers of the scenarios of a sweep, each called by the *points* it stands for."""
    return [
        Design(
            f"{point}, {name}" if len(scenario.servers) > 1 else point,
            Contender(name, scenario, server),
        )
        for point, scenario in points
        for name, server in scenario.servers.items()
    ]


def check(designs: Sequence[Design | Impossible]) -> None:
    """Refuse a number of *designs* among which there is nothing to select.

    Raises:
        InputError: there are fewer than two, or more than :data:`MOST`.
    """
    if len(designs) < 2:  # noqa: PLR2004
        raise InputError(
            "there is one design only, so it is the best; name a scenario with several servers, "
            "or a sweep"
        )
    if len(designs) > MOST:
        raise InputError(
            f"{len(designs):,} designs are too many to compare each with each; the most is {MOST:,}"
        )


@dataclass(frozen=True, slots=True)
class _First:
    """What the first replications tell: their warm-up, the share that is lost, the metric."""

    cut_ns: int
    lost: float
    values: tuple[float, ...]


@dataclass
class Observer:
    """Observes one metric of one design, replication by replication.

    The warm-up of the first replications is found as in any run; it is then the longest of theirs
    for all that follow, so that the observations are independent of each other.
    """

    design: Design
    metric: Metric
    simulate: Simulate
    journal: Journal = field(default_factory=Journal)
    lost: float = 0.0
    _cut_ns: int = field(default=0)

    def first(self, replications: int) -> Floats:
        """Return (replications,) the metric in each of the first; NaN where one tells no mean."""
        name = f"{self.design.name}: the first {replications}"
        found = self.journal.recall(name, _First, lambda: self._first(replications))
        self._cut_ns, self.lost = found.cut_ns, found.lost
        return np.array(found.values)

    def begin(self, replication: int) -> Callable[[], float]:
        """Have the replication of that number simulated; return what waits for the metric in it.

        It is NaN if the replication tells no mean.
        """
        name = f"{self.design.name}: {replication}, after {self._cut_ns}"
        found = self.journal.find(name, float)
        if found is not None:
            return lambda: found
        traces = self.simulate(self.design.contender, [replication])
        return lambda: self.journal.keep(name, self._one(list(traces)))

    def untold(self, replication: int) -> str:
        """Return why the replication of that number tells no mean."""
        return (
            f"replication {replication} completes too few requests to tell {self.metric.text}; "
            "simulate longer"
        )

    def _first(self, replications: int) -> _First:
        traces = list(self.simulate(self.design.contender, range(1, replications + 1)))
        cuts = warmup.cuts([warmup.settling(trace) for trace in traces], self._method().warmup)
        cut_ns = max(cut.time_ns for cut in cuts)
        summary = self._summary(traces, cut_ns)
        return _First(cut_ns, losses.share(summary), tuple(self._values(summary).tolist()))

    def _one(self, traces: Sequence[Trace]) -> float:
        return float(self._values(self._summary(traces, self._cut_ns))[0])

    def _summary(self, traces: Sequence[Trace], cut_ns: int) -> ServerSummary:
        cuts = [Cut(cut_ns, int(np.searchsorted(t.arrival_ns, cut_ns))) for t in traces]
        return summarize_by(self._method(), self.design.name, traces, cuts)

    def _values(self, summary: ServerSummary) -> Floats:
        return summary.measurements[self.metric.name].replications

    def _method(self) -> Method:
        method = self.design.contender.method()
        quantile = self.metric.quantile
        asked = {quantile} if quantile is not None and self.metric.part is None else set()
        quantiles = tuple(sorted({*method.quantiles[:MOST_QUANTILES], *asked}))
        return Method(method.warmup, method.confidence, quantiles)
