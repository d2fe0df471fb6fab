"""What one request of a class uses on average: CPU, I/O, resources, and turns on a loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import prod
from types import MappingProxyType
from typing import NamedTuple, assert_never

import numpy as np

from simsched.scenario.model import requests as written
from simsched.scenario.model.counts import mean_times
from simsched.scenario.model.distributions import Demand
from simsched.scenario.model.servers import Server
from simsched.units import SECOND
from simsched.workload.distributions import law
from simsched.workload.steps import Where
from simsched.workload.streams import Streams, probabilities


@dataclass(frozen=True, slots=True)
class Usage:
    """The mean use of one request.

    Attributes:
        cpu_s: computing, in seconds.
        io_s: I/O, in seconds; what of it is blocking counts too.
        blocking_s: blocking I/O, in seconds.
        elapsed_s: what it takes alone until it is answered; of concurrent branches, at least that.
        occupied_s: the same until nothing more is done for it.
        returns: how often it is given a loop again: after I/O that does not block, if there is more
            to do; and for each concurrent branch, and after the last of them.
        held_s: how long it keeps a slot of each resource, in seconds, if it waits for nothing.
        kept_s: how long it keeps a thread or process of a loop's worker, in the same way,
        off_s: and how long it computes there.
        calls: how often it calls each service, directly or from another service,
        served: and what all these calls use there.
    """

    cpu_s: float
    io_s: float
    blocking_s: float
    elapsed_s: float
    occupied_s: float
    returns: float
    held_s: Mapping[str, float]
    calls: Mapping[str, float] = field(default_factory=dict)
    served: Mapping[str, Usage] = field(default_factory=dict)
    kept_s: Mapping[str, float] = field(default_factory=dict)
    off_s: Mapping[str, float] = field(default_factory=dict)

    @staticmethod
    def mean(weighted: Sequence[tuple[float, Usage]]) -> Usage:
        """Return the weighted mean of what several classes use."""

        def of(amounts: Iterable[float]) -> float:
            return sum(weight * each for (weight, _), each in zip(weighted, amounts, strict=True))

        def each_of(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
            names = dict.fromkeys(name for part in parts for name in part)
            return {name: of(part.get(name, 0.0) for part in parts) for name in names}

        uses = [use for _, use in weighted]
        called = dict.fromkeys(name for use in uses for name in use.calls)
        return Usage(
            cpu_s=of(use.cpu_s for use in uses),
            io_s=of(use.io_s for use in uses),
            blocking_s=of(use.blocking_s for use in uses),
            elapsed_s=of(use.elapsed_s for use in uses),
            occupied_s=of(use.occupied_s for use in uses),
            returns=of(use.returns for use in uses),
            held_s=each_of([use.held_s for use in uses]),
            kept_s=each_of([use.kept_s for use in uses]),
            off_s=each_of([use.off_s for use in uses]),
            calls=each_of([use.calls for use in uses]),
            served={
                name: Usage.mean([(p, use.served.get(name, _NOTHING)) for p, use in weighted])
                for name in called
            },
        )


_NOTHING = Usage(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, {})


def usage(
    phases: Sequence[written.Phase],
    server: Server,
    services: Mapping[str, Server] = MappingProxyType({}),
    where: Where | None = None,
) -> Usage:
    """Return what a request with these *phases* uses of *server* and *services*, by exact means.

    A loop has all of it done in *where*, if that is given.

    Where a repetition may be of nothing, the number of returns is not exact.
    """
    tally = _Tally(server, services)
    if where is None or server.keeps:
        tally.run(phases, 1.0)
    else:
        tally.run_off(phases, 1.0, where)
    return tally.usage(tally.answered(phases)[0], tally.elapsed(phases))


@dataclass
class _Tally:
    """Adds up phases, each with how often it is gone through (``times``), in nanoseconds.

    ``waiting`` is how likely it is that the request has come to where the tally is from I/O,
    and ``occupied`` how long calls occupy the service whose tally it is, if they wait for nothing.
    Tallies of one request share what it holds, how often it calls each service, and their tallies.
    """

    server: Server
    services: Mapping[str, Server]
    cpu: float = 0.0
    io: float = 0.0
    blocking: float = 0.0
    returns: float = 0.0
    waiting: float = 0.0
    occupied: float = 0.0
    held: dict[str, float] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)
    served: dict[str, _Tally] = field(default_factory=dict)
    kept: dict[str, float] = field(default_factory=dict)
    off: dict[str, float] = field(default_factory=dict)
    where: Where | None = None

    @property
    def concurrent(self) -> bool:
        """Whether parallel branches run together, or one after another."""
        return self.server.parallel == "concurrent"

    @property
    def late_ns(self) -> int:
        """How late each I/O comes back."""
        return self.server.overhead.io

    def usage(self, answered: float, occupied: float) -> Usage:
        """Return the sums, of a request that is *answered* and *occupied* after so long."""
        within = {
            name: each.own(each.occupied, each.occupied) for name, each in self.served.items()
        }
        return replace(self.own(answered, occupied), calls=self.calls, served=within)

    def own(self, answered: float, occupied: float) -> Usage:
        """Return the sums without those of services."""
        return Usage(
            self.cpu / SECOND,
            self.io / SECOND,
            self.blocking / SECOND,
            answered / SECOND,
            occupied / SECOND,
            self.returns,
            {name: held / SECOND for name, held in self.held.items()},
            kept_s={name: kept / SECOND for name, kept in self.kept.items()},
            off_s={name: off / SECOND for name, off in self.off.items()},
        )

    def run(self, phases: Sequence[written.Phase], times: float) -> None:
        for phase in phases:
            self._visit(phase, times)
            times *= _goes_on(phase)

    def run_off(self, phases: Sequence[written.Phase], times: float, where: Where) -> None:
        """Add up phases that a loop has done in a thread or process."""
        self._return(times)
        self.kept[where] = self.kept.get(where, 0.0) + times * self.elapsed(phases)
        before, self.where = self.where, where
        self.run(phases, times)
        self.where, self.waiting = before, 1.0

    def _hold(self, resource: str | None, duration: float) -> None:
        if resource is not None:
            self.held[resource] = self.held.get(resource, 0.0) + duration

    def _return(self, times: float) -> None:
        self.returns += times * self.waiting
        self.waiting = 0.0

    def _visit(self, phase: written.Phase, times: float) -> None:
        asked = phase.where if isinstance(phase, (written.CpuPhase, written.IoPhase)) else None
        if asked is not None and self.where is None and not self.server.keeps:
            self.run_off([phase], times, asked)
        else:
            self._go_through(phase, times)

    def _go_through(self, phase: written.Phase, times: float) -> None:
        match phase:
            case written.CpuPhase():
                self._compute(times * _mean(phase.cpu), times)
            case written.IoPhase() | written.CallPhase():
                self._wait(phase, times)
            case written.HoldPhase():
                self.run(phase.phases, times)
                self._hold(phase.hold, times * self.elapsed(phase.phases))
            case written.ParallelPhase():
                self._branch(phase, times)
            case written.ChoosePhase():
                self._choose(phase, times)
            case written.RepeatPhase():
                mean = _turns(phase)
                # What comes before the first time differs from what comes before the others.
                self.run(phase.repeat.phases, times * min(mean, 1.0))
                self.run(phase.repeat.phases, times * max(mean - 1.0, 0.0))
            case written.RespondPhase():
                self._return(times)
            case _:
                assert_never(phase)

    def _compute(self, duration: float, times: float) -> None:
        self._return(times)
        self.cpu += duration
        if self.where is not None:
            self.off[self.where] = self.off.get(self.where, 0.0) + duration

    def _wait(self, phase: written.IoPhase | written.CallPhase, times: float) -> None:
        self._return(times)
        duration, late = times * self._away(phase), times * self.late_ns
        self.io += duration + late
        # Blocking I/O keeps the loop, so its end is no return to it.
        keeps = phase.blocking and self.where is None
        self.blocking += duration + late if keeps else 0.0
        self.waiting = 0.0 if keeps or self.where is not None else 1.0
        if isinstance(phase, written.CallPhase):
            self._call(phase, times)
        else:
            # Who waits in line for long may have the slot for less, or not at all.
            self._hold(phase.on, duration if phase.timeout is None else 0.0)

    def _call(self, phase: written.CallPhase, times: float) -> None:
        service = self._serving(phase)
        within = service.elapsed(phase.phases)
        one = self.served.setdefault(phase.call, service)
        one.waiting = 0.0
        one.run(phase.phases, times)
        one.occupied += times * within
        self.calls[phase.call] = self.calls.get(phase.call, 0.0) + times

    def _serving(self, phase: written.CallPhase) -> _Tally:
        """Return the tally of the service that is called, before anything is done there."""
        return _Tally(
            self.services[phase.call],
            self.services,
            held=self.held,
            calls=self.calls,
            served=self.served,
        )

    def _away(self, phase: written.IoPhase | written.CallPhase) -> float:
        """Return how long I/O or a call takes, if it waits for nothing."""
        if isinstance(phase, written.IoPhase):
            return _io(phase).mean
        service = self._serving(phase)
        within = service.server.overhead.request + service.elapsed(phase.phases)
        return 2 * _mean(phase.network) + within

    def _branch(self, phase: written.ParallelPhase, times: float) -> None:
        self._return(times)
        branched = 1.0 if self.concurrent and self.where is None else 0.0
        for branch in phase.parallel:
            # A branch of its own waits for the loop to begin; where branches are parts of one
            # thread of control, only the I/O before one makes it wait.
            self.waiting = branched or self.waiting
            self.run(branch, times)
        self.waiting = branched or self.waiting

    def _choose(self, phase: written.ChoosePhase, times: float) -> None:
        before, after = self.waiting, 0.0
        for p, way in zip(_chances(phase), phase.choose, strict=True):
            # Each choice begins where the request came from, not where the choice before it ended.
            self.waiting = before
            self.run(way.phases, p * times)
            after += p * self.waiting
        self.waiting = after

    def elapsed(self, phases: Sequence[written.Phase]) -> float:
        """Return how long *phases* take alone, in nanoseconds."""
        total, times = 0.0, 1.0
        for phase in phases:
            total += times * self._takes(phase)
            times *= _goes_on(phase)
        return total

    def answered(self, phases: Sequence[written.Phase]) -> tuple[float, float]:
        """Return how long *phases* take until the answer (ns), and the chance of none in them."""
        total, unanswered, times = 0.0, 1.0, 1.0
        for phase in phases:
            takes, none = self._takes(phase), 1.0
            match phase:
                case written.RespondPhase():
                    none = 0.0
                case written.HoldPhase():
                    takes, none = self.answered(phase.phases)
                case written.ChoosePhase():
                    ways = [self.answered(each) for each in phase.inner]
                    mixed = list(zip(_chances(phase), ways, strict=True))
                    takes = sum(p * way[0] for p, way in mixed)
                    none = sum(p * way[1] for p, way in mixed)
                case (
                    written.CpuPhase()
                    | written.IoPhase()
                    | written.CallPhase()
                    | written.ParallelPhase()
                    | written.RepeatPhase()
                ):
                    pass  # no answer is within these
                case _:
                    assert_never(phase)
            total += times * unanswered * takes
            unanswered *= none
            times *= _goes_on(phase)
        return total, unanswered

    def _takes(self, phase: written.Phase) -> float:
        inner = list(map(self.elapsed, phase.inner))
        match phase:
            case written.CpuPhase():
                return _mean(phase.cpu)
            case written.IoPhase() | written.CallPhase():
                return self._away(phase) + self.late_ns
            case written.ParallelPhase():
                return max(inner) if self.concurrent else sum(inner)
            case written.ChoosePhase():
                return sum(p * each for p, each in zip(_chances(phase), inner, strict=True))
            case written.RepeatPhase():
                return _turns(phase) * inner[0]
            case written.HoldPhase() | written.RespondPhase():
                return sum(inner)
            case _:
                assert_never(phase)


def _chances(phase: written.ChoosePhase) -> tuple[float, ...]:
    """Return how likely each way is."""
    return probabilities([way.weight for way in phase.choose])


def _mean(duration: written.PhaseDemand) -> float:
    """Return the mean, in nanoseconds; of a column of a trace nothing is known here."""
    if isinstance(duration, written.Column):
        raise NotImplementedError("the mean of a column of a trace")
    return law(duration).mean


class _Io(NamedTuple):
    """The mean of an I/O phase that waits for no slot, in nanoseconds, and the chance to go on."""

    mean: float
    goes_on: float


def _io(phase: written.IoPhase) -> _Io:
    """Return how long an I/O phase takes on average, and the chance to go on after it."""
    if phase.timeout is None:
        return _Io(_mean(phase.io), 1 - phase.fails)
    if isinstance(phase.io, written.Column):
        raise NotImplementedError("the mean of a column of a trace")
    in_time, takes = _limited(phase.io, phase.timeout)
    given_up = 0.0 if phase.on_timeout == "fail" else 1 - in_time
    return _Io(takes, in_time * (1 - phase.fails) + given_up)


_DRAWS = 100_000
"""From how many draws the mean is estimated of what a timeout cuts."""


@cache
def _limited(duration: Demand, timeout: int) -> tuple[float, float]:
    """Return the chance that *duration* is no longer than *timeout*, and its mean if cut there."""
    one = law(duration)
    draws = one.durations(Streams(0, 0, "timeouts"))(_DRAWS if one.variance else 1)
    return float(np.mean(draws <= timeout)), float(np.minimum(draws, timeout).mean())


def _goes_on(phase: written.Phase) -> float:
    """Return the chance that a request goes on after *phase*, if it waits for no slot."""
    inner = [prod(map(_goes_on, phases)) for phases in phase.inner]
    match phase:
        case written.CpuPhase() | written.RespondPhase():
            return 1.0
        case written.IoPhase():
            return _io(phase).goes_on if phase.may_fail else 1.0
        case written.ChoosePhase():
            return sum(p * each for p, each in zip(_chances(phase), inner, strict=True))
        case written.RepeatPhase():
            return float(inner[0] ** mean_times(phase.repeat.times))
        case written.ParallelPhase() | written.HoldPhase() | written.CallPhase():
            return prod(inner)
        case _:
            assert_never(phase)


def _turns(phase: written.RepeatPhase) -> float:
    """Return how often *phase* is repeated on average, until the request fails."""
    times, again = mean_times(phase.repeat.times), prod(map(_goes_on, phase.repeat.phases))
    return times if again == 1 else (1 - again**times) / (1 - again)
