"""Results written to a folder, as the commands write them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from simsched.api.arguments import check_folder
from simsched.errors import InputError

if TYPE_CHECKING:
    from simsched.api.measuring import MeasureResult
    from simsched.api.results import BestResult, CapacityResult, Result, SweepResult


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
    from simsched.report import contents, files
    from simsched.scenario.file.wording import describe

    match result:
        case Result():
            texts = contents.scenario_texts(result.scenarios)
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
