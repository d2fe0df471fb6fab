"""The recordings that a run replays, kept beside it: its folder can be moved, and run again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from simsched.errors import RunError
from simsched.experiment.result import Result
from simsched.scenario import Scenario, dump


def scenario_texts(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Return the resolved *scenarios* in YAML by name, as they stand in the folder of a run."""
    kept = recordings(scenarios)
    return {scenario.name: dump(_with_kept(scenario, kept)) for scenario in scenarios}


def recordings(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Return what each recorded file is called in the folder of a run, by its absolute path."""
    files = dict.fromkeys(
        trace.file for scenario in scenarios if (trace := scenario.workload.trace) is not None
    )
    if len(files) == 1:
        return {file: f"recording{Path(file).suffix}" for file in files}
    return {file: f"recording-{n}{Path(file).suffix}" for n, file in enumerate(files, start=1)}


def copy_recordings(result: Result, folder: Path) -> None:
    """Copy what *result* replayed into *folder*.

    Raises:
        RunError: a recording cannot be read any more.
        OSError: it cannot be written.
    """
    for file, name in recordings(result.scenarios).items():
        try:
            shutil.copyfile(file, folder / name)
        except OSError as error:
            if error.filename != file:
                raise
            raise RunError(f"{file}: cannot be read any more: {error.strerror}") from None


def _with_kept(scenario: Scenario, kept: dict[str, str]) -> Scenario:
    workload = scenario.workload
    if workload.trace is None:
        return scenario
    trace = workload.trace.model_copy(update={"file": kept[workload.trace.file]})
    return scenario.model_copy(update={"workload": workload.model_copy(update={"trace": trace})})
