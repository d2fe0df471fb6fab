"""A server of a scenario with what the formulas ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from simsched.scenario.phases import IoPhase, Phase
from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import Server
from simsched.statistics.theory import shape
from simsched.statistics.theory.mg1 import Service
from simsched.units import SECOND
from simsched.workload.mix import class_shares


@dataclass(frozen=True)
class Candidate:
    """A server and requests whose phases are CPU and I/O; see :func:`shape.is_simple`.

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
        return self.server.workers if self.server.dispatch == "random" else 1

    @property
    def shares(self) -> dict[str, float]:
        """The share of each class of which any request arrives."""
        return {name: each for name, each in class_shares(self.scenario).items() if each > 0}

    @property
    def programs(self) -> list[Sequence[Phase]]:
        """The phases of each of those classes."""
        return [self.scenario.requests[name].phases for name in self.shares]

    @property
    def has_io(self) -> bool:
        """Whether any phase is I/O."""
        return any(isinstance(phase, IoPhase) for program in self.programs for phase in program)

    @property
    def has_cpu(self) -> bool:
        """Whether a loop or lock is ever used."""
        overhead = self.server.overhead.request + self.server.overhead.switch
        return bool(overhead) or any(
            not isinstance(phase, IoPhase) for program in self.programs for phase in program
        )

    @property
    def needs_resources(self) -> bool:
        """Whether any I/O needs a slot of a resource."""
        return any(
            isinstance(phase, IoPhase) and phase.on is not None
            for program in self.programs
            for phase in program
        )

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
        laws = [[shape.duration(phase) for phase in program] for program in self.programs]
        return shape.common_exponential(laws)

    def burst_s(self) -> float | None:
        """Return the mean if every CPU burst is one exponential of one mean, else None."""
        if self.server.overhead.request or self.server.overhead.switch:
            return None
        return shape.common_exponential(
            burst for program in self.programs for burst in shape.bursts(program)
        )

    def visits(self) -> float:
        """Return how many CPU bursts a request has on average."""
        return self._mean([float(len(shape.bursts(program))) for program in self.programs])

    def delay_s(self) -> float:
        """Return how long a request's I/O takes on average that needs no resource."""
        return self._mean([_io_s(program, None) for program in self.programs])

    def pools(self) -> list[Pool] | None:
        """Return the resources that are used; None if one's I/O is not of one exponential law."""
        used = {
            phase.on: self.scenario.resources[phase.on].capacity
            for program in self.programs
            for phase in program
            if isinstance(phase, IoPhase) and phase.on is not None
        }
        found = [self._pool(name, capacity) for name, capacity in used.items()]
        pools = [pool for pool in found if pool is not None]
        return pools if len(pools) == len(found) else None

    def _pool(self, name: str, capacity: int) -> Pool | None:
        laws = [
            [shape.duration(phase)]
            for program in self.programs
            for phase in program
            if isinstance(phase, IoPhase) and phase.on == name
        ]
        service_s = shape.common_exponential(laws)
        if service_s is None:
            return None
        demand_s = self._mean([_io_s(program, name) for program in self.programs])
        return Pool(demand_s / service_s, service_s, capacity)

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
        shape.duration(phase).mean / SECOND
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
    moments = [shape.duration(phase).moments() for phase in program]
    return Service(
        sum(moment.mean_s for moment in moments), sum(moment.variance_s2 for moment in moments)
    )
