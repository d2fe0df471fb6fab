"""What one request of a class uses on average: CPU, I/O, resources, and turns on a loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from simsched.scenario.model import requests as written
from simsched.scenario.model.counts import mean_times
from simsched.units import SECOND
from simsched.workload.classes import walk
from simsched.workload.distributions import counts, law
from simsched.workload.streams import probabilities


@dataclass(frozen=True, slots=True)
class Usage:
    """The mean use of one request.

    Attributes:
        cpu_s: computing, in seconds.
        io_s: I/O, in seconds; what of it is blocking counts too.
        blocking_s: blocking I/O, in seconds.
        elapsed_s: what it takes alone; of concurrent branches, at least that.
        returns: how often it is given a loop again: after I/O that does not block, if there is more
            to do; and for each concurrent branch, and after the last of them.
        held_s: how long it keeps a slot of each resource, in seconds, if it waits for nothing.
    """

    cpu_s: float
    io_s: float
    blocking_s: float
    elapsed_s: float
    returns: float
    held_s: Mapping[str, float]

    @staticmethod
    def mean(weighted: Sequence[tuple[float, Usage]]) -> Usage:
        """Return the weighted mean of what several classes use."""

        def of(amounts: Iterable[float]) -> float:
            return sum(weight * each for (weight, _), each in zip(weighted, amounts, strict=True))

        uses = [use for _, use in weighted]
        names = dict.fromkeys(name for use in uses for name in use.held_s)
        return Usage(
            cpu_s=of(use.cpu_s for use in uses),
            io_s=of(use.io_s for use in uses),
            blocking_s=of(use.blocking_s for use in uses),
            elapsed_s=of(use.elapsed_s for use in uses),
            returns=of(use.returns for use in uses),
            held_s={name: of(use.held_s.get(name, 0.0) for use in uses) for name in names},
        )


def usage(phases: Sequence[written.Phase], *, concurrent: bool, late_ns: int = 0) -> Usage:
    """Return what a request with these *phases* uses, from exact means.

    *concurrent* says whether parallel branches run together or one after another, *late_ns* how
    late each I/O comes back. Where a repetition may be of nothing, the number of returns is not
    exact.
    """
    tally = _Tally(concurrent, late_ns)
    tally.run(phases, 1.0)
    return Usage(
        tally.cpu / SECOND,
        tally.io / SECOND,
        tally.blocking / SECOND,
        tally.elapsed(phases) / SECOND,
        tally.returns,
        {name: held / SECOND for name, held in tally.held.items()},
    )


@dataclass
class _Tally:
    """Adds up phases, each with how often it is gone through (``times``), in nanoseconds.

    ``waiting`` is how likely it is that the request has come to where the tally is from I/O.
    """

    concurrent: bool
    late_ns: int
    cpu: float = 0.0
    io: float = 0.0
    blocking: float = 0.0
    returns: float = 0.0
    waiting: float = 0.0
    held: dict[str, float] = field(default_factory=dict)

    def run(self, phases: Sequence[written.Phase], times: float) -> None:
        for phase in phases:
            self._visit(phase, times)

    def _hold(self, resource: str | None, duration: float) -> None:
        if resource is not None:
            self.held[resource] = self.held.get(resource, 0.0) + duration

    def _return(self, times: float) -> None:
        self.returns += times * self.waiting
        self.waiting = 0.0

    def _visit(self, phase: written.Phase, times: float) -> None:
        match phase:
            case written.CpuPhase():
                self._return(times)
                self.cpu += times * _mean(phase.cpu)
            case written.IoPhase():
                self._wait(phase, times)
            case written.HoldPhase():
                self.run(phase.phases, times)
                self._hold(phase.hold, times * self.elapsed(phase.phases))
            case written.ParallelPhase():
                self._branch(phase, times)
            case written.ChoosePhase():
                self._choose(phase, times)
            case written.RepeatPhase():
                mean = mean_times(phase.repeat.times)
                # What comes before the first time differs from what comes before the others.
                self.run(phase.repeat.phases, times * min(mean, 1.0))
                self.run(phase.repeat.phases, times * max(mean - 1.0, 0.0))
            case _:
                assert_never(phase)

    def _wait(self, phase: written.IoPhase, times: float) -> None:
        self._return(times)
        duration, late = times * _mean(phase.io), times * self.late_ns
        self.io += duration + late
        # Blocking I/O keeps the loop, so its end is no return to it.
        self.blocking += duration + late if phase.blocking else 0.0
        self.waiting = 0.0 if phase.blocking else 1.0
        self._hold(phase.on, duration)

    def _branch(self, phase: written.ParallelPhase, times: float) -> None:
        self._return(times)
        for branch in phase.parallel:
            # A branch of its own waits for the loop to begin; where branches are parts of one
            # thread of control, only the I/O before one makes it wait.
            self.waiting = 1.0 if self.concurrent else self.waiting
            self.run(branch, times)
        self.waiting = 1.0 if self.concurrent else self.waiting

    def _choose(self, phase: written.ChoosePhase, times: float) -> None:
        before, after = self.waiting, 0.0
        for p, way in zip(_chances(phase), phase.choose, strict=True):
            # Each choice begins where the request came from, not where the choice before it ended.
            self.waiting = before
            self.run(way.phases, p * times)
            after += p * self.waiting
        self.waiting = after

    def elapsed(self, phases: Sequence[written.Phase]) -> float:
        """Return how long *phases* take alone."""
        return sum(map(self._alone, phases))

    def _alone(self, phase: written.Phase) -> float:
        inner = list(map(self.elapsed, phase.inner))
        match phase:
            case written.CpuPhase():
                return _mean(phase.cpu)
            case written.IoPhase():
                return _mean(phase.io) + self.late_ns
            case written.ParallelPhase():
                return max(inner) if self.concurrent else sum(inner)
            case written.ChoosePhase():
                return sum(p * each for p, each in zip(_chances(phase), inner, strict=True))
            case written.RepeatPhase():
                return mean_times(phase.repeat.times) * inner[0]
            case written.HoldPhase():
                return inner[0]
            case _:
                assert_never(phase)


def _chances(phase: written.ChoosePhase) -> tuple[float, ...]:
    return probabilities([way.weight for way in phase.choose])


def _mean(duration: written.PhaseDemand) -> float:
    """The mean, in nanoseconds; of a column of a trace nothing is known here."""
    if isinstance(duration, written.Column):
        raise NotImplementedError("the mean of a column of a trace")
    return law(duration).mean


def varies(phases: Sequence[written.Phase]) -> bool:
    """Return whether requests with these *phases* differ in what they need.

    What a column of a trace says is not known here: it does not count.
    """
    return any(_varies(phase) for phase in walk(phases))


def _varies(phase: written.Phase) -> bool:
    match phase:
        case written.CpuPhase() | written.IoPhase():
            duration = phase.demand
            return not isinstance(duration, written.Column) and law(duration).variance > 0
        case written.ChoosePhase():
            return len(phase.choose) > 1
        case written.RepeatPhase():
            return counts(phase.repeat.times).variance > 0
        case written.ParallelPhase() | written.HoldPhase():
            return False
        case _:
            assert_never(phase)
