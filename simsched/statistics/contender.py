"""A server that takes part in a comparison, and what is known of it before it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from simsched.errors import InputError
from simsched.scenario.metrics import Metric, parse_metric, parse_quantile
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.scenario.model.servers import Server
from simsched.statistics import warmup
from simsched.statistics.growth import Growth, growth
from simsched.statistics.run_length import Queue
from simsched.statistics.slo import Objective
from simsched.statistics.stability import Load, load
from simsched.statistics.summarize import Method
from simsched.statistics.theory.candidate import Candidate, is_simple
from simsched.statistics.time_spent import Part
from simsched.statistics.window import Span
from simsched.workload.arrivals import between_arrivals, is_stationary
from simsched.workload.chance import is_certain
from simsched.workload.distributions import Law
from simsched.workload.offered import Station
from simsched.workload.waits import gives_up


@dataclass(frozen=True)
class Contender:
    """One server under the name it has in the comparison, with its scenario."""

    label: str
    scenario: Scenario
    server: Server

    @property
    def name(self) -> str:
        """Its name in its scenario."""
        return self.label.removeprefix(f"{self.scenario.name}/")

    @property
    def cost(self) -> float:
        """What it costs with the services, which it has to itself."""
        return self.server.price + sum(each.price for each in self.scenario.services.values())

    @cached_property
    def load(self) -> Load | None:
        """What is asked of it; None where that has no rate, as in a schedule."""
        return load(self.label, self.scenario, self.server)

    @property
    def is_certain(self) -> bool:
        """Whether nothing that happens to it is left to chance."""
        return is_certain(self.scenario, self.server)

    @property
    def is_steady(self) -> bool:
        """Whether it has a steady state.

        Arrivals without end that it can keep up with, or users who wait for their answers; and
        nothing that happens at a certain time.
        """
        # An event divides a run into before and after.
        if self.scenario.events:
            return False
        streams = by_stream(self.scenario).values()
        if len({one.workload.duration for one in streams}) > 1:
            return False  # some streams end before others
        stable = self.load is None or self.load.stable
        return stable and all(map(_goes_on_alike, streams))

    @property
    def span(self) -> Span:
        """What its throughput is over; see :mod:`simsched.statistics.window`."""
        sources = self.scenario.workload.sources.values()
        if all(one.duration is not None for one in sources):
            return "run"
        return "served" if any(one.open or one.closed for one in sources) else "listed"

    def method(self) -> Method:
        """Return how its figures are drawn from its traces."""
        run = self.scenario.run
        return Method(
            warmup=self._warmup(),
            confidence=run.confidence,
            quantiles=self._quantiles(),
            parts=self._parts(),
            certain=self.is_certain,
            batches=self.is_steady and not self.is_certain,
            unstable=None if self.load is None else self.load.unstable_warning(),
            growth=self._growth(),
            span=self.span,
        )

    def queue(self) -> Queue | None:
        """Return its busiest station for planning a run; None where no formula is near enough.

        That is without a steady state or chance, with bursts, with requests that are more than a
        list of phases or need resources, and where a request may be refused or given up.
        """
        load = self.load
        if load is None or self.is_certain or not (self.is_steady and _waits_its_turn(self)):
            return None
        return _queue(self, load.station) if _is_all_waiting(self.server, load.station) else None

    def objectives(self) -> tuple[Objective, ...]:
        """Return the objectives of its scenario that hold for it."""
        return tuple(
            Objective(title, slo.limit.text, slo.limit, (self.label,), slo.request, slo.stream)
            for title, slo in self.scenario.slo.items()
            if slo.servers is None or self.name in slo.servers
        )

    def _warmup(self) -> warmup.Rule:
        """Return its warm-up; where nothing settles none is looked for."""
        rule = self.scenario.run.warmup
        return "none" if rule == "auto" and not self.is_steady else rule

    def _growth(self) -> Growth:
        """Return what grows on it if it cannot keep up."""
        if self.load is None or self.load.stable:
            return Growth()
        return growth(self.scenario, self.server, self.load)

    def _quantiles(self) -> tuple[float, ...]:
        """Return the quantiles that are asked for anywhere, in rising order."""
        # An objective or a stopping rule may name a quantile that the report does not show.
        asked = {parse_quantile(text) for text in self.scenario.run.quantiles}
        named = [one.quantile for one in self._named() if one.part is None]
        return tuple(sorted(asked.union(one for one in named if one is not None)))

    def _parts(self) -> tuple[Part, ...]:
        """Return the quantiles of parts of time that are asked for."""
        named = [(one.part, one.quantile) for one in self._named()]
        asked = ((part, p) for part, p in named if part is not None and p is not None)
        return tuple(dict.fromkeys(asked))

    def _named(self) -> list[Metric]:
        """Return the metrics that the stopping rule and the objectives name."""
        goals = self.scenario.run.goals
        stopping = [parse_metric(text) for goal in goals for text in goal.metric]
        return stopping + [slo.limit.metric for slo in self.scenario.slo.values()]


def _goes_on_alike(scenario: Scenario) -> bool:
    """Return whether its requests, of a single stream, come in the same way at all times."""
    closed = scenario.workload.closed
    if closed is not None:
        return closed.stages is None and closed.iterations is None
    return is_stationary(scenario)


def contenders_of(scenarios: Sequence[Scenario]) -> list[Contender]:
    """Return every server of *scenarios* under the name that it has in their comparison.

    Raises:
        InputError: two servers would have the same name.
    """
    contenders = [
        Contender(name if len(scenarios) == 1 else f"{scenario.name}/{name}", scenario, server)
        for scenario in scenarios
        for name, server in scenario.servers.items()
    ]
    check_unique((each.label for each in contenders), "servers are called")
    return contenders


def check_unique(names: Iterable[str], things: str) -> None:
    """Check that no two of *names* are alike; *things* says what has them.

    Raises:
        InputError: two are.
    """
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise InputError(f"{count} {things} {name!r}; give each scenario a name of its own")


def _waits_its_turn(contender: Contender) -> bool:
    """Say whether all requests are served that arrive, each after a wait at one kind of station."""
    scenario, server = contender.scenario, contender.server
    opened = scenario.workload.open
    patient = not gives_up(scenario) and not server.turns_away
    alike = is_simple(scenario) and not Candidate(scenario, server).needs_resources
    steady = opened is not None and opened.bursts is None
    limits = (
        *(server.max_in_flight, server.max_requests, server.rate_limit, server.batching),
        scenario.client.connections,
    )
    unlimited = all(each is None for each in limits)
    return patient and alike and steady and unlimited


def _is_all_waiting(server: Server, station: Station) -> bool:
    """Say whether a request that has *station* waits for nothing else meanwhile.

    Workers and threads may be kept while their requests wait for cores or a lock.
    """
    if station.name in {"loops", "locks", "cores"}:
        return True
    return server.per_worker == 1 and (server.cores is None or server.cores >= server.workers)


def _queue(contender: Contender, station: Station) -> Queue:
    """Return *station* for planning a run of *contender*."""
    scenario, server = contender.scenario, contender.server
    between = _between(scenario)
    arrival_scv = between.variance / between.mean**2
    candidate = Candidate(scenario, server)
    together = server.has_one_queue or server.dispatch == "least_busy"
    servers, lines = (station.servers, 1) if together else (1, station.servers)
    if server.dispatch == "round_robin":
        arrival_scv /= server.workers
    if station.name in {"locks", "cores"}:  # shared by turns, as if service were exponential
        return Queue(station.utilisation, arrival_scv, 1.0, servers, lines)
    service = candidate.computing() if station.name == "loops" else candidate.service()
    service_scv = service.variance / service.mean**2
    return Queue(station.utilisation, arrival_scv, service_scv, servers, lines)


def _between(scenario: Scenario) -> Law:
    if scenario.workload.open is None:
        raise NotImplementedError("the times between arrivals of a workload that is not open")
    return between_arrivals(scenario.workload.open)
