"""What ``best`` compares: designs, the metric observed of them, and the difference that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment.search.journal import Journal
from simsched.experiment.simulating import Simulate
from simsched.experiment.sweep.running import on_one_line
from simsched.scenario.file.wording import short_names
from simsched.scenario.metrics import METRICS, Metric, parse_share, parse_value
from simsched.scenario.model.run import MOST_QUANTILES
from simsched.scenario.model.scenario import Scenario
from simsched.statistics import losses, warmup
from simsched.statistics.contender import Contender
from simsched.statistics.summarize import Method, summarize_by
from simsched.statistics.summary import ServerSummary
from simsched.statistics.warmup import Cut
from simsched.workload.columns import Floats

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Plan

MOST = 1000
"""The most designs: each is compared with every other."""

AT_MOST = 1000
"""The most replications of one design unless asked otherwise."""

Aim = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """What designs are compared by.

    Attributes:
        metric: its mean over the replications of each design is compared.
        aim: whether less or more of it is better.
        confidence: the probability of a correct selection.
        zone: the indifference zone, a difference that does not matter: in the metric's unit, or,
            where it ``is_relative``, a share of the best mean.
        at_most: the most replications of one design.
    """

    metric: Metric
    aim: Aim
    confidence: float = 0.95
    zone: float = 0.05
    is_relative: bool = True
    at_most: int = AT_MOST

    @property
    def is_delay(self) -> bool:
        """Whether it has no mean on a server that cannot keep up, and leaves lost requests out."""
        return self.metric.kind == "duration" or self.metric.name == "slowdown"


def default_aim(metric: Metric) -> Aim | None:
    """Return which way *metric* is better; None where neither way is."""
    aims: dict[str | None, Aim] = {"higher": "maximize", "lower": "minimize"}
    return aims.get(metric.better)


def parse_zone(text: str, metric: Metric) -> tuple[float, bool]:
    """Return the indifference zone *text*, ``1%`` or ``5ms``, and whether it is relative.

    Raises:
        InputError: it is neither a share nor a value of the metric's kind, or is not positive.
    """
    try:
        is_relative = text.rstrip().endswith("%") and metric.kind != "share"
        zone = parse_share(text) if is_relative else parse_value(text, metric.kind)
    except ValueError as error:
        raise InputError(f"--indifference: {error}; or write a share, such as 1%") from None
    if zone <= 0:
        raise InputError(f"--indifference {text}: a difference that matters is more than 0")
    return zone, is_relative


def check_metric(metric: Metric) -> None:
    """Refuse a *metric* that single replications do not estimate.

    Raises:
        InputError: it is a maximum, or of a kind that is not measured in each replication.
    """
    quantile = metric.quantile is not None and metric.part is None
    if metric.name.endswith((".max", ".largest_displacement")):
        raise InputError(
            f"--metric {metric.text}: a maximum grows with the length of a run, so it compares "
            "nothing; take a quantile, such as response_time.p99.9"
        )
    if not (metric.text in METRICS or quantile):
        raise InputError(f"--metric {metric.text}: designs are not compared by this")


@dataclass(frozen=True)
class Design:
    """One server of one scenario, under the name that it has among the designs."""

    name: str
    contender: Contender


@dataclass(frozen=True, slots=True)
class Impossible:
    """A point of a sweep that is not a valid scenario, and why: its values do not go together."""

    name: str
    why: str


def of_scenario(scenario: Scenario) -> list[Design]:
    """Return the servers of *scenario*."""
    return [
        Design(name, Contender(name, scenario, server)) for name, server in scenario.servers.items()
    ]


def of_plan(plan: Plan) -> list[Design | Impossible]:
    """Return the servers of all points of a sweep, followed by the points that are invalid."""
    names = short_names([each.name for each in plan.parameters])
    # Designs are named by what differs between points, as tables would show it.
    points: list[tuple[str, Scenario]] = []
    impossible: list[Impossible] = []
    for each in plan.points:
        pairs = zip(names, each.values, strict=True)
        point = ", ".join(f"{name}={value.text}" for name, value in pairs if value is not None)
        try:
            points.append((point, plan.scenario(each)))
        except InputError as error:
            impossible.append(Impossible(point, on_one_line(error)))
    return [*of_points(points), *impossible]


def of_points(points: Iterable[tuple[str, Scenario]]) -> list[Design]:
    """Return the servers of the scenarios of a sweep, each named after its point."""
    return [
        replace(each, name=f"{point}, {each.name}" if len(scenario.servers) > 1 else point)
        for point, scenario in points
        for each in of_scenario(scenario)
    ]


def check(designs: Sequence[Design | Impossible]) -> None:
    """Refuse a number of *designs* that cannot be compared.

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
    """The first replications: the end of their warm-up, the share of lost requests, the metric."""

    cut_ns: int
    lost: float
    values: tuple[float, ...]


@dataclass
class Observer:
    """Observes one metric of one design, replication by replication.

    The warm-up of the first replications is found as in any run; the longest of theirs is then used
    for all that follow, so that the observations are independent of each other.
    """

    design: Design
    metric: Metric
    simulate: Simulate
    journal: Journal = field(default_factory=Journal)
    lost: float = 0.0
    _cut_ns: int = field(default=0)

    def first(self, replications: int) -> Floats:
        """Return (replications,) the metric in the first ones; NaN where one gives no mean."""
        name = f"{self.design.name}: the first {replications}"
        found = self.journal.recall(name, _First, lambda: self._first(replications))
        self._cut_ns, self.lost = found.cut_ns, found.lost
        return np.array(found.values)

    def begin(self, replication: int) -> Callable[[], float]:
        """Have the replication of that number simulated; return what waits for the metric in it.

        It is NaN if the replication gives no mean.
        """
        name = f"{self.design.name}: {replication}, after {self._cut_ns}"
        found = self.journal.find(name, float)
        if found is not None:
            return lambda: found
        traces = self.simulate(self.design.contender, [replication])
        return lambda: self.journal.keep(name, self._one(list(traces)))

    def _first(self, replications: int) -> _First:
        traces = list(self.simulate(self.design.contender, range(1, replications + 1)))
        cuts = warmup.cuts([warmup.settling(trace) for trace in traces], self._method().warmup)
        # The longest is safe for all; a cut found from later replications would tie them together.
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
        # A run reports a few quantiles only; the one that is compared must be among them.
        quantiles = tuple(sorted({*method.quantiles[:MOST_QUANTILES], *asked}))
        return Method(method.warmup, method.confidence, quantiles)
