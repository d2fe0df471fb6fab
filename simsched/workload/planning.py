"""From the phases of the request classes to the plans of their requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, assert_never

import numpy as np

from simsched.scenario.model import requests as written
from simsched.scenario.model.client import Retries
from simsched.scenario.model.request_class import RequestClass
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.workload.arrays import Int64s
from simsched.workload.classes import class_shares, may_fail, recorded_columns
from simsched.workload.distributions import counts, law
from simsched.workload.distributions.laws import Uniform
from simsched.workload.layout import Plan
from simsched.workload.plans import Called, Choice, FanOut, Repetition, Series
from simsched.workload.single_rows import DrawnPerAttempt, Limited, Mark, Recorded, Single
from simsched.workload.steps import Resource, Step, StepKind, Tokens, Tries, Where
from simsched.workload.streams import Streams, probabilities

NETWORK = "network"
"""The label of a call's ways there and back."""

BACKOFF = "backoff"
"""The label of the wait before a call is tried again."""


class Planner:
    """Plans one class after the other, and numbers the steps on the way.

    A phase draws from the streams of its place, so that neither a class nor a phase that is added
    behind it changes what it draws.

    Args:
        resources: what phases may need a slot of.
        services: what phases may call.
        recorded: (n,) the durations in each column of a trace.
    """

    def __init__(
        self,
        resources: Sequence[Resource],
        services: Mapping[str, Server],
        recorded: Mapping[str, Int64s],
    ) -> None:
        self.steps: list[Step] = []
        self._resources = {each.name: each for each in resources}
        self._services = services
        self._recorded = recorded
        self._in_thread = False

    def program(self, request: RequestClass, streams: Streams) -> Plan:
        """Return the plan of a class of requests."""
        if request.where is None:
            return self.series(request.phases, streams)
        self._in_thread = True
        inside = self.series(request.phases, streams)
        self._in_thread = False
        return self._off_loop(request.where, inside)

    def series(self, phases: Sequence[written.Phase], streams: Streams) -> Series:
        """Return the plan of *phases*, one after the other."""
        return Series(tuple(self._plan(each, streams.child(i)) for i, each in enumerate(phases)))

    def _step(
        self,
        kind: StepKind,
        label: str | None,
        resource: str | None = None,
        **others: Any,
    ) -> int:
        position = None if resource is None else list(self._resources).index(resource)
        self.steps.append(Step(kind, label, position, **others))
        return len(self.steps) - 1

    def _handing_on(self, row: Plan, resource: str | None, streams: Streams) -> Plan:
        """Return the plan of a *row* whose slot of *resource* is handed on in the end."""
        # Draws that no rule looks at would only take memory.
        at_random = resource is not None and self._resources[resource].discipline == "random"
        return DrawnPerAttempt(row, "handoff", None, streams) if at_random else row

    def _timed(self, step: int, demand: written.PhaseDemand, streams: Streams) -> Plan:
        if isinstance(demand, written.Column):
            return Recorded(step, self._recorded[demand.column])
        return Single(step, law(demand), streams)

    def _plan(self, phase: written.Phase, streams: Streams) -> Plan:
        planned: Plan
        match phase:
            case written.CpuPhase():
                step = self._step(StepKind.CPU, phase.label, lock_free=phase.lock_free)
                planned = self._off_loop(phase.where, self._timed(step, phase.cpu, streams))
            case written.IoPhase() | written.CallPhase():
                planned = self._away(phase, streams)
            case written.HoldPhase():
                mark = Mark(self._step(StepKind.ACQUIRE, phase.label, phase.hold))
                acquire = self._handing_on(mark, phase.hold, streams)
                held = self.series(phase.phases, streams)
                release = Mark(self._step(StepKind.RELEASE, phase.label, phase.hold))
                planned = Series((acquire, held, release))
            case written.ParallelPhase():
                fork = self._step(StepKind.FORK, phase.label)
                branch = self._step(StepKind.BRANCH, phase.label)
                planned = FanOut(fork, branch, self._several(phase.parallel, streams))
            case written.ChoosePhase():
                chances = probabilities([way.weight for way in phase.choose])
                planned = Choice(chances, self._several(phase.inner, streams), streams)
            case written.RepeatPhase():
                repeated = self.series(phase.repeat.phases, streams)
                planned = Repetition(counts(phase.repeat.times), repeated, streams)
            case written.RespondPhase():
                planned = Mark(self._step(StepKind.RESPOND, None))
            case _:
                assert_never(phase)
        return planned

    def _away(self, phase: written.IoPhase | written.CallPhase, streams: Streams) -> Plan:
        if isinstance(phase, written.CallPhase):
            return self._call(phase, streams)
        return self._off_loop(phase.where, self._io(phase, streams))

    def _off_loop(self, where: Where | None, planned: Plan) -> Plan:
        """Return the plan of what is done in a thread or process, unless all of it is anyway."""
        if where is None or self._in_thread:
            return planned
        fork = self._step(StepKind.FORK, None, where=where)
        branch = self._step(StepKind.BRANCH, None)
        return FanOut(fork, branch, (planned,))

    def _io(self, phase: written.IoPhase, streams: Streams) -> Plan:
        step = self._step(
            StepKind.IO,
            phase.label,
            phase.on,
            blocking=phase.blocking and phase.where is None,
            timeout_ns=None if phase.on is None else phase.timeout,
            goes_on=phase.on_timeout == "continue",
            may_fail=phase.may_fail,
        )
        row = self._handing_on(self._timed(step, phase.io, streams), phase.on, streams)
        if phase.fails:
            row = DrawnPerAttempt(row, "fails", phase.fails, streams)
        if phase.timeout is not None:
            row = Limited(row, phase.timeout, fails=phase.on_timeout == "fail")
        return row

    def _call(self, phase: written.CallPhase, streams: Streams) -> Plan:
        if phase.copies == 1:
            return self._copy(phase, streams)
        budget = None if phase.retries is None else phase.retries.budget
        tries = Tries(
            number=len(self.steps),
            hedge_ns=None if phase.hedge is None else phase.hedge.after,
            ratio=0.0 if budget is None else budget.ratio,
            burst=None if budget is None else budget.burst,
        )
        step = self._calling(StepKind.TRIES, phase, tries=tries)
        return Called(step, Series(tuple(self._tries(phase, streams))), None)

    def _tries(self, phase: written.CallPhase, streams: Streams) -> Iterator[Plan]:
        """Yield all that a call may come to; the first copy draws what it would draw alone."""
        for number in range(phase.tries):
            place = streams.child("again", number) if number else streams
            if number and phase.retries is not None:
                yield self._pause(phase.retries, number - 1, place.child("pause"))
            yield self._copy(phase, place)
            if phase.hedge is not None:
                yield self._copy(phase, place.child("hedge"))

    def _pause(self, retries: Retries, before: int, streams: Streams) -> Plan:
        """Return the plan of the wait before a retry, of which there were so many *before*."""
        longest = retries.longest_waits[before]
        pause = Uniform(longest * retries.least_share, longest)
        return Single(self._step(StepKind.IO, BACKOFF), pause, streams)

    def _calling(self, kind: StepKind, phase: written.CallPhase, **others: Any) -> int:
        return self._step(
            kind,
            phase.label or phase.call,
            blocking=phase.blocking,
            timeout_ns=phase.timeout,
            service=list(self._services).index(phase.call),
            **others,
        )

    def _copy(self, phase: written.CallPhase, streams: Streams) -> Plan:
        call = self._calling(StepKind.CALL, phase)
        way = self._step(StepKind.IO, NETWORK)
        there, back = (
            self._timed(way, phase.network, streams.child(name)) for name in ("there", "back")
        )
        # Where the caller runs says nothing of where the service does its work.
        around, self._in_thread = self._in_thread, False
        within = Series((there, self.series(phase.phases, streams), back))
        self._in_thread = around
        dealt = self._services[phase.call].needs_draws
        return Called(call, within, streams if dealt else None)

    def _several(
        self, lists: Sequence[Sequence[written.Phase]], streams: Streams
    ) -> tuple[Series, ...]:
        return tuple(self.series(each, streams.child(i)) for i, each in enumerate(lists))


