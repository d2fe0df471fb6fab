"""Adding up what the phases of a request use on average, and how long they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import assert_never

from simsched.scenario.model import requests as written
from simsched.scenario.model.counts import mean_times
from simsched.scenario.model.servers import Server
from simsched.units import SECOND
from simsched.workload.course import (
    Course,
    chances_of,
    course_of_call,
    course_of_io,
    mean_ns,
    mixed,
    reached,
    side_by_side,
    unanswered,
)
from simsched.workload.steps import Where
from simsched.workload.usage import Usage


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
    course = tally.course(phases)
    return tally.usage(course.answered, course.takes)


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
    held: defaultdict[str, float] = field(default_factory=partial(defaultdict, float))
    asks: defaultdict[str, float] = field(default_factory=partial(defaultdict, float))
    calls: defaultdict[str, float] = field(default_factory=partial(defaultdict, float))
    served: dict[str, _Tally] = field(default_factory=dict)
    kept: defaultdict[str, float] = field(default_factory=partial(defaultdict, float))
    off: defaultdict[str, float] = field(default_factory=partial(defaultdict, float))
    where: Where | None = None
    lock_free: float = 0.0

    @property
    def concurrent(self) -> bool:
        """Whether parallel branches run together, or one after another."""
        return self.server.parallel == "concurrent"

    def usage(self, answered: float, occupied: float) -> Usage:
        """Return the sums, of a request that is *answered* and *occupied* after so long."""
        served = {name: one.own(one.occupied, one.occupied) for name, one in self.served.items()}
        return replace(self.own(answered, occupied), calls=self.calls, served=served)

    def own(self, answered: float, occupied: float) -> Usage:
        """Return the sums without those of services."""
        return Usage(
            self.cpu / SECOND,
            self.io / SECOND,
            self.blocking / SECOND,
            answered / SECOND,
            occupied / SECOND,
            self.returns,
            _in_seconds(self.held),
            self.asks,
            _in_seconds(self.kept),
            _in_seconds(self.off),
            self.lock_free / SECOND,
        )

    def run(self, phases: Sequence[written.Phase], times: float) -> None:
        for phase in phases:
            self._visit(phase, times)
            times *= self._course_of(phase).goes_on

    def run_off(self, phases: Sequence[written.Phase], times: float, where: Where) -> None:
        """Add up phases that a loop has done in a thread or process."""
        self._return(times)
        self.kept[where] += times * self.course(phases).takes
        before, self.where = self.where, where
        self.run(phases, times)
        self.where, self.waiting = before, 1.0

    def _hold(self, resource: str | None, duration: float, times: float) -> None:
        if resource is not None:
            self.held[resource] += duration
            self.asks[resource] += times

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
                self._compute(times * mean_ns(phase.cpu), phase.lock_free, times)
            case written.IoPhase() | written.CallPhase():
                self._wait(phase, times)
            case written.HoldPhase():
                self.run(phase.phases, times)
                self._hold(phase.hold, times * self.course(phase.phases).takes, times)
            case written.ParallelPhase():
                self._branch(phase, times)
            case written.ChoosePhase():
                self._choose(phase, times)
            case written.RepeatPhase():
                mean = self._turns(phase)
                # What comes before the first time differs from what comes before the others.
                self.run(phase.repeat.phases, times * min(mean, 1.0))
                self.run(phase.repeat.phases, times * max(mean - 1.0, 0.0))
            case written.RespondPhase():
                self._return(times)
            case _:
                assert_never(phase)

    def _compute(self, duration: float, lock_free: float, times: float) -> None:
        self._return(times)
        self.cpu += duration
        if self.where != "process":
            self.lock_free += lock_free * duration
        if self.where is not None:
            self.off[self.where] += duration

    def _wait(self, phase: written.IoPhase | written.CallPhase, times: float) -> None:
        self._return(times)
        duration, late = times * self._away(phase).takes, times * self.server.overhead.io
        self.io += duration + late
        # Blocking I/O keeps the loop, so its end is no return to it.
        keeps = phase.blocking and self.where is None
        self.blocking += duration + late if keeps else 0.0
        self.waiting = 0.0 if keeps or self.where is not None else 1.0
        if isinstance(phase, written.CallPhase):
            self._call(phase, times)
        else:
            # Who waits in line for long may have the slot for less, or not at all.
            self._hold(phase.on, duration if phase.timeout is None else 0.0, times)

    def _call(self, phase: written.CallPhase, times: float) -> None:
        service = self._serving(phase)
        course = service.course(phase.phases)
        within, times = course.takes, times * sum(reached(phase, course.goes_on))
        one = self.served.setdefault(phase.call, service)
        one.waiting = 0.0
        one.run(phase.phases, times)
        # A call occupies a worker there from its start to its end, whatever it waits for.
        one.occupied += times * within
        self.calls[phase.call] += times

    def _serving(self, phase: written.CallPhase) -> _Tally:
        """Return the tally of the service that is called, before anything is done there."""
        return _Tally(
            self.services[phase.call],
            self.services,
            held=self.held,
            asks=self.asks,
            calls=self.calls,
            served=self.served,
        )

    def _away(self, phase: written.IoPhase | written.CallPhase) -> Course:
        """Return how I/O or a call goes, which comes back without delay."""
        if isinstance(phase, written.IoPhase):
            return course_of_io(phase)
        service = self._serving(phase)
        within = service.course(phase.phases)
        network = 2 * mean_ns(phase.network)
        once = network + (service.server.added_alone + within.takes)
        return course_of_call(phase, unanswered(once, within.goes_on))

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
        for p, way in zip(chances_of(phase), phase.choose, strict=True):
            # Each choice begins where the request came from, not where the choice before it ended.
            self.waiting = before
            self.run(way.phases, p * times)
            after += p * self.waiting
        self.waiting = after

    def course(self, phases: Sequence[written.Phase]) -> Course:
        """Return how *phases* go one after the other."""
        takes, answered, silent, times = 0.0, 0.0, 1.0, 1.0
        for phase in phases:
            one = self._course_of(phase)
            takes += times * one.takes
            answered += times * silent * one.answered
            silent *= one.silent
            times *= one.goes_on
        return Course(takes, answered, silent, times)

    def _course_of(self, phase: written.Phase) -> Course:
        inner = list(map(self.course, phase.inner))
        match phase:
            case written.CpuPhase():
                found = unanswered(mean_ns(phase.cpu))
            case written.IoPhase() | written.CallPhase():
                away = self._away(phase)
                found = unanswered(away.takes + self.server.overhead.io, away.goes_on)
            case written.ParallelPhase():
                found = side_by_side(inner, max if self.concurrent else sum)
            case written.RepeatPhase():
                goes_on = float(inner[0].goes_on ** mean_times(phase.repeat.times))
                found = unanswered(self._turns(phase) * inner[0].takes, goes_on)
            case written.ChoosePhase():
                found = mixed(chances_of(phase), inner)
            case written.HoldPhase():
                found = inner[0]
            case written.RespondPhase():
                found = Course(0.0, 0.0, silent=0.0)
            case _:
                assert_never(phase)
        return found

    def _turns(self, phase: written.RepeatPhase) -> float:
        """Return how often *phase* is repeated on average, until the request fails."""
        times, again = mean_times(phase.repeat.times), self.course(phase.repeat.phases).goes_on
        return times if again == 1 else (1 - again**times) / (1 - again)


def _in_seconds(times_ns: Mapping[str, float]) -> dict[str, float]:
    return {name: each / SECOND for name, each in times_ns.items()}
