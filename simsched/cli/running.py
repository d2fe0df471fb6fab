"""The command that simulates."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli import objectives
from simsched.cli.loading import load
from simsched.cli.options import Format, Jobs, Library, Overrides, PlotlyJs, Seed
from simsched.cli.searching import simulating
from simsched.errors import RunError
from simsched.interrupt import INTERRUPTED, heeded
from simsched.report import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsched.experiment import Result
    from simsched.scenario import Scenario


def run(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Scenario files; several make one comparison."),
    ],
    overrides: Overrides = None,
    seed: Seed = None,
    replications: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="How often to repeat the simulation.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the run's folder.")
    ] = Path("reports"),
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the comparison.")
    ] = Format.TABLE,
    plotlyjs: Library = PlotlyJs.INLINE,
    slo: objectives.SloOption = None,
    jobs: Jobs = None,
    junit: objectives.Junit = None,
    *,
    strict: objectives.Strict = False,
) -> None:
    """Simulate scenarios, compare their servers, and write a report.

    The exit code is 3 if an objective (slo) is missed.
    """
    from simsched import experiment

    loaded = objectives.given(load(files, overrides), slo)
    scenarios = experiment.prepare(loaded, seed, replications)
    try:
        result, folder = _simulate(scenarios, out, plotlyjs, jobs)
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _show(result, output_format, folder / "report.html")
    objectives.end(result.name, result.judgements, junit, strict=strict)


def _simulate(
    scenarios: Sequence[Scenario], out: Path, plotlyjs: str, jobs: int | None
) -> tuple[Result, Path]:
    from simsched import experiment
    from simsched.experiment import estimate
    from simsched.experiment.simulating import OneByOne
    from simsched.experiment.workers import cores
    from simsched.report import files, folders, progress

    with heeded() as check:
        folders.check_writable(out)
        seconds = estimate.of_run(scenarios)
        side_by_side = min(jobs or cores(), scenarios[0].run.replications or 1)
        progress.announce(
            (seconds or 0.0) / side_by_side, at_least=any(each.run.goals for each in scenarios)
        )
        with progress.shown_when_long(foreseen=seconds is not None) as show:

            def simulated(done: int, total: int) -> None:
                check()
                show(done, total)

            began = time.perf_counter()
            with simulating(jobs, OneByOne(), "run the same command") as simulate:
                result = experiment.run(scenarios, simulated, simulate=simulate)
            result = replace(result, took_s=math.ceil(time.perf_counter() - began))
        texts = files.scenario_texts(result.scenarios)
        return result, files.write_run(result, out, texts, plotlyjs, last_call=check)


def _show(result: Result, output_format: Format, report: Path) -> None:
    """Print *result*, and where its *report* is; JSON and Markdown have stdout to themselves."""
    from simsched.report import summary
    from simsched.report.comparison import document

    text = output.render(lambda: document(result), lambda: summary.to_json(result), output_format)
    where = f"Report: {report}\n"
    if output_format is not Format.TABLE:
        typer.echo(where, err=True, nl=False)
        where = ""
    try:
        output.put(text + where)
    except RunError as error:
        raise RunError(f"{error}; the report is {report}") from None
