"""The commands for finished runs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli import objectives
from simsched.cli.options import (
    EarlierRun,
    ExportFormat,
    Format,
    LaterRun,
    Library,
    Overrides,
    PlotlyJs,
    RunFolder,
)
from simsched.errors import InputError
from simsched.report import printing

if TYPE_CHECKING:
    from simsched.statistics.slo import Objective


def view(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the reports.")
    ] = Path("reports"),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port; any free one by default.")
    ] = None,
    *,
    browser: Annotated[bool, typer.Option(help="Open the index in a browser.")] = True,
) -> None:
    """Show the reports in a browser: an index of runs, and any two side by side."""
    from simsched.report.view import serve

    def announce(address: str) -> None:
        printing.put(f"Showing {folder} at {address}\nPress Ctrl-C to stop.\n")

    with contextlib.suppress(KeyboardInterrupt):
        serve(folder, port, open_browser=browser, announce=announce)


def play(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    overrides: Overrides = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder that reports are written in.")
    ] = Path("reports"),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port; any free one by default.")
    ] = None,
    *,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Play with a scenario in a browser: move a value, and watch its servers answer."""
    from simsched.report.play.source import Source
    from simsched.report.view import serve

    scenario = Source.of(file, overrides or ())
    scenario.scenario()  # what is wrong with it is said here

    def announce(address: str) -> None:
        printing.put(f"Playing {file} at {address}\nPress Ctrl-C to stop.\n")

    with contextlib.suppress(KeyboardInterrupt):
        serve(out, port, open_browser=browser, announce=announce, scenario=scenario)


def report(
    run_folder: RunFolder,
    plotlyjs: Library = PlotlyJs.INLINE,
    junit: objectives.Junit = None,
    *,
    strict: objectives.Strict = False,
) -> None:
    """Rebuild the page of a finished run from its files.

    The exit code is that of the run: 3 if an objective (slo) is missed.
    """
    from simsched.report import files, stored
    from simsched.report.text import clean

    found = stored.read(run_folder)
    page = files.rebuild(run_folder, found, plotlyjs)
    judgements = found.result.judgements
    lines = (f"{each.outcome.upper()}: {clean(each.sentence)}\n" for each in judgements)
    printing.put("".join([*lines, f"Report: {page}\n"]))
    objectives.end(found.result.name, judgements, junit, strict=strict)


def compare(
    earlier: EarlierRun,
    later: LaterRun,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the comparison as a page.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the comparison.")
    ] = Format.TABLE,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANGE",
            help="A change that is too much, as in 'response_time.p99 +5%'; repeatable.",
        ),
    ] = None,
    junit: objectives.Junit = None,
    *,
    strict: objectives.Strict = False,
) -> None:
    """Compare a later run with an earlier one.

    The exit code is 3 if an objective (slo) of either run is missed, or a change is too much.
    """
    from simsched.report import folders, html, stored, summary
    from simsched.report.run_document import document

    allowances = [_allowance(text) for text in fail_on or ()]
    joined = stored.join(stored.read(earlier), stored.read(later), allowances)
    if page is not None:
        # A page names the command that makes it again, from the folder where it is opened.
        again = stored.command(earlier, later)
        text = html.render(joined.result, joined.scenario_texts, links=(), command=again)
        folders.replace_file(page, text)
    found = joined.result
    text = printing.render(lambda: document(found), lambda: summary.to_json(found), output_format)
    printing.put(text)
    objectives.end(joined.result.name, joined.result.judgements, junit, strict=strict)


def _allowance(text: str) -> Objective:
    from simsched.statistics.allowance import parse_allowance

    try:
        return parse_allowance(text)
    except ValueError as error:
        raise InputError(f"--fail-on {error}") from None


def export(
    run_folder: RunFolder,
    output_format: Annotated[
        ExportFormat, typer.Option("--format", help="The format.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file to write; in the run's folder by default."),
    ] = None,
) -> None:
    """Write a finished run for other tools: the Perfetto UI, or OpenTelemetry."""
    from simsched.report import export as exports
    from simsched.report import folders, stored

    kind = exports.FORMATS[output_format.value]
    target = out or run_folder / kind.file_name
    result = stored.read(run_folder).result
    folders.replace_file(target, kind.render(result))
    printing.put(f"Wrote {target}\n{exports.extent(result)}")
