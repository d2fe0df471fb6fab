"""The commands on scenario files that simulate nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.loading import load, valid
from simsched.cli.options import Files, Overrides
from simsched.report import output

if TYPE_CHECKING:
    from simsched.scenario import Scenario


def validate(files: Files, overrides: Overrides = None) -> None:
    """Check scenario files: report every fault, or the load that each server will meet."""
    for path, scenario in valid(files, overrides, recordings=True):
        output.put("".join(f"{line}\n" for line in _outlook(str(path), scenario)))


def _outlook(file: str, scenario: Scenario) -> Iterator[str]:
    """Yield that a scenario is valid, and for each server the load that it will meet."""
    from simsched.report.text import clean
    from simsched.statistics.stability import load as load_of
    from simsched.statistics.words import servers as words
    from simsched.statistics.words.numbers import counted

    yield words.valid(file, clean(scenario.name))
    width = max(len(clean(name)) for name in scenario.servers)
    for name, server in scenario.servers.items():
        met = load_of("", scenario, server)
        parts = [f"{clean(name):{width}}  {server.model}", counted(server.workers, "worker")]
        if met is not None:  # a schedule has no rate
            excess = words.GROWS if met.limit is None else words.excess(met.limit)
            parts.append(words.offered_load(met.utilisation, "" if met.keeps_up else excess))
        yield f"  {', '.join(parts)}"


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
