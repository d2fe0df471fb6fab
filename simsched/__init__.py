"""simsched: discrete-event simulation of request scheduling.

>>> import simsched
>>> result = simsched.run("scenarios/lecture.yaml")
>>> result.servers["cooperative"].completion_order
(1, 3, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simsched.experiment import Result
    from simsched.scenario import Scenario

__version__ = "0.1.0"

__all__ = ["load", "run"]


def load(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Return the scenario in the file at *path*.

    Args:
        path: a YAML file.
        overrides: changes made before it is checked, as in ``servers.cooperative.workers=2``.

    Raises:
        ScenarioError: the file or an override cannot be used; it holds every fault found.
    """
    from simsched.scenario import load as load_scenario

    return load_scenario(path, overrides)


def run(
    *scenarios: str | Path | Scenario,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    replications: int | None = None,
) -> Result:
    """Simulate every server of *scenarios* and return their figures, compared.

    Args:
        scenarios: files, or what :func:`load` returned; the first server of the first is the
            baseline.
        overrides: changes to the files, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenarios' own.
        replications: how often to simulate, in place of what the scenarios say.

    Raises:
        ScenarioError: a file or an override cannot be used; it holds every fault found.
        InputError: there is no scenario, or two of them cannot be told apart.
        RunError: a simulation cannot be done.
    """
    from simsched import experiment
    from simsched.errors import InputError

    if not scenarios:
        raise InputError("there is nothing to run; name a scenario file")
    loaded = [load(each, overrides) if isinstance(each, str | Path) else each for each in scenarios]
    return experiment.run(experiment.prepare(loaded, seed, replications))
