"""What was learned of the services that another calls: they are services of its scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from simsched.calibrate.demands import Demands
from simsched.calibrate.learned import Estimate, Facts
from simsched.calibrate.measured import LEAST_REQUESTS
from simsched.calibrate.programs import Callee, Phase, Remote
from simsched.calibrate.variants import Variants
from simsched.calibrate.visits import Visits
from simsched.statistics.words import spans as words
from simsched.units import SECOND, write_duration
from simsched.workload.arrays import Bools, Int64s

_LEAST_KNOWN = 20


class Learner(Protocol):
    """What learns of the requests at one service."""

    facts: Facts
    variants: Variants
    demands: Demands
    start: Int64s
    remarks: list[str]
    below: Services
    cores: dict[str, str]

    @property
    def overheads(self) -> tuple[float, float, list[Estimate]]:
        """The CPU time before each request and at each return to one, and the estimates."""

    def means(self) -> Iterator[Estimate]:
        """Yield how long the requests of each class compute and call, on average."""

    def program(self, name: str) -> list[Phase]:
        """Return the phases of a class."""


@dataclass(frozen=True, eq=False)
class Services:
    """The services that the requests at one of them call.

    Attributes:
        visits: the requests that call them.
        variants: what these do.
        demands: what their intervals needed.
        need_ns: (intervals,) that without what calls wait for each other.
        learners: what learns of each service, by its name.
    """

    visits: Visits
    variants: Variants
    demands: Demands
    need_ns: Int64s
    learners: Mapping[str, Learner]

    @classmethod
    def of(
        cls,
        visits: Visits,
        variants: Variants,
        demands: Demands,
        need_ns: Int64s,
        learn: Callable[[Visits, Facts, str], Learner],
    ) -> Services:
        """Return what was learned of those that *visits* call, as an event loop a process."""
        learners = {
            name: learn(
                each, Facts({"model": "cooperative", "workers": each.loops}), visits.service
            )
            for name, each in visits.below.items()
            if len(each.visits) >= LEAST_REQUESTS
        }
        return cls(visits, variants, demands, need_ns, learners)

    def remarks(self, *, everything: bool) -> Iterator[str]:
        """Yield what to know of the services; *everything* about those that are not among them."""
        for name, visits in self.visits.below.items():
            if name in self.visits.clocks:
                yield words.clocks(name, self.visits.clocks[name] / SECOND)
            if name not in self.learners:
                yield words.too_few_calls(name, len(visits.visits))
                continue
            yield words.service(name, visits.loops)
            yield from (f"{name}: {each}" for each in self.learners[name].remarks)
        others = [each for each in self.visits.called if each not in self.visits.below]
        if others and everything:
            yield words.called(", ".join(others))

    def callees(self, found: Sequence[Callee]) -> list[Callee]:
        """Return what calls are to, with what the services do for them."""
        callees = list(found)
        for label, (service, kind) in self.visits.serving.items():
            if service in self.learners and len(network := self._network_ns(label)):
                phases = self.learners[service].program(self.visits.labels[kind])
                callees[label] = replace(found[label], remote=Remote(service, phases, network))
        return callees

    def _network_ns(self, label: int) -> Int64s:
        """Return how long calls of a service were under way, each way.

        That is half of what they took longer than the span there, less what the server there
        computes outside it. Those that a loop here or there may have kept waiting say nothing,
        where there are enough others with this label, or to this service.
        """
        service, _ = self.visits.serving[label]
        learner = self.learners[service]
        of_service = [at for at, (name, _) in self.visits.serving.items() if name == service]
        labels, served = self.variants.labels(), self.variants.served_from_ns >= 0
        calls = np.flatnonzero(np.isin(labels, of_service) & served)
        known = calls[self._surely_at_once(calls, learner)]
        rows = known[labels[known] == label]
        if len(rows) < _LEAST_KNOWN:
            rows = known if len(known) >= _LEAST_KNOWN else calls[labels[calls] == label]
        passed = self.need_ns[rows] - self.variants.served_ns[rows] - learner.overheads[0]
        network: Int64s = np.rint(np.maximum(passed, 0) / 2).astype(np.int64)
        return network

    def _surely_at_once(self, calls: Int64s, learner: Learner) -> Bools:
        """Return which *calls* found an idle loop at the service, and when they came back."""
        at = np.searchsorted(learner.start, self.variants.served_from_ns[calls])
        first = np.searchsorted(learner.variants.visit, np.minimum(at, len(learner.start) - 1))
        found: Bools = ~learner.demands.waited[first] & ~self.demands.censored[calls]
        return found

    def estimates(self) -> Iterator[Estimate]:
        """Yield what was estimated of the services, and of the network to them."""
        for name, learner in self.learners.items():
            found = [*learner.means(), *learner.overheads[2], *learner.below.estimates()]
            yield from (replace(each, name=f"{name} {each.name}") for each in found)
        for label, (service, _) in self.visits.serving.items():
            if service in self.learners and len(took := self._network_ns(label)):
                error = float(took.std()) / len(took) ** 0.5
                name = f"network to {self.visits.labels[label]}, each way"
                yield Estimate(name, float(took.mean()), error, words.NETWORK)

    def servers(self) -> dict[str, Any]:
        """Return the services, and those that they call, as a scenario has them."""
        found: dict[str, Any] = {}
        for name, learner in self.learners.items():
            request, switch, _ = learner.overheads
            found[name] = {**learner.facts.server, **overhead_of(request, switch)}
            found |= learner.below.servers()
        return found

    def cores(self) -> Iterator[str]:
        """Yield the resources that stand for what the databases of the services compute on."""
        for learner in self.learners.values():
            yield from (*learner.cores, *learner.below.cores())


def overhead_of(request_ns: float, switch_ns: float) -> dict[str, dict[str, str]]:
    """Return the overheads of a server as a scenario has them; nothing if there are none."""
    given = {"request": round(request_ns, -3), "switch": round(switch_ns, -3)}
    found = {name: write_duration(int(value)) for name, value in given.items() if value}
    return {"overhead": found} if found else {}
