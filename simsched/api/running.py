"""Scenarios loaded and run, and results written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from simsched.api.arguments import check_folder
from simsched.errors import InputError

if TYPE_CHECKING:
    from simsched.api.measuring import MeasureResult
    from simsched.api.results import BestResult, CapacityResult, Result, SweepResult
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


def write(
    result: Result | SweepResult | CapacityResult | BestResult | MeasureResult,
    directory: str | PathLike[str] = "reports",
    plotlyjs: str = "inline",
) -> Path:
    """Write the report and the tables of *result*, and return the folder that holds them.

    The folder is new: ``<directory>/<scenario>/<time>``. It appears complete or not at all. The
    page contains plotly.js (``inline``), or loads it from plotly's server (``cdn``) or from a file
    in *directory* that all pages share (``directory``).

    Raises:
        InputError: *result* is not a result, or *directory* or *plotlyjs* cannot be used.
        RunError: the disk failed or is full.
    """
    writer = _writer_of(result)
    check_folder("directory", directory)
    return writer(Path(directory), plotlyjs)


def _writer_of(result: object) -> Callable[[Path, str], Path]:
    """Return what writes *result* to a directory, given the place of plotly.js."""
    from simsched.api.measuring import MeasureResult
    from simsched.api.results import BestResult, CapacityResult, SweepResult
    from simsched.experiment import Result
    from simsched.report import files
    from simsched.scenario.file.wording import describe

    match result:
        case Result():
            texts = files.scenario_texts(result.scenarios)
            return lambda root, plotlyjs: files.write_run(result, root, texts, plotlyjs)
        case MeasureResult():
            return _writer_of(result.measured)
        case SweepResult():
            return lambda root, plotlyjs: files.write_sweep(result, root, plotlyjs)
        case CapacityResult() | BestResult():
            return lambda root, plotlyjs: files.write_findings(result.findings, root, plotlyjs)
        case _:
            raise InputError(
                "a result of run, sweep, capacity, best or measure is needed, not "
                f"{describe(result)}"
            )
