"""Scenarios loaded and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simsched.api.results import Result
    from simsched.scenario import Scenario

    Source = str | PathLike[str] | Mapping[str, object] | Scenario
    """A scenario: its file, its content as a mapping, or the scenario itself."""


def load(scenario: Source, overrides: Sequence[str] = ()) -> Scenario:
    """Return the scenario in a file, or the one that a mapping describes.

    Args:
        scenario: the path of a YAML file; the content of one, as in ``{"name": "lecture", ...}``;
            or a scenario, to change it.
        overrides: changes made before it is validated, as in ``servers.cooperative.workers=2``.

    Raises:
        ScenarioError: the scenario or an override cannot be used; it holds every fault found.
        InputError: *scenario* is none of these.
    """
    from simsched.scenario import load as load_scenario

    return load_scenario(scenario, overrides)


def run(
    *scenarios: Source,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    replications: int | None = None,
) -> Result:
    """Simulate every server of *scenarios* and return their figures, compared.

    Args:
        scenarios: files, mappings as for :func:`load`, or :class:`Scenario` objects; the first
            server of the first is the baseline.
        overrides: changes to all of them, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenarios' own.
        replications: how often to simulate; replaces the scenarios' own.

    Raises:
        ScenarioError: scenarios or overrides cannot be used; it holds every fault of all of them.
        InputError: there is no scenario, two of them have the same name, or an argument is out of
            its bounds.
        RunError: a simulation cannot be done.
    """
    from simsched import experiment
    from simsched.api.results import Result
    from simsched.scenario import load_all

    loaded = load_all(scenarios, overrides)
    return Result.like(experiment.run(experiment.prepare(loaded, seed, replications)))
