"""What distributions and phases come to, as far as reading a scenario asks."""

from __future__ import annotations

from collections.abc import Iterable

from simsched.scenario.model.distributions import Demand, Empirical, Mixture, Shifted
from simsched.scenario.model.requests import (
    ChoosePhase,
    Column,
    CpuPhase,
    HoldPhase,
    IoPhase,
    ParallelPhase,
    Phase,
)
from simsched.scenario.model.times import ObservedTimes, Repetitions, UniformTimes


def is_always_zero(demand: Demand | Column) -> bool:
    """Return whether *demand* is 0 whatever chance decides."""
    if isinstance(demand, Empirical):
        return not any(demand.empirical.values)
    if isinstance(demand, Mixture):
        return all(is_always_zero(component.duration) for component in demand.mixture)
    if isinstance(demand, Shifted):
        return demand.shifted.by == 0 and is_always_zero(demand.shifted.duration)
    return demand == 0


def take_no_time(phases: Iterable[Phase]) -> bool:
    """Return whether a request of *phases* is served at once whatever chance decides."""
    return all(map(_takes_no_time, phases))


def _takes_no_time(phase: Phase) -> bool:
    if isinstance(phase, CpuPhase):
        return is_always_zero(phase.cpu)
    if isinstance(phase, IoPhase):
        return is_always_zero(phase.io)
    if isinstance(phase, ParallelPhase):
        return all(map(take_no_time, phase.parallel))
    if isinstance(phase, HoldPhase):
        return take_no_time(phase.phases)
    if isinstance(phase, ChoosePhase):
        return all(take_no_time(choice.phases) for choice in phase.choose)
    return _never(phase.repeat.times) or take_no_time(phase.repeat.phases)


def _never(times: Repetitions) -> bool:
    if isinstance(times, UniformTimes):
        return times.uniform.high == 0
    return not any(times.values) if isinstance(times, ObservedTimes) else times == 0
