"""How much a server carries: the largest load, or any other value, that meets its limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from simsched.errors import Fault, InputError, ScenarioError
from simsched.experiment.search.answer import Answer, Side, Status, known_so_far
from simsched.experiment.search.boundary import Boundary, Found
from simsched.experiment.search.bracket import UntoldError, bracket, told
from simsched.experiment.search.laboratory import Laboratory, Simulate, Watch, one_by_one
from simsched.experiment.search.parameter import RATE, Load, Parameter, find
from simsched.experiment.search.trial import Trial
from simsched.experiment.search.variation import Variation
from simsched.scenario.metrics import parse_limit
from simsched.scenario.overriding import parse_path
from simsched.scenario.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate

RELATIVE = 0.02
"""How well a boundary is told unless asked otherwise: half its interval over its value."""

AT_MOST = 200
"""The most replications of one value unless asked otherwise."""

SLO = "limit"
"""What a limit is called that is not in the scenario."""

_WIDENINGS = 8


@dataclass(frozen=True)
class Question:
    """What is asked of a scenario.

    Attributes:
        load: makes the scenario, with overrides.
        parameter: what is varied.
        servers: the servers that are asked about.
        relative: half the interval over the value that is wanted.
        at_most: the most replications of one value.
    """

    load: Load
    parameter: Parameter
    servers: tuple[str, ...]
    relative: float = RELATIVE
    at_most: int = AT_MOST

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands."""
        return self.load(())


def ask(
    load: Load,
    limit: str | None = None,
    path: str | None = None,
    relative: float = RELATIVE,
    at_most: int = AT_MOST,
) -> Question:
    """Return the question how far the value at *path* may go.

    Args:
        load: makes the scenario, with overrides on top of its own.
        limit: what is to be met, as in ``response_time.p99 < 500ms``; None is the scenario's slo.
        path: what is varied; None is the load: the rate of arrival, or the number of users.
        relative: half the interval over the value that is wanted, in (0, 1).
        at_most: the most replications of one value.

    Raises:
        InputError: there is no limit, none that a run can tell, or nothing to vary.
    """
    given = load if limit is None else _limited(load, limit)
    scenario = given(())
    parameter = find(given, path)
    servers = tuple(_asked(scenario, path))
    _check_limits(scenario, servers)
    return Question(given, parameter, servers, relative, at_most)


def _limited(load: Load, limit: str) -> Load:
    """Return what makes the scenario with *limit* in the place of its own.

    Raises:
        ScenarioError: it is no limit.
    """
    try:
        parse_limit(limit)
    except ValueError as error:
        raise ScenarioError((Fault("--slo", str(error)),)) from None
    option = f"slo={{{SLO}: {json.dumps(limit, ensure_ascii=False)}}}"

    def limited(overrides: Sequence[str]) -> Scenario:
        try:
            return load((option, *overrides))
        except ScenarioError as error:
            raise ScenarioError(tuple(map(_of_option, error.faults))) from None

    return limited


def _of_option(fault: Fault) -> Fault:
    """Return *fault* as one of ``--slo``, if it is."""
    return replace(fault, file="--slo", path="") if fault.file.startswith("--set slo=") else fault


def _asked(scenario: Scenario, path: str | None) -> Iterator[str]:
    """Yield the servers that have a limit, and that the value at *path* has to do with."""
    steps = parse_path(path) if path is not None else ()
    own = steps[1] if len(steps) > 1 and steps[0] == "servers" else None
    for name, server in scenario.servers.items():
        if own in (None, name) and Contender(name, scenario, server).objectives():
            yield name


def _check_limits(scenario: Scenario, servers: Sequence[str]) -> None:
    if not servers:
        raise InputError(
            f"{scenario.name}: there is no limit to meet; write one under slo, or give "
            "--slo 'response_time.p99 < 500ms'"
        )
    for slo in scenario.slo.values():
        if parse_limit(slo.limit).metric.name.endswith(".max"):
            raise InputError(
                f"{slo.limit}: a maximum grows with the length of a run, so no run tells it; "
                "limit a quantile, such as response_time.p99.9"
            )


def capacities(
    question: Question, simulate: Simulate = one_by_one, watch: Watch = lambda _: None
) -> Iterator[Answer]:
    """Yield the answer of each server as it is found.

    Args:
        question: what is asked.
        simulate: how replications are simulated.
        watch: told of every replication.

    A KeyboardInterrupt ends the search: the server it came upon is answered as far as it got, and
    those after it not at all.

    Raises:
        RunError: a simulation cannot be done.
    """
    for server in question.servers:
        search = _Search(question, server, simulate, watch)
        answer = search.answer()
        yield answer
        if answer.status == "interrupted":
            return


