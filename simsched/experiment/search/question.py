"""How far may a value go? The question of a capacity, and what cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsched.errors import InputError
from simsched.experiment.search.parameter import Load, Parameter, find
from simsched.scenario.file.overriding import parse_path
from simsched.scenario.loading import with_objectives
from simsched.scenario.model.objectives import Limit, named
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.slo import is_growing

RELATIVE = 0.02
"""How well a boundary is told unless asked otherwise: half its interval over its value."""

AT_MOST = 200
"""The most replications of one value unless asked otherwise."""


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
    limits: Sequence[str] = (),
    path: str | None = None,
    relative: float = RELATIVE,
    at_most: int = AT_MOST,
) -> Question:
    """Return the question how far the value at *path* may go.

    Args:
        load: makes the scenario, with overrides on top of its own.
        limits: what is to be met all together, as in ``response_time.p99 < 500ms``; none are the
            scenario's slo.
        path: what is varied; None is the load: the rate of arrival, or the number of users.
        relative: half the interval over the value that is wanted, in (0, 1).
        at_most: the most replications of one value.

    Raises:
        InputError: there is no limit, none that a run can tell, or nothing to vary.
    """
    given = _limited(load, limits) if limits else load
    scenario = given(())
    parameter = find(given, path)
    servers = tuple(_asked(scenario, path))
    _check_limits(scenario, servers)
    return Question(given, parameter, servers, relative, at_most)


def _limited(load: Load, limits: Sequence[str]) -> Load:
    """Return what makes the scenario with *limits* in the place of its own.

    Raises:
        ScenarioError: some are no limits.
    """
    slo = named(limits)
    return lambda overrides: with_objectives(load(overrides), slo)


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
        if (wrong := _unsearchable(slo.limit)) is not None:
            raise InputError(f"{slo.limit.text}: {wrong}")


def _unsearchable(limit: Limit) -> str | None:
    """Return why nothing can be searched for that meets *limit*; None where something can."""
    name, is_upper = limit.metric.name, limit.operator in {"<", "<="}
    if name.endswith(".max"):
        return (
            "a maximum grows with the length of a run, so no run tells it; "
            "limit a quantile, such as response_time.p99.9"
        )
    if not is_growing(limit.metric):
        return None
    if not is_upper:
        return "this is met by being slow, and all the more the higher the load; write it with <"
    return "nothing takes no time, so nothing meets this" if limit.value <= 0 else None
