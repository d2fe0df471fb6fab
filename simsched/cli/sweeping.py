"""The command that simulates a sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli import objectives
from simsched.cli.options import Format, Jobs, Library, Overrides, PlotlyJs, Seed
from simsched.cli.shared import interrupted_with, show
from simsched.report import printing

if TYPE_CHECKING:
    from collections.abc import Callable

    from simsched.experiment.sweep import Finished, Plan, Started, SweepResult
    from simsched.experiment.workers import Workers
    from simsched.statistics.slo import Judgement


def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sweep file.", show_default=False)],
    overrides: Overrides = None,
    seed: Seed = None,
    replications: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="How often to repeat each point.")
    ] = None,
    jobs: Jobs = None,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Simulate on the Dask cluster of this scheduler."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the sweep's folder.")
    ] = Path("reports"),
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the result.")
    ] = Format.TABLE,
    plotlyjs: Library = PlotlyJs.INLINE,
    slo: objectives.SloOption = None,
    junit: objectives.Junit = None,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="List the points and the estimated time; simulate nothing."),
    ] = False,
    strict: objectives.Strict = False,
    yes: Annotated[bool, typer.Option("--yes", help="Allow more than 10,000 points.")] = False,
) -> None:
    """Simulate a scenario at many points, on all cores, and write a report.

    Every point is stored as soon as it is finished; after an interruption, the same command
    continues. The exit code is 1 if a point failed, and 3 if a point misses an objective (slo).
    """
    from simsched.experiment.sweep.plan import MOST_POINTS, MOST_POINTS_EVER, plan
    from simsched.report.sweep import document, summary

    most = MOST_POINTS_EVER if yes else MOST_POINTS
    found = plan(file, overrides or (), most, seed, replications)
    if slo:
        found = found.with_objectives(objectives.named(slo))
    if dry_run:
        _list(found, jobs)
        return
    result, folder = _simulate(found, _workers(jobs, dask), out, plotlyjs)
    text = printing.render(
        lambda: document.document(result), lambda: summary.to_json(result), output_format
    )
    show(text, folder / "report.html", output_format)
    if result.failures:
        _list_failures(result)
        raise typer.Exit(1)
    objectives.end(found.name, _judgements(result), junit, strict=strict)


def _judgements(result: SweepResult) -> list[Judgement]:
    """Return the judgements of all points, each with its point beside its server."""
    from simsched.report.sweep.points import place

    return [
        replace(
            one,
            server=f"{one.server} at point {point.number}",
            sentence=f"point {point.number} ({place(point, result.plan.parameters)}): "
            f"{one.sentence}",
        )
        for point in result.done
        for one in result.records[point.number].judgements
    ]


def _workers(jobs: int | None, dask: str | None) -> Callable[[], Workers]:
    """Return what starts the workers."""
    from simsched.experiment import workers

    if dask is not None:
        return lambda: workers.Cluster(dask)
    count = jobs or workers.cores()
    return workers.Here if count == 1 else lambda: workers.Processes(count)


def _list(plan: Plan, jobs: int | None) -> None:
    """Print the points, and about how long they take."""
    from simsched.experiment import workers
    from simsched.experiment.forecast import estimate
    from simsched.report.sweep import document

    printing.put(document.planned(plan))  # the estimate takes a while
    count = jobs or workers.cores()
    seconds, at_least = estimate(plan)
    found = document.foreseen(plan, seconds / count, count, at_least=at_least)
    printing.put(printing.render(lambda: found, str, Format.TABLE))


def _simulate(
    plan: Plan, start: Callable[[], Workers], out: Path, plotlyjs: str
) -> tuple[SweepResult, Path]:
    from simsched.experiment.store import FOLDER, Store
    from simsched.experiment.sweep import Started
    from simsched.experiment.sweep import sweep as simulate
    from simsched.report import files, folders
    from simsched.statistics.words.numbers import counted

    kept = 0

    def stored() -> str:
        return f"{kept} of {counted(len(plan.points), 'point')} are stored: {AGAIN}"

    with interrupted_with(stored) as check:

        def listener(event: Started | Finished) -> None:
            nonlocal kept
            kept += event.kept if isinstance(event, Started) else event.record is not None
            _report(plan, event, workers.count)
            check()

        folders.check_writable(out)  # before hours of work, not after
        workers = start()
        # Until all is written an interruption must not wait for tasks that may take hours.
        now = True
        try:
            result = simulate(plan, Store(out / FOLDER), workers, listener)
            check()
            now = False
            return result, files.write_sweep(result, out, plotlyjs)
        finally:
            workers.close(now=now)


AGAIN = "run the same command to continue"


def _report(plan: Plan, event: Started | Finished, workers: int) -> None:
    """Print the progress of the sweep on stderr, and at its start the estimated time if long."""
    from simsched.experiment.forecast import of_sweep
    from simsched.experiment.sweep import Finished
    from simsched.report import progress
    from simsched.report.sweep import document

    if isinstance(event, Finished):
        typer.echo(document.finished(plan, event), err=True)
        return
    for line in document.started(event):
        typer.echo(line, err=True)
    left = 1 - event.kept / event.total
    if left and (found := of_sweep(plan)) is not None:
        seconds, at_least = found
        progress.announce(seconds * left / workers, at_least=at_least)


def _list_failures(result: SweepResult) -> None:
    from simsched.statistics.words.numbers import counted

    total = counted(len(result.plan.points), "point")
    typer.echo(f"simsched: {len(result.failures)} of {total} failed:", err=True)
    for number, error in result.failures.items():
        typer.echo(f"  point {number}: {error}", err=True)
