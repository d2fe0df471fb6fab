"""The command that sweeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli import objectives
from simsched.cli.options import Format, Jobs, Library, Overrides, PlotlyJs, Seed
from simsched.interrupt import INTERRUPTED, interruptible
from simsched.report import output

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
        typer.Option(metavar="ADDRESS", help="Work on the Dask cluster of this scheduler."),
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
        bool, typer.Option("--dry-run", help="Only tell the points, and how long they take.")
    ] = False,
    strict: objectives.Strict = False,
    yes: Annotated[bool, typer.Option("--yes", help="Go on with more than 10,000 points.")] = False,
) -> None:
    """Simulate a scenario at many points, on all cores, and write a report.

    Every point is kept as soon as it is finished. After any end, the same command goes on.
    The exit code is 1 if a point failed, and 3 if a point misses an objective (slo).
    """
    from simsched.experiment.sweep.plan import MOST_POINTS, MOST_POINTS_EVER, plan

    most = MOST_POINTS_EVER if yes else MOST_POINTS
    found = plan(file, overrides or (), most, seed, replications)
    if slo:
        found = found.with_objectives(objectives.named(slo))
    if dry_run:
        _tell(found, jobs)
        return
    result, folder = _simulate(found, _workers(jobs, dask), out, plotlyjs)
    _show(result, output_format, folder / "report.html")
    if result.failures:
        _name_failures(result)
        raise typer.Exit(1)
    objectives.end(found.name, _judgements(result), junit, strict=strict)


def _judgements(result: SweepResult) -> list[Judgement]:
    """Return the judgements of all points, each with its point beside its server."""
    from simsched.experiment.sweep.objectives import judgements
    from simsched.report.sweep.shown import place

    return [
        replace(
            one,
            server=f"{one.server} at point {point.number}",
            sentence=f"point {point.number} ({place(point, result.plan.parameters)}): "
            f"{one.sentence}",
        )
        for point in result.done
        for one in judgements(result, point.number)
    ]


def _workers(jobs: int | None, dask: str | None) -> Callable[[], Workers]:
    """Return what makes the workers."""
    from simsched.experiment import workers

    if dask is not None:
        return lambda: workers.Cluster(dask)
    count = jobs or workers.cores()
    return workers.Here if count == 1 else lambda: workers.Processes(count)


def _tell(plan: Plan, jobs: int | None) -> None:
    """Print the points, and about how long they take."""
    from simsched.experiment import workers
    from simsched.experiment.estimate import estimate
    from simsched.report.sweep import document

    output.put(document.planned(plan))  # the rest takes a while
    count = jobs or workers.cores()
    seconds, at_least = estimate(plan)
    found = document.foreseen(plan, seconds / count, count, at_least=at_least)
    output.put(output.render(lambda: found, str, Format.TABLE))


def _simulate(
    plan: Plan, make: Callable[[], Workers], out: Path, plotlyjs: str
) -> tuple[SweepResult, Path]:
    from simsched.experiment.store import FOLDER, Store
    from simsched.experiment.sweep import Started
    from simsched.experiment.sweep import sweep as simulate
    from simsched.report import files, folders

    standing = _Standing(plan)
    with interruptible() as check:

        def told(event: Started | Finished) -> None:
            standing.told(event)
            if isinstance(event, Started):
                _announce(plan, event, workers.count)
            check()

        folders.check_writable(out)
        workers = make()
        now = True
        try:
            result = simulate(plan, Store(out / FOLDER), workers, told)
            check()
            now = False
            return result, files.write_sweep(result, out, plotlyjs)
        except KeyboardInterrupt:
            typer.echo(standing.interrupted(), err=True)
            raise typer.Exit(INTERRUPTED) from None
        finally:
            workers.close(now=now)


def _announce(plan: Plan, event: Started, workers: int) -> None:
    """Say how long what is left takes, if that is more than a minute."""
    from simsched.experiment.estimate import of_sweep
    from simsched.report import progress

    left = 1 - event.kept / event.total
    if left and (found := of_sweep(plan)) is not None:
        seconds, at_least = found
        progress.announce(seconds * left / workers, at_least=at_least)


class _Standing:
    """How the sweep stands, told on stderr as it goes on."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._kept = 0

    def told(self, event: Started | Finished) -> None:
        """Tell of *event*."""
        from simsched.experiment.sweep import Started
        from simsched.report.sweep import document

        if isinstance(event, Started):
            self._kept = event.kept
            for line in document.started(event):
                typer.echo(line, err=True)
            return
        self._kept += event.record is not None
        typer.echo(document.finished(self._plan, event), err=True)

    def interrupted(self) -> str:
        """Return what to say after Ctrl-C."""
        from simsched.statistics.words.numbers import counted

        total = counted(len(self._plan.points), "point")
        return (
            f"simsched: interrupted; {self._kept} of {total} are kept: "
            "run the same command to go on"
        )


def _show(result: SweepResult, output_format: Format, report: Path) -> None:
    """Print *result*, and where its *report* is; JSON and Markdown have stdout to themselves."""
    from simsched.report.sweep import document, summary

    text = output.render(
        lambda: document.document(result), lambda: summary.to_json(result), output_format
    )
    where = f"Report: {report}\n"
    if output_format is not Format.TABLE:
        typer.echo(where, err=True, nl=False)
        where = ""
    output.put(text + where)


def _name_failures(result: SweepResult) -> None:
    from simsched.statistics.words.numbers import counted

    total = counted(len(result.plan.points), "point")
    typer.echo(f"simsched: {len(result.failures)} of {total} failed:", err=True)
    for number, error in result.failures.items():
        typer.echo(f"  point {number}: {error}", err=True)
