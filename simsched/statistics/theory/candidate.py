"""What a scenario must look like before a formula is believed of it, and what formulas ask for.

Every test here is on the safe side: a part that carries a setting unknown to it matches no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from simsched.scenario.model.base import Part
from simsched.scenario.model.requests import Column, CpuPhase, IoPhase, Phase
from simsched.scenario.model.resources import Resource
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.scenario.model.users import ClosedUsers
from simsched.statistics.theory.queues import Service
from simsched.units import SECOND
from simsched.workload.classes import class_shares
from simsched.workload.distributions import Law, law
from simsched.workload.distributions.laws import Exponential

_SECTIONS = ("name", "description", "requests", "workload", "servers", "resources", "run", "slo")


def is_plain(part: Part, allowed: Iterable[str]) -> bool:
    """Say whether *part* has every setting but those *allowed* at its default."""
    fields = type(part).model_fields
    return all(
        getattr(part, name) == field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name not in set(allowed)
    )


def poisson_rate(scenario: Scenario) -> float | None:
    """Return the rate per second of Poisson arrivals; None for any others."""
    known = ("open", "mix", "duration", "requests")
    if not is_plain(scenario, _SECTIONS) or not is_plain(scenario.workload, known):
        return None
    arrivals = scenario.workload.open
    if arrivals is None or not is_plain(arrivals, ("rate", "arrivals", "interarrival")):
        return None
    if arrivals.interarrival is not None:
        between = law(arrivals.interarrival)
        return 1e9 / between.mean if isinstance(between, Exponential) else None
    if arrivals.arrivals == "poisson" and isinstance(arrivals.rate, float):
        return arrivals.rate
    return None


def closed_users(scenario: Scenario) -> ClosedUsers | None:
    """Return the users of a closed workload; None for any others."""
    known = ("closed", "mix", "duration", "requests")
    if not is_plain(scenario, _SECTIONS) or not is_plain(scenario.workload, known):
        return None
    closed = scenario.workload.closed
    plain = closed is not None and is_plain(closed, ("users", "think", "ramp_up"))
    return closed if plain else None


def is_simple(scenario: Scenario) -> bool:
    """Say whether every request is a list of CPU and I/O phases and nothing else.

    I/O may need a resource; classes may have priorities, which one discipline alone looks at.
    """
    requests = scenario.requests.values()
    phases = (phase for request in requests for phase in request.phases)
    plain = all(is_plain(request, ("phases", "priority")) for request in requests)
    return plain and all(
        type(phase) in (CpuPhase, IoPhase) and is_plain(phase, ("cpu", "io", "on", "label"))
        for phase in phases
    )


def duration(phase: Phase) -> Law:
    """Return the law of how long a CPU or I/O phase takes.

    Raises:
        TypeError: it is neither, or its duration stands in a file; see :func:`is_simple`.
    """
    if phase.demand is None or isinstance(phase.demand, Column):
        raise TypeError(f"{phase} has no law of its own")
    return law(phase.demand)


def bursts(row: Iterable[Phase]) -> list[list[Law]]:
    """Return the runs of CPU phases between I/O phases; an I/O phase at either end leaves none."""
    return [burst for burst in _split(row) if burst]


def _split(row: Iterable[Phase]) -> Iterator[list[Law]]:
    burst: list[Law] = []
    for phase in row:
        if isinstance(phase, IoPhase):
            yield burst
            burst = []
        else:
            burst.append(duration(phase))
    yield burst


def common_exponential(laws: Iterable[list[Law]]) -> float | None:
    """Return the mean, in seconds, if all are single exponentials of one mean; else None."""
    means = {
        one[0].mean if len(one) == 1 and isinstance(one[0], Exponential) else None for one in laws
    }
    mean = means.pop() if len(means) == 1 else None
    return None if mean is None else mean / 1e9


@dataclass(frozen=True)
class Candidate:
    """A server and requests whose phases are CPU and I/O; see :func:`is_simple`.

    Attributes:
        scenario: the whole.
        server: the server.
    """

    scenario: Scenario
    server: Server

    @property
    def is_fifo(self) -> bool:
        """Whether requests are taken in the order in which they wait."""
        return self.server.discipline == "fifo"

    @property
    def is_blind(self) -> bool:
        """Whether who is next depends neither on service times nor on classes."""
        return self.server.discipline in {"fifo", "lifo"}

    @property
    def queues(self) -> int:
        """How many queues there are: one for all workers, or one for each."""
        return self.server.workers if self.server.deals_by_chance else 1

    @property
    def shares(self) -> dict[str, float]:
        """The share of each class of which any request arrives."""
        return {name: each for name, each in class_shares(self.scenario).items() if each > 0}

    @property
    def programs(self) -> list[Sequence[Phase]]:
        """The phases of each of those classes."""
        return [self.scenario.requests[name].phases for name in self.shares]

    @property
    def io(self) -> list[IoPhase]:
        """The I/O phases of all of them."""
        return [phase for each in self.programs for phase in each if isinstance(phase, IoPhase)]

    @property
    def has_io(self) -> bool:
        """Whether any phase is I/O."""
        return bool(self.io)

    @property
    def has_cpu(self) -> bool:
        """Whether a loop or lock is ever used."""
        overhead = self.server.overhead.request + self.server.overhead.switch
        return bool(overhead) or len(self.io) < sum(map(len, self.programs))

    @property
    def needs_resources(self) -> bool:
        """Whether any I/O needs a slot of a resource."""
        return any(phase.on is not None for phase in self.io)

    @property
    def alternates(self) -> bool:
        """Whether every I/O phase comes out of a CPU phase, so that the loop is visited for it."""
        starts = not any(isinstance(program[0], IoPhase) for program in self.programs)
        return starts and not any(
            isinstance(one, IoPhase) and isinstance(other, IoPhase)
            for program in self.programs
            for one, other in pairwise(program)
        )

    def services(self) -> dict[str, Service]:
        """Return the moments of a whole request of each class, with the server's overhead."""
        overhead_s = self.server.overhead.request / SECOND
        sums = zip(self.shares, map(_sum, self.programs), strict=True)
        return {name: Service(one.mean + overhead_s, one.variance) for name, one in sums}

    def service(self) -> Service:
        """Return the moments of a whole request: phases add up, and classes mix."""
        return self._mixed(self.programs)

    def computing(self) -> Service:
        """Return the moments of what a request computes in all."""
        return self._mixed(
            [[p for p in each if not isinstance(p, IoPhase)] for each in self.programs]
        )

    def exponential_s(self) -> float | None:
        """Return the mean if every request is one exponential phase of one mean, else None."""
        if self.server.overhead.request:
            return None
        laws = [[duration(phase) for phase in program] for program in self.programs]
        return common_exponential(laws)

    def burst_s(self) -> float | None:
        """Return the mean if every CPU burst is one exponential of one mean, else None."""
        if self.server.overhead.request or self.server.overhead.switch:
            return None
        return common_exponential(burst for program in self.programs for burst in bursts(program))

    def visits(self) -> float:
        """Return how many CPU bursts a request has on average."""
        return self._mean([float(len(bursts(program))) for program in self.programs])

    def delay_s(self) -> float:
        """Return how long a request's I/O takes on average that needs no resource."""
        return self._mean([_io_s(program, None) for program in self.programs])

    def pools(self) -> list[Pool] | None:
        """Return the resources that are used; None if a formula does not cover one of them.

        Its I/O has one exponential law, all workers share its slots, and who waits is served.
        """
        used = dict.fromkeys(phase.on for phase in self.io if phase.on is not None)
        found = [self._pool(name, self.scenario.resources[name]) for name in used]
        pools = [pool for pool in found if pool is not None]
        return pools if len(pools) == len(found) else None

    def _pool(self, name: str, resource: Resource) -> Pool | None:
        shared = resource.slots(self.server.workers) == resource.capacity
        if not shared or not is_plain(resource, ("capacity", "per")):
            return None
        service_s = common_exponential([duration(each)] for each in self.io if each.on == name)
        if service_s is None:
            return None
        demand_s = self._mean([_io_s(program, name) for program in self.programs])
        return Pool(demand_s / service_s, service_s, resource.capacity)

    def _mean(self, values: Sequence[float]) -> float:
        return sum(share * v for share, v in zip(self.shares.values(), values, strict=True))

    def _mixed(self, programs: Sequence[Sequence[Phase]]) -> Service:
        shares = list(self.shares.values())
        return _mixed(shares, programs, self.server.overhead.request / SECOND)


@dataclass(frozen=True, slots=True)
class Pool:
    """A resource: the mean number of times that a request uses it, for how long, and its slots."""

    visits: float
    service_s: float
    capacity: int

    @property
    def demand_s(self) -> float:
        """How long a request keeps a slot, in all."""
        return self.visits * self.service_s


def _io_s(program: Sequence[Phase], resource: str | None) -> float:
    return sum(
        duration(phase).mean / SECOND
        for phase in program
        if isinstance(phase, IoPhase) and phase.on == resource
    )


def _mixed(
    shares: Sequence[float], programs: Sequence[Sequence[Phase]], overhead_s: float
) -> Service:
    """Return the moments of a request that is one of *programs* with the chance of its share."""
    classes = list(zip(shares, (_sum(each) for each in programs), strict=True))
    mean = sum(share * one.mean for share, one in classes)
    within = sum(share * one.variance for share, one in classes)
    between = sum(share * (one.mean - mean) ** 2 for share, one in classes)
    return Service(mean + overhead_s, within + between)


def _sum(program: Sequence[Phase]) -> Service:
    moments = [duration(phase).moments() for phase in program]
    return Service(
        sum(moment.mean_s for moment in moments), sum(moment.variance_s2 for moment in moments)
    )