def resources_of(scenario: Scenario) -> tuple[Resource, ...]:
    """Return what the requests of *scenario* may need slots of, in its order."""
    return tuple(
        Resource(
            name,
            each.capacity,
            per_worker=each.per == "worker",
            patience_ns=each.acquire_timeout,
            discipline=each.discipline,
            tokens=Tokens.of(each.rate_limit),
        )
        for name, each in scenario.resources.items()
    )


def handoffs(scenario: Scenario) -> int:
    """Return for how many attempts it is drawn who gets a slot that is given back, or a call."""
    at_random = any(each.discipline == "random" for each in scenario.resources.values())
    dealt = any(each.needs_draws for each in scenario.services.values())
    return scenario.client.attempts if at_random or dealt else 0


def failures(scenario: Scenario) -> int:
    """Return for how many attempts it is drawn which steps fail."""
    return scenario.client.attempts if may_fail(scenario) else 0


def plan(
    scenario: Scenario, recorded: Mapping[str, Int64s], streams: Streams
) -> tuple[tuple[Step, ...], list[Plan]]:
    """Return the steps of all classes, and each class's plan in the order of the scenario."""
    planner = Planner(resources_of(scenario), scenario.services, recorded)
    plans: list[Plan] = [
        planner.program(request, streams.child("requests", name))
        for name, request in scenario.requests.items()
    ]
    return tuple(planner.steps), plans


def mean_rows(scenario: Scenario) -> float:
    """Return how many rows the program of a request has on average."""
    columns = chain.from_iterable(recorded_columns(scenario).values())
    # The lengths of programs do not depend on what a trace records, only their durations do.
    nothing = dict.fromkeys(columns, np.empty(0, dtype=np.int64))
    _, plans = plan(scenario, nothing, Streams(0, 0))
    shares = class_shares(scenario).values()
    return sum(share * each.mean_rows for share, each in zip(shares, plans, strict=True))
