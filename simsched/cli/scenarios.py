"""Scenario files: how commands load them, and the commands that simulate nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import simsched
from simsched.cli.options import Files, Overrides
from simsched.errors import Fault, InputError, ScenarioError
from simsched.report import printing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simsched.scenario import Scenario


def load(files: Sequence[Path], overrides: Sequence[str] | None) -> list[Scenario]:
    """Return the scenarios in *files*.

    Raises:
        ScenarioError: some are invalid; it holds all their faults.
    """
    return [scenario for _, scenario in valid(files, overrides)]


def valid(
    files: Sequence[Path], overrides: Sequence[str] | None, *, recordings: bool = False
) -> Iterator[tuple[Path, Scenario]]:
    """Yield the valid scenarios, each with its file, and then raise as :func:`load` does.

    The rows of recordings are checked only on demand: they may be long, and a run checks them
    anyway.
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
    # A fault of an option comes with every file that the option is applied to.
    if different := tuple(dict.fromkeys(faults)):
        raise ScenarioError(different)


def listed(faults: Sequence[Fault]) -> str:
    """Return *faults* for a terminal: one per line, with its place first, and their number."""
    if len(faults) == 1:
        return f"simsched: {faults[0]}"
    places = list(dict.fromkeys(fault.file for fault in faults))
    where = places[0] if len(places) == 1 else f"{len(places)} places"
    return "\n".join([*map(str, faults), f"simsched: {len(faults)} faults in {where}"])


def validate(files: Files, overrides: Overrides = None) -> None:
    """Check scenario files: report every fault, or the load of each server."""
    for path, scenario in valid(files, overrides, recordings=True):
        printing.put("".join(f"{line}\n" for line in _outlook(str(path), scenario)))


def _outlook(file: str, scenario: Scenario) -> Iterator[str]:
    """Yield that a scenario is valid, and for each server the load that it will meet."""
    from simsched.report.text import clean
    from simsched.statistics.stability import load as load_of
    from simsched.statistics.words import servers as words
    from simsched.statistics.words import warnings
    from simsched.statistics.words.numbers import counted

    yield words.valid(file, clean(scenario.name))
    width = max(len(clean(name)) for name in scenario.servers)
    for name, server in scenario.servers.items():
        met = load_of("", scenario, server)
        parts = [f"{clean(name):{width}}  {server.model}", counted(server.workers, "worker")]
        if met is not None:  # a schedule has no rate
            fate = met.excess_fate
            excess = warnings.GROWS if fate is None else warnings.excess(fate)
            parts.append(words.offered_load(met.utilisation, "" if met.keeps_up else excess))
        yield f"  {', '.join(parts)}"


def theory(files: Files, overrides: Overrides = None) -> None:
    """Print what queueing formulas say about scenarios, without simulating them."""
    from simsched import experiment

    lines = experiment.theory(load(files, overrides)) or ["no formula applies to these scenarios"]
    printing.put("".join(f"{line}\n" for line in lines))


def schema(
    *,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Print the schema of sweep files instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simsched.scenario.dumping import schema_text
    from simsched.scenario.sweep.model import sweep_schema_text

    printing.put(sweep_schema_text() if sweep else schema_text())


def init(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="The file to write, scenario.yaml by default, or the folder."
        ),
    ] = None,
    *,
    examples: Annotated[
        bool,
        typer.Option(
            "--examples", help="Write the examples of the documentation, in the folder scenarios."
        ),
    ] = False,
) -> None:
    """Write a commented scenario to start from, and the schema for editors beside it."""
    import shlex

    from simsched.scenario import dumping

    if examples:
        folder = file or Path("scenarios")
        dumping.write_examples(folder)
        written, first = str(folder), folder / "lecture.yaml"
    else:
        first = file or Path("scenario.yaml")
        written = " and ".join(str(path) for path in dumping.write(first))
    printing.put(f"Wrote {written}. Now try: simsched run {shlex.quote(str(first))}\n")
