"""simsched: discrete-event simulation of request scheduling.

>>> import simsched
>>> result = simsched.run("scenarios/lecture.yaml")
>>> result.servers["cooperative"].completion_order
(1, 3, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsched.errors import Fault, InputError, RunError, ScenarioError, SimschedError

if TYPE_CHECKING:
    from simsched.experiment import Result
    from simsched.scenario import Scenario

__version__ = "0.1.0"

__all__ = [
    "Fault",
    "InputError",
    "Result",
    "RunError",
    "Scenario",
    "ScenarioError",
    "SimschedError",
    "load",
    "run",
    "write",
]


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
        scenarios: files, or what :func:`load` returned, or :class:`Scenario` made in Python; the
            first server of the first is the baseline.
        overrides: changes to the files, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenarios' own.
        replications: how often to simulate, in place of what the scenarios say.

    Raises:
        ScenarioError: a file or an override cannot be used; it holds every fault found.
        InputError: there is no scenario, two of them cannot be told apart, or an argument is out of
            its bounds.
        RunError: a simulation cannot be done.
    """
    from simsched import experiment

    if overrides and not all(isinstance(each, str | Path) for each in scenarios):
        raise InputError("overrides change files only; give them to simsched.load, or name a file")
    loaded = [load(each, overrides) if isinstance(each, str | Path) else each for each in scenarios]
    return experiment.run(experiment.prepare(loaded, seed, replications))


def write(result: Result, directory: str | Path = "reports", plotlyjs: str = "inline") -> Path:
    """Write the report and the tables of *result*, and return the folder that holds them.

    The folder is new: ``<directory>/<scenario>/<time>``. It appears whole or not at all. The page
    takes plotly.js from itself (``inline``), from plotly's server (``cdn``) or from a file in
    *directory* that all pages share (``directory``).

    Raises:
        InputError: *directory* cannot be used.
        RunError: the disk failed or is full.
    """
    from simsched.report import recordings, rundir

    texts = recordings.scenario_texts(result.scenarios)
    return rundir.write(result, Path(directory), texts, plotlyjs)


def __getattr__(name: str) -> Any:
    # These would make every start slower, though few programs name them.
    if name == "Result":
        from simsched.experiment import Result

        return Result
    if name == "Scenario":
        from simsched.scenario import Scenario

        return Scenario
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
