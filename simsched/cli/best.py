"""The command that selects the best of several designs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.options import Format, Jobs, Library, OutputFormat, Overrides, PlotlyJs, Seed
from simsched.cli.searching import GO_ON, finish, journal, loading, share, show, watched
from simsched.errors import InputError
from simsched.interrupt import INTERRUPTED, heeded

if TYPE_CHECKING:
    from simsched.experiment.search.aim import Aimed
    from simsched.experiment.search.best import Selection
    from simsched.experiment.search.designs import Design, Impossible
    from simsched.experiment.search.journal import Journal
    from simsched.report.search.choice import Asked
    from simsched.scenario.metrics import Metric


def best(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sweep, or a scenario.")],
    metric: Annotated[
        str, typer.Option(metavar="METRIC", help="What to compare the designs by.")
    ] = "response_time.mean",
    minimize: Annotated[
        bool | None,
        typer.Option(
            "--minimize/--maximize",
            help="Whether lower or higher values are better; by default as the metric has it.",
            show_default=False,
        ),
    ] = None,
    confidence: Annotated[
        str,
        typer.Option(metavar="SHARE", help="The probability of a correct selection."),
    ] = "95%",
    indifference: Annotated[
        str,
        typer.Option(
            metavar="ZONE",
            help="A difference that does not matter: a share, or as in 5ms.",
        ),
    ] = "5%",
    overrides: Overrides = None,
    seed: Seed = None,
    at_most: Annotated[
        int, typer.Option(min=10, max=100_000, help="The most replications of one design.")
    ] = 1000,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the folder of the selection.")
    ] = Path("reports"),
    output_format: OutputFormat = Format.TABLE,
    plotlyjs: Library = PlotlyJs.INLINE,
    jobs: Jobs = None,
) -> None:
    """Find the best of a sweep's points, or of several servers.

    Designs that are worse are dropped in rounds. With the stated probability none is better than
    the one that is selected by more than the indifference zone.

    The exit code is 4 where the replications allowed leave several undecided.
    """
    from simsched.report import files, folders
    from simsched.report.search import choice, summary

    aimed = _aimed(metric, minimize, confidence, indifference, at_most)
    asked, designs = _asked(file, overrides, seed)
    with heeded() as check:
        folders.check_writable(out)
        kept = _kept(out, designs, aimed)
        found = _selected(designs, aimed, kept, jobs, check)
        told = choice.Choice(asked, found)
        where = None
        if not found.is_interrupted:
            where = files.write_choice(told, out, plotlyjs, last_call=check)
    show(choice.document(told), summary.selection(told), where, output_format)
    if where is not None:
        kept.forget()
    finish(is_interrupted=found.is_interrupted, code=choice.exit_code(found))


def _aimed(
    text: str, minimize: bool | None, confidence: str, indifference: str, at_most: int
) -> Aimed:
    from simsched.experiment.search.aim import Aimed, check_metric, default_aim, parse_zone

    metric = _metric(text)
    check_metric(metric)
    aim = default_aim(metric)
    if minimize is not None:
        aim = "minimize" if minimize else "maximize"
    if aim is None:
        raise InputError(
            f"--metric {metric.text}: neither less nor more of it is better by itself; add "
            "--minimize or --maximize"
        )
    zone, is_relative = parse_zone(indifference, metric)
    return Aimed(
        metric, aim, share("--confidence", confidence, 0.5, 1.0), zone, is_relative, at_most
    )


def _metric(text: str) -> Metric:
    from simsched.scenario.metrics import parse_metric

    try:
        return parse_metric(text)
    except ValueError as error:
        raise InputError(f"--metric: {error}") from None


def _asked(
    file: Path, overrides: Sequence[str] | None, seed: int | None
) -> tuple[Asked, Sequence[Design | Impossible]]:
    """Return the points of the sweep in *file*, or the servers of the scenario in it."""
    from simsched.experiment.search import designs
    from simsched.experiment.sweep.plan import plan
    from simsched.report.search import choice

    if designs.is_sweep(file):
        planned = plan(file, overrides or (), seed=seed)
        return choice.of_plan(planned), designs.of_plan(planned)
    scenario = loading(file, overrides, seed)(())
    return choice.of_scenario(scenario), designs.of_scenario(scenario)


def _kept(out: Path, designs: Sequence[Design | Impossible], aimed: Aimed) -> Journal:
    """Return what is kept of this search."""
    from simsched.experiment.search.designs import Design

    contenders = [each.contender for each in designs if isinstance(each, Design)]
    names = [each.name for each in contenders]
    return journal(out, [each.scenario for each in contenders], aimed.metric.text, *names)


def _selected(
    designs: Sequence[Design | Impossible],
    aimed: Aimed,
    kept: Journal,
    jobs: int | None,
    check: Callable[[], None],
) -> Selection:
    from simsched.experiment.search.best import select

    try:
        with watched("comparing", jobs, check) as (simulate, tell):
            return select(designs, aimed, simulate, tell, kept)
    except KeyboardInterrupt:
        typer.echo(f"simsched: interrupted before anything could be told; {GO_ON}", err=True)
        raise typer.Exit(INTERRUPTED) from None
