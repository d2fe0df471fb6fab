"""The command line: it parses options and calls the package."""

from __future__ import annotations

import contextlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.errors import RunError, ScenarioError, SimschedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from simsched.errors import Fault
    from simsched.experiment import Result
    from simsched.scenario import Scenario

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

app = typer.Typer(
    name="simsched",
    help="Simulate how servers handle requests, and compare them honestly.",
    epilog="Start with: simsched init",
    context_settings={"help_option_names": ["--help", "-h"]},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


class ExportFormat(StrEnum):
    """What ``export`` writes."""

    PERFETTO = "perfetto"
    OTLP = "otlp"
    CSV = "csv"


class PlotlyJs(StrEnum):
    """Where a page takes plotly.js from: itself, plotly's server, or the folder of reports."""

    INLINE = "inline"
    CDN = "cdn"
    DIRECTORY = "directory"


class Format(StrEnum):
    """How ``run`` prints the comparison."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


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
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Scenario files; several make one comparison."),
    ],
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
    plotlyjs: Annotated[
        PlotlyJs, typer.Option(help="Where the page takes its drawing library from.")
    ] = PlotlyJs.INLINE,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the objectives as JUnit XML.")
    ] = None,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 4 where an objective cannot be told.")
    ] = False,
) -> None:
    """Simulate scenarios, compare their servers, and write a report.

    The exit code is 3 where an objective (slo) is missed.
    """
    from simsched import experiment

    scenarios = experiment.prepare(_load(files, overrides or ()), seed, replications)
    try:
        result, folder = _simulate(scenarios, out, plotlyjs)
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _show(result, output_format, folder / "report.html")
    _judge(result, junit, strict=strict)


RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a finished run.", show_default=False)
]


@app.command()
def view(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that runs were written to.")
    ] = Path("reports"),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Listen on this port, not on a free one.")
    ] = None,
    *,
    browser: Annotated[bool, typer.Option(help="Open the index in a browser.")] = True,
) -> None:
    """Show the reports in a browser: an index of runs, and any two side by side."""
    from simsched.report.view import serve

    def announce(address: str) -> None:
        typer.echo(f"{folder} is shown at {address} until you press Ctrl-C")

    with contextlib.suppress(KeyboardInterrupt):
        serve(folder, port, open_browser=browser, announce=announce)


@app.command()
def report(run_folder: RunFolder) -> None:
    """Build the page of a finished run again from its stored files."""
    from simsched.report import html, rundir, stored

    found = stored.read(run_folder)
    page = run_folder / "report.html"
    rundir.replace_file(page, html.render(found.result, found.scenario_texts))
    typer.echo(f"Report: {page}")


@app.command()
def compare(
    first: RunFolder,
    second: RunFolder,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the comparison as a page.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the comparison.")
    ] = Format.TABLE,
) -> None:
    """Hold a finished run against an earlier one."""
    from simsched.report import html, matching, output, rundir, stored

    joined = matching.join(stored.read(first), stored.read(second))
    if page is not None:
        rundir.replace_file(page, html.render(joined.result, joined.scenario_texts, links=()))
    _print(output.render(joined.result, output_format))


@app.command()
def export(
    run_folder: RunFolder,
    output_format: Annotated[
        ExportFormat, typer.Option("--format", help="What to write.", show_default=False)
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; beside the run unless given.")
    ] = None,
) -> None:
    """Write a finished run for other tools: the Perfetto UI, OpenTelemetry, spreadsheets."""
    from simsched.report import export as exports
    from simsched.report import rundir, stored

    kind = exports.FORMATS[output_format.value]
    target = out or run_folder / kind.file_name
    rundir.replace_file(target, kind.render(stored.read(run_folder).result))
    typer.echo(f"Wrote {target}")


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Scenario files.")],
    overrides: Overrides = None,
) -> None:
    """Check scenario files: report every fault, or the load that each server will meet."""
    from simsched.report import outlook

    faults: list[Fault] = []
    for path in files:
        try:
            _print(outlook.render(str(path), _load_one(path, overrides or ())))
        except ScenarioError as error:
            faults += error.faults
    _raise_any(faults)


@app.command()
def theory(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Scenario files.")],
    overrides: Overrides = None,
) -> None:
    """Tell what formulas say of scenarios, without simulating them."""
    from simsched import experiment

    lines = experiment.theory(_load(files, overrides or ()))
    _print("".join(f"{line}\n" for line in lines) or "no formula is known for these scenarios\n")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simsched.scenario.starter import schema_text

    _print(schema_text())


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "scenario.yaml"
    ),
) -> None:
    """Write a commented scenario to start from, and beside it the schema for editors."""
    import shlex

    from simsched.scenario import starter

    written = " and ".join(str(path) for path in starter.write(file))
    _print(f"Wrote {written}. Now try: simsched run {shlex.quote(str(file))}\n")


def main() -> None:
    """Run the command line; what simsched raises on purpose ends it with a message."""
    try:
        app()
    except ScenarioError as error:
        typer.echo(_told(error.faults), err=True)
        sys.exit(error.exit_code)
    except SimschedError as error:
        typer.echo(f"simsched: {error}", err=True)
        sys.exit(error.exit_code)


def _load(files: Sequence[Path], overrides: Sequence[str]) -> list[Scenario]:
    """Return the scenarios in *files*; where some have faults, all of them are raised together."""
    scenarios: list[Scenario] = []
    faults: list[Fault] = []
    for path in files:
        try:
            scenarios.append(_load_one(path, overrides))
        except ScenarioError as error:
            faults += error.faults
    _raise_any(faults)
    return scenarios


def _load_one(path: Path, overrides: Sequence[str]) -> Scenario:
    from simsched import load

    return load(path, overrides)


def _raise_any(faults: Iterable[Fault]) -> None:
    # A fault of an option is found again with every file that the option is applied to.
    if told := tuple(dict.fromkeys(faults)):
        raise ScenarioError(told)


def _told(faults: Sequence[Fault]) -> str:
    """Return *faults* for a terminal: one a line, their place first, and how many there are."""
    if len(faults) == 1:
        return f"simsched: {faults[0]}"
    places = list(dict.fromkeys(fault.file for fault in faults))
    where = places[0] if len(places) == 1 else f"{len(places)} places"
    return "\n".join([*map(str, faults), f"simsched: {len(faults)} faults in {where}"])


def _simulate(scenarios: Sequence[Scenario], out: Path, plotlyjs: str) -> tuple[Result, Path]:
    import simsched
    from simsched import experiment
    from simsched.report import progress, rundir

    rundir.check_writable(out)
    with progress.shown_when_long() as report_progress:
        result = experiment.run(scenarios, report_progress)
    return result, simsched.write(result, out, plotlyjs)


def _show(result: Result, output_format: Format, report: Path) -> None:
    """Print *result*, and where its *report* is; JSON and Markdown have stdout to themselves."""
    from simsched.report import output

    text, where = output.render(result, output_format), f"Report: {report}\n"
    if output_format is not Format.TABLE:
        typer.echo(where, err=True, nl=False)
        where = ""
    try:
        output.put(text + where)
    except RunError as error:
        raise RunError(f"{error}; the report is {report}") from None


def _judge(result: Result, junit: Path | None, *, strict: bool) -> None:
    """Write the objectives to *junit*, and end with what they come to."""
    from simsched.statistics import slo
    from simsched.statistics.junit import to_junit

    if junit is not None:
        try:
            junit.write_text(to_junit(result.name, result.judgements), encoding="utf-8")
        except OSError as error:
            raise RunError(f"{junit}: cannot be written: {error.strerror}") from None
    if code := slo.exit_code(result.judgements, strict):
        raise typer.Exit(code)


def _print(text: str) -> None:
    from simsched.report import output

    output.put(text)
