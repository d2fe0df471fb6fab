"""How far may a value go? What ``capacity`` is asked, what cannot be asked, and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simsched.errors import InputError
from simsched.experiment.search.parameter import MakeScenario, Parameter, find
from simsched.experiment.search.trial import Side, Trial
from simsched.scenario.file.overriding import parse_path
from simsched.scenario.loading import with_objectives
from simsched.scenario.model.objectives import Limit, named
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective, is_growing

RELATIVE = 0.02
"""The half width of the interval over the value, unless another precision is asked for."""

AT_MOST = 200
"""The most replications of one value unless asked otherwise."""

Status = Literal["found", "open", "never", "always", "interrupted"]
"""
found           the boundary is known as precisely as was asked
open            it is not, and no more replications were allowed
never           no value that was tried keeps the limits
always          every value that was tried keeps them
interrupted     the search was interrupted
"""


@dataclass(frozen=True)
class Question:
    """What is asked about a scenario.

    Attributes:
        load: makes the scenario, with overrides.
        parameter: what is varied.
        servers: the servers that it is asked about.
        relative: the half width of the interval over the value that is wanted.
        at_most: the most replications of one value.
    """

    load: MakeScenario
    parameter: Parameter
    servers: tuple[str, ...]
    relative: float = RELATIVE
    at_most: int = AT_MOST

    @property
    def scenario(self) -> Scenario:
        """The scenario as it is in the file."""
        return self.load(())


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one server.

    Attributes:
        server: its name.
        parameter: what was varied.
        objectives: the limits.
        confidence: the level of the interval.
        relative: the half width of the interval over the value that was asked for.
        status: what kind of answer this is.
        boundary: the last value that keeps the limits, or the first one if they are kept above it,
            with its interval.
        kept: on which side of it they are kept; None where that is not known.
        highest: the rate from which the server cannot keep up, where a rate was searched for,
        saturates: and what is then busy all the time, where requests need more than the server.
        trials: every value that was tried, in rising order.
        reason: why the answer is open, where more replications would not help.
    """

    server: str
    parameter: Parameter
    objectives: tuple[Objective, ...]
    confidence: float
    relative: float
    status: Status
    boundary: Estimate
    kept: Side | None
    highest: float | None
    trials: tuple[Trial, ...]
    reason: str | None = None
    saturates: str | None = None

    @property
    def limits(self) -> str:
        """The limits as the scenario has them, such as ``response_time.p99 < 500ms``."""
        return " and ".join(each.text for each in self.objectives)

    @property
    def replications(self) -> int:
        """The most replications of any value."""
        return max((trial.replications for trial in self.trials), default=0)

    @property
    def requests(self) -> int:
        """How many requests were simulated in all."""
        return sum(trial.requests for trial in self.trials)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of the runs nearest to the boundary."""
        if self.boundary.value is None:
            return ()
        near = sorted(self.trials, key=lambda t: abs(t.value - (self.boundary.value or 0.0)))
        return next((trial.warnings for trial in near if trial.replications), ())


def ask(
    load: MakeScenario,
    limits: Sequence[str] = (),
    path: str | None = None,
    relative: float = RELATIVE,
    at_most: int = AT_MOST,
) -> Question:
    """Return the question how far the value at *path* may go.

    Args:
        load: makes the scenario, with overrides on top of its own.
        limits: what to keep, all together, as in ``response_time.p99 < 500ms``; if there are none,
            the scenario's slo.
        path: what is varied; None is the load: the arrival rate, or the number of users.
        relative: the half width of the interval over the value that is wanted, in (0, 1).
        at_most: the most replications of one value.

    Raises:
        InputError: there is no limit, none that a simulation can decide, or nothing to vary.
    """
    # Limits are parsed once here; every value that is tried later gets them as they are.
    given = _limited(load, limits) if limits else load
    scenario = given(())
    parameter = find(given, path)
    servers = tuple(_servers(scenario, path))
    _check_limits(scenario, servers)
    return Question(given, parameter, servers, relative, at_most)


def _limited(load: MakeScenario, limits: Sequence[str]) -> MakeScenario:
    """Return what makes the scenario with *limits* in place of its own.

    Raises:
        ScenarioError: some are no limits.
    """
    slo = named(limits)
    return lambda overrides: with_objectives(load(overrides), slo)


def _servers(scenario: Scenario, path: str | None) -> Iterator[str]:
    """Yield the servers that have a limit, and that the value at *path* may affect."""
    steps = parse_path(path) if path is not None else ()
    own = steps[1] if len(steps) > 1 and steps[0] == "servers" else None
    for name, server in scenario.servers.items():
        if own in (None, name) and Contender(name, scenario, server).objectives():
            yield name


def _check_limits(scenario: Scenario, servers: Sequence[str]) -> None:
    if not servers:
        raise InputError(
            f"{scenario.name}: there is no limit to keep; write one under slo, or give "
            "--slo 'response_time.p99 < 500ms'"
        )
    for slo in scenario.slo.values():
        if (wrong := _unsearchable(slo.limit)) is not None:
            raise InputError(f"{slo.limit.text}: {wrong}")


def _unsearchable(limit: Limit) -> str | None:
    """Return why no value can be searched for that keeps *limit*; None where one can."""
    name, is_upper = limit.metric.name, limit.operator in {"<", "<="}
    if name.endswith(".max"):
        return (
            "a maximum grows with the length of the run, so no run can decide this; "
            "limit a quantile, such as response_time.p99.9"
        )
    if not is_growing(limit.metric):
        return None
    if not is_upper:
        return "slow servers keep this, and the more load the better; write it with <"
    return "every response takes some time, so nothing keeps this" if limit.value <= 0 else None