class _Search:
    """The search for one server's answer."""

    def __init__(self, question: Question, server: str, simulate: Simulate, watch: Watch) -> None:
        self._question = question
        self._server = server
        variation = Variation(question.load, question.parameter, server)
        self._laboratory = Laboratory(variation, simulate, watch)
        scenario = question.scenario
        self._contender = Contender(server, scenario, scenario.servers[server])
        self._highest = _highest(question.parameter, self._contender)

    def answer(self) -> Answer:
        """Return what was found, however the search ended."""
        try:
            return self._found()
        except UntoldError as error:
            where = self._question.parameter.show(error.trial.value)
            return self._so_far("open", f"at {where}: {error.trial.reason}")
        except KeyboardInterrupt:
            return self._so_far("interrupted", None)

    def _found(self) -> Answer:
        probe, question = self._laboratory.probe, self._question
        begun = bracket(
            probe, question.parameter, self._highest, more_is_worse=self._is_worse_with_more()
        )
        if isinstance(begun, Trial):
            return self._alike(begun)
        boundary = Boundary(
            probe, question.parameter, question.relative, question.at_most, self._highest
        )
        found = boundary.find(begun)
        side: Side = "below" if found.bracket.direction == 1 else "above"
        if not found.is_told and question.parameter.kind == "count":
            return self._widened(found, side)
        told_ = found.crossing
        status: Status = "told" if found.is_told else "open"
        return self._answer(status, Estimate(told_.value, told_.low, told_.high), side)

    def _is_worse_with_more(self) -> bool:
        """Return whether the limits bound what can only grow with the load."""
        upper = all(each.limit.operator in {"<", "<="} for each in self._contender.objectives())
        return self._question.parameter.is_load and upper

    def _alike(self, outermost: Trial) -> Answer:
        """Return the answer where every value that was tried is like *outermost*."""
        found, replications = outermost, outermost.replications
        while found.verdict == "open" and replications < self._question.at_most:
            replications = min(2 * replications, self._question.at_most)
            found = told(self._laboratory.probe(found.value, replications)) or found
        if found.verdict == "open":
            return self._so_far("open", None)
        return self._answer("always" if found.verdict == "kept" else "never", Estimate(None), None)

    def _widened(self, found: Found, side: Side) -> Answer:
        """Return the answer where whole numbers are not told apart.

        A line through two neighbours says little of those beyond: they are tried.
        """
        kept, missed = found.bracket.kept, found.bracket.missed
        self._widen(kept, -found.bracket.direction, "kept")
        self._widen(missed, found.bracket.direction, "missed")
        ends, _ = known_so_far([*self._laboratory.trials.values()])
        low, high = ends.low, ends.high
        if side == "below" and high is not None:
            high -= 1
        if side == "above" and low is not None:
            low += 1
        return self._answer("open", Estimate(found.crossing.value, low, high), side)

    def _widen(self, begin: Trial, step: int, verdict: str) -> None:
        """Try whole numbers from *begin* on until one has that *verdict*."""
        trial, value = begin, begin.value
        for n in range(_WIDENINGS):
            if trial.verdict == verdict:
                return
            value += step * 2**n
            found = told(self._laboratory.probe(value, begin.replications)) if value > 0 else None
            if found is None:
                return
            trial = found

    def _so_far(self, status: Status, reason: str | None) -> Answer:
        ends, side = known_so_far([*self._laboratory.trials.values()])
        return self._answer(status, ends, side, reason)

    def _answer(
        self, status: Status, boundary: Estimate, side: Side | None, reason: str | None = None
    ) -> Answer:
        trials = sorted(self._laboratory.trials.values(), key=lambda trial: trial.value)
        return Answer(
            server=self._server,
            parameter=self._question.parameter,
            objectives=self._contender.objectives(),
            confidence=self._contender.scenario.run.confidence,
            relative=self._question.relative,
            status=status,
            boundary=boundary,
            kept=side,
            highest=self._highest,
            trials=tuple(trials),
            reason=reason,
        )


def _highest(parameter: Parameter, contender: Contender) -> float | None:
    """Return the rate from which the server cannot keep up, where a rate is searched for."""
    load = contender.load
    if parameter.path != RATE or load is None or load.limit is not None:
        return None
    return load.highest_rate_per_s


Progress = Callable[[int, int], None]
"""Told how many replications are done, and how many are known to be needed."""


def watching(progress: Progress) -> Watch:
    """Return what tells *progress* of the replications of a search."""
    counts = {"done": 0, "total": 0}

    def watch(planned: int) -> None:
        counts["total" if planned else "done"] += planned or 1
        progress(counts["done"], counts["total"])

    return watch
