"""Scenario files for a command, and their faults for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import simsched
from simsched.errors import Fault, InputError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from simsched.scenario import Scenario


def load(files: Sequence[Path], overrides: Sequence[str] | None) -> list[Scenario]:
    """Return the scenarios in *files*.

    Raises:
        ScenarioError: some cannot be used; it holds every fault of all of them.
    """
    return [scenario for _, scenario in valid(files, overrides)]


def valid(
    files: Sequence[Path], overrides: Sequence[str] | None, *, recordings: bool = False
) -> Iterator[tuple[Path, Scenario]]:
    """Yield the scenarios that can be used, each with its file, and then raise as :func:`load`.

    Only if *recordings* are asked for is every row of them read and checked: they may be long, and
    a run does so anyway.
    """
    from simsched.workload.work import check_work

    faults: list[Fault] = []
    for path in files:
        try:
            scenario = simsched.load(path, overrides or ())
            check_work(scenario)
            if recordings:
                from simsched.workload.recording import check_recording

                check_recording(scenario)
        except ScenarioError as error:
            faults += error.faults
        except InputError as error:
            faults.append(Fault(str(path), str(error)))
        else:
            yield path, scenario
    # A fault of an option is found again with every file that the option is applied to.
    if different := tuple(dict.fromkeys(faults)):
        raise ScenarioError(different)


def told(faults: Sequence[Fault]) -> str:
    """Return *faults* for a terminal: one a line, their place first, and how many there are."""
    if len(faults) == 1:
        return f"simsched: {faults[0]}"
    places = list(dict.fromkeys(fault.file for fault in faults))
    where = places[0] if len(places) == 1 else f"{len(places)} places"
    return "\n".join([*map(str, faults), f"simsched: {len(faults)} faults in {where}"])
