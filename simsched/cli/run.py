"""The command that simulates scenarios once, in replications."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli import objectives
from simsched.cli.options import Format, Jobs, Library, Overrides, PlotlyJs, Seed
from simsched.cli.scenarios import load
from simsched.cli.shared import NOTHING, interrupted_with, show
from simsched.report import printing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsched.experiment import Result
    from simsched.experiment.checkpoint import Checkpoint
    from simsched.experiment.runner import Progress
    from simsched.scenario import Scenario


_CONTINUE = "run the same command to continue"


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

    After an interruption, the same command continues. The exit code is 3 if an objective (slo) is
    missed.
    """
    from simsched import experiment
    from simsched.report import summary
    from simsched.report.run_document import document

    loaded = objectives.given(load(files, overrides), slo)
    scenarios = experiment.prepare(loaded, seed, replications)
    result, folder = _simulate(scenarios, out, plotlyjs, jobs)
    text = printing.render(lambda: document(result), lambda: summary.to_json(result), output_format)
    show(text, folder / "report.html", output_format)
    objectives.end(result.name, result.judgements, junit, strict=strict)


def _simulate(
    scenarios: Sequence[Scenario], out: Path, plotlyjs: str, jobs: int | None
) -> tuple[Result, Path]:
    from simsched.experiment.checkpoint import Checkpoint
    from simsched.experiment.store import FOLDER, Store
    from simsched.report import contents, files, folders, progress
    from simsched.statistics.contender import contenders_of

    # Ctrl-C may come before there is one.
    checkpoint: Checkpoint | None = None
    with interrupted_with(lambda: _stored(checkpoint)) as check:
        folders.check_writable(out)
        checkpoint = Checkpoint(Store(out / FOLDER), scenarios, contenders_of(scenarios))
        is_announced = _announce(scenarios, jobs, checkpoint.count)
        with progress.shown_when_long(foreseen=is_announced) as bar:

            def update(done: int, total: int) -> None:
                check()  # libraries may have swallowed a Ctrl-C
                bar(done, total)

            result = _run(scenarios, jobs, update, checkpoint)
        texts = contents.scenario_texts(result.scenarios)
        # What is stored saves the work even if writing the report fails.
        kept = checkpoint.count > 0
        folder = files.write_run(result, out, texts, plotlyjs, last_call=check, kept=kept)
        checkpoint.forget()
        return result, folder


def _run(
    scenarios: Sequence[Scenario], jobs: int | None, progress: Progress, checkpoint: Checkpoint
) -> Result:
    from simsched import experiment
    from simsched.experiment.simulating import OneByOne, in_processes

    began = time.perf_counter()
    with in_processes(jobs, OneByOne(), _CONTINUE) as simulate:
        result = experiment.run(scenarios, progress, simulate=simulate, checkpoint=checkpoint)
    return replace(result, took_s=math.ceil(time.perf_counter() - began))


def _announce(scenarios: Sequence[Scenario], jobs: int | None, stored: int) -> bool:
    """Announce how long the run takes, if that is long; return whether it could be estimated."""
    from simsched.experiment import forecast
    from simsched.experiment.workers import cores
    from simsched.report import progress
    from simsched.statistics.words.numbers import counted

    wanted = scenarios[0].run.replications or 1
    if stored:
        found = counted(stored, "replication")
        typer.echo(f"continuing an interrupted run: {found} of it stored", err=True)
    seconds = forecast.of_run(scenarios)
    # Replications are divided among processes, so more processes than these are of no use.
    left = (seconds or 0.0) * max(0.0, 1 - stored / wanted) / min(jobs or cores(), wanted)
    progress.announce(left, at_least=any(each.run.goals for each in scenarios))
    return seconds is not None


def _stored(checkpoint: Checkpoint | None) -> str:
    """Return what remains of an interrupted run, in words."""
    from simsched.statistics.words.numbers import counted

    if checkpoint is None or not (count := checkpoint.count):
        return NOTHING
    return f"{counted(count, 'replication')} stored: {_CONTINUE}"
