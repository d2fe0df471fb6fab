"""The command line: it parses options and calls the package."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.errors import InputError, SimschedError

if TYPE_CHECKING:
    from simsched.experiment import Result
    from simsched.scenario import Scenario

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

app = typer.Typer(
    name="simsched",
    help="Simulate how servers handle requests, and compare them honestly.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


class Format(StrEnum):
    """How ``run`` prints the comparison."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Scenario files; several make one comparison."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override any value, as in servers.cooperative.workers=2; may be repeated.",
    ),
]


@app.callback(invoke_without_command=True)
def _simsched(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from simsched import __version__

        typer.echo(f"simsched {__version__}")
        raise typer.Exit


@app.command()
def run(
    files: Files,
    overrides: Overrides = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, help="Replace the scenario's seed.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="How often to repeat the simulation.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the run's folder.")
    ] = Path("reports"),
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the comparison.")
    ] = Format.TABLE,
) -> None:
    """Simulate scenarios, compare their servers, and write a report."""
    from simsched import experiment
    from simsched.report import progress, rundir
    from simsched.scenario import dump

    scenarios = experiment.prepare(_load(files, overrides), seed, replications)
    rundir.check_writable(out)
    try:
        with progress.shown_when_long() as report_progress:
            result = experiment.run(scenarios, report_progress)
        folder = rundir.write(result, out, {each.name: dump(each) for each in scenarios})
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(_render(result, output_format), nl=False)
    typer.echo(f"Report: {folder / 'report.html'}", err=output_format is not Format.TABLE)


@app.command()
def validate(files: Files, overrides: Overrides = None) -> None:
    """Check scenario files, and report every fault in them."""
    for path, scenario in zip(files, _load(files, overrides), strict=True):
        servers = ", ".join(scenario.servers)
        typer.echo(f"{path}: scenario {scenario.name!r} is valid; servers: {servers}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from simsched.scenario import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("scenario.yaml"),
) -> None:
    """Write a commented scenario to start from."""
    from simsched.scenario import STARTER

    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(STARTER)
    except FileExistsError:
        raise InputError(f"{file}: already exists; name another file") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}") from None
    typer.echo(f"Wrote {file}. Run it: simsched run {file}")


def main() -> None:
    """Run the command line; what simsched raises on purpose ends it with a message."""
    try:
        app()
    except SimschedError as error:
        typer.echo(f"simsched: {error}", err=True)
        sys.exit(error.exit_code)


def _load(files: list[Path], overrides: list[str] | None) -> list[Scenario]:
    from simsched.errors import ScenarioError
    from simsched.scenario import load

    scenarios, faults = [], []
    for path in files:
        try:
            scenarios.append(load(path, overrides or ()))
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(tuple(faults))
    return scenarios


def _render(result: Result, output_format: Format) -> str:
    if output_format is Format.JSON:
        from simsched.report import summary

        return summary.to_json(result)
    if output_format is Format.MARKDOWN:
        from simsched.report import markdown

        return markdown.render(result)
    import os
    import shutil

    from simsched.report import terminal

    return terminal.render(
        result,
        width=shutil.get_terminal_size().columns,
        color=sys.stdout.isatty() and "NO_COLOR" not in os.environ,
        encoding=sys.stdout.encoding,
    )
