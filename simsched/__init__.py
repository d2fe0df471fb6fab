"""simsched: discrete-event simulation of request scheduling.

>>> import simsched
>>> result = simsched.run("scenarios/lecture.yaml")
>>> result.servers["cooperative"].completion_order
(1, 3, 2)
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from os import PathLike
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


def load(
    scenario: str | PathLike[str] | Mapping[str, object] | Scenario, overrides: Sequence[str] = ()
) -> Scenario:
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
    *scenarios: str | PathLike[str] | Mapping[str, object] | Scenario,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    replications: int | None = None,
) -> Result:
    """Simulate every server of *scenarios* and return their figures, compared.

    Args:
        scenarios: files, mappings as for :func:`load`, or :class:`Scenario` objects; the first
            server of the first is the baseline.
        overrides: changes to files and mappings, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenarios' own.
        replications: how often to simulate; replaces the scenarios' own.

    Raises:
        ScenarioError: scenarios or overrides cannot be used; it holds every fault of all of them.
        InputError: there is no scenario, two of them have the same name, or an argument is out of
            its bounds.
        RunError: a simulation cannot be done.
    """
    from simsched import experiment
    from simsched.scenario import load_all

    loaded = load_all(scenarios, overrides)
    return experiment.run(experiment.prepare(loaded, seed, replications))


def write(
    result: Result, directory: str | PathLike[str] = "reports", plotlyjs: str = "inline"
) -> Path:
    """Write the report and the tables of *result*, and return the folder that holds them.

    The folder is new: ``<directory>/<scenario>/<time>``. It appears complete or not at all. The
    page contains plotly.js (``inline``), or loads it from plotly's server (``cdn``) or from a file
    in *directory* that all pages share (``directory``).

    Raises:
        InputError: *result* is not a result, or *directory* or *plotlyjs* cannot be used.
        RunError: the disk failed or is full.
    """
    from simsched.report import files

    _check_written(result, directory)
    texts = files.scenario_texts(result.scenarios)
    return files.write_run(result, Path(directory), texts, plotlyjs)


def _check_written(result: object, directory: object) -> None:
    from simsched.experiment import Result
    from simsched.scenario.file.wording import describe

    if not isinstance(result, Result):
        raise InputError(f"what simsched.run returned is needed, not {describe(result)}")
    if not isinstance(directory, str | PathLike):
        raise InputError(f"directory: the path of a folder is needed, not {describe(directory)}")
    try:
        os.lstat(directory)
    except OSError:
        pass  # it may not exist yet
    except ValueError:
        raise InputError(f"directory: {directory!r} is not a possible name of a folder") from None


def __getattr__(name: str) -> Any:
    # Importing these would slow down every start, and few programs name them.
    if name == "Result":
        from simsched.experiment import Result

        return Result
    if name == "Scenario":
        from simsched.scenario import Scenario

        return Scenario
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
