"""A server that takes part in a comparison, and what is known of it before it runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from simsched.scenario.metrics import parse_limit, parse_metric, parse_quantile
from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import CooperativeServer, Server
from simsched.statistics import warmup
from simsched.statistics.run_length import Queue
from simsched.statistics.slo import Objective
from simsched.statistics.stability import Load, busiest
from simsched.statistics.summarize import Method
from simsched.statistics.theory.candidate import Candidate
from simsched.statistics.theory.shape import is_simple
from simsched.workload.chance import is_random
from simsched.workload.offered import offered_load
from simsched.workload.opened import between_arrivals, is_stationary


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

    @cached_property
    def load(self) -> Load | None:
        """What is asked of it; None where that has no rate, as in a schedule."""
        return busiest(self.label, offered_load(self.scenario, self.server))

    @property
    def is_certain(self) -> bool:
        """Whether nothing that happens to it is left to chance."""
        dealt_out = isinstance(self.server, CooperativeServer) and self.server.workers > 1
        return not (dealt_out or is_random(self.scenario))

    @property
    def is_steady(self) -> bool:
        """Whether it has a steady state: arrivals without end that it can keep up with."""
        stable = self.load is None or self.load.stable
        return is_stationary(self.scenario) and stable

    def method(self) -> Method:
        """Return how its figures are drawn from its traces."""
        run = self.scenario.run
        return Method(
            warmup=self._warmup(),
            confidence=run.confidence,
            quantiles=self._quantiles(),
            batches=self.is_steady and not self.is_certain,
            unstable=None if self.load is None else self.load.sentence(),
        )

    def queue(self) -> Queue | None:
        """Return its busiest station for planning a run; None without a steady state or chance."""
        arrivals, load = self.scenario.workload.open, self.load
        if arrivals is None or load is None or not self.is_steady or self.is_certain:
            return None
        if not is_simple(self.scenario):
            return None
        between = between_arrivals(arrivals)
        service = Candidate(self.scenario, self.server, load.station.arrival_rate_per_s).busy()
        return Queue(
            load.utilisation,
            between.variance / between.mean**2,
            service.variance / service.mean**2,
            load.station.servers,
        )

    def objectives(self) -> tuple[Objective, ...]:
        """Return the objectives of its scenario that hold for it."""
        return tuple(
            Objective(title, slo.limit, parse_limit(slo.limit), (self.label,), slo.request)
            for title, slo in self.scenario.slo.items()
            if slo.servers is None or self.name in slo.servers
        )

    def _warmup(self) -> warmup.Rule:
        """Return its warm-up; where nothing settles none is looked for."""
        rule = self.scenario.run.warmup
        return "none" if rule == "auto" and not self.is_steady else rule

    def _quantiles(self) -> tuple[float, ...]:
        """Return the quantiles that are asked for anywhere, in rising order."""
        run = self.scenario.run
        asked = {parse_quantile(text) for text in run.quantiles}
        named = [parse_metric(text) for text in run.until.metric] if run.until else []
        named += [parse_limit(slo.limit).metric for slo in self.scenario.slo.values()]
        return tuple(sorted(asked | {one.quantile for one in named if one.quantile is not None}))
