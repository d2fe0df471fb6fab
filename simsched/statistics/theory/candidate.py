"""A server of a scenario with what the formulas ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from simsched.scenario.phases import IoPhase, Phase
from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import CooperativeServer, Server
from simsched.statistics.theory import shape
from simsched.statistics.theory.mg1 import Service
from simsched.units import SECOND
from simsched.workload.mix import class_shares


@dataclass(frozen=True)
class Candidate:
    """A server under Poisson arrivals of requests whose phases are CPU and I/O.

    Attributes:
        scenario: the whole.
        server: the server.
        rate: arrivals per second, of the whole server.
    """

    scenario: Scenario
    server: Server
    rate: float

    @property
    def is_fifo(self) -> bool:
        """Whether requests are taken in the order in which they wait."""
        return self.server.discipline == "fifo"

    @property
    def queues(self) -> int:
        """How many queues there are: one for all serial workers, one for each loop."""
        return self.server.workers if isinstance(self.server, CooperativeServer) else 1

    @property
    def queue_rate(self) -> float:
        """Arrivals per second at each queue; dealt out at random they stay Poisson."""
        return self.rate / self.queues

    @property
    def programs(self) -> list[Sequence[Phase]]:
        """The phases of every class of which any request arrives."""
        shares = class_shares(self.scenario)
        requests = self.scenario.requests.items()
        return [request.phases for name, request in requests if shares[name] > 0]

    @property
    def shares(self) -> list[float]:
        """The share of each of those classes."""
        return [share for share in class_shares(self.scenario).values() if share > 0]

    @property
    def has_io(self) -> bool:
        """Whether any phase is I/O."""
        return any(isinstance(phase, IoPhase) for program in self.programs for phase in program)

    @property
    def alternates(self) -> bool:
        """Whether every I/O phase comes out of a CPU phase, so that the loop is visited for it."""
        starts = not any(isinstance(program[0], IoPhase) for program in self.programs)
        return starts and not any(
            isinstance(one, IoPhase) and isinstance(other, IoPhase)
            for program in self.programs
            for one, other in pairwise(program)
        )

    def service(self) -> Service:
        """Return the moments of a whole request: phases add up, and classes mix."""
        return _mixed(self.shares, self.programs, self.server.overhead.request / SECOND)

    def busy(self) -> Service:
        """Return the moments of what a request occupies its worker or loop for, in all."""
        if not isinstance(self.server, CooperativeServer):
            return self.service()
        programs = [[p for p in each if not isinstance(p, IoPhase)] for each in self.programs]
        return _mixed(self.shares, programs, self.server.overhead.request / SECOND)

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
        pairs = zip(self.shares, self.programs, strict=True)
        return sum(share * len(shape.bursts(program)) for share, program in pairs)

    def delay_s(self) -> float:
        """Return how long a request's I/O takes on average."""
        pairs = zip(self.shares, self.programs, strict=True)
        return sum(
            share * shape.duration(phase).mean / SECOND
            for share, program in pairs
            for phase in program
            if isinstance(phase, IoPhase)
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
