"""The commands on scenario files that simulate nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simsched.cli.loading import load, valid
from simsched.cli.options import Files, Overrides
from simsched.report import output


def validate(files: Files, overrides: Overrides = None) -> None:
    """Check scenario files: report every fault, or the load that each server will meet."""
    from simsched.report import outlook

    for path, scenario in valid(files, overrides, recordings=True):
        output.put(outlook.render(str(path), scenario))


def theory(files: Files, overrides: Overrides = None) -> None:
    """Tell what formulas say of scenarios, without simulating them."""
    from simsched import experiment

    lines = experiment.theory(load(files, overrides)) or ["no formula is known for these scenarios"]
    output.put("".join(f"{line}\n" for line in lines))


def schema(
    *,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Print that of sweep files instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simsched.scenario.dumping import schema_text
    from simsched.scenario.sweep.model import sweep_schema_text

    output.put(sweep_schema_text() if sweep else schema_text())


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "scenario.yaml"
    ),
) -> None:
    """Write a commented scenario to start from, and beside it the schema for editors."""
    import shlex

    from simsched.scenario import dumping

    written = " and ".join(str(path) for path in dumping.write(file))
    output.put(f"Wrote {written}. Now try: simsched run {shlex.quote(str(file))}\n")
