"""How far may a value go? The question of a capacity, and what cannot be asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simsched.errors import Fault, InputError, ScenarioError
from simsched.experiment.search.parameter import Load, Parameter, find
from simsched.scenario.metrics import Limit, parse_limit
from simsched.scenario.overriding import parse_path
from simsched.scenario.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.slo import is_growing

RELATIVE = 0.02
"""How well a boundary is told unless asked otherwise: half its interval over its value."""

AT_MOST = 200
"""The most replications of one value unless asked otherwise."""

SLO = "limit"
"""What a limit is called that is not in the scenario."""


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
        if (wrong := _unsearchable(parse_limit(slo.limit))) is not None:
            raise InputError(f"{slo.limit}: {wrong}")


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
