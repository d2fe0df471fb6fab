"""The command that selects the best of several designs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.options import Format, Jobs, Library, OutputFormat, Overrides, PlotlyJs, Seed
from simsched.cli.shared import (
    CONTINUE,
    end,
    interrupted_with,
    journal,
    loading,
    share,
    watched,
    written,
)
from simsched.errors import InputError

if TYPE_CHECKING:
    from simsched.experiment.search.best import Selection
    from simsched.experiment.search.designs import Criterion, Design, Impossible
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.sweep.plan import Plan
    from simsched.scenario import Scenario
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
            help="Whether lower or higher values are better; known for most metrics.",
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
    from simsched.report import folders
    from simsched.report.search.best import findings

    criterion = _criterion(metric, minimize, confidence, indifference, at_most)
    compared, designs = _designs(file, overrides, seed)
    with interrupted_with(lambda: CONTINUE) as check:
        folders.check_writable(out)
        kept = _kept(out, designs, criterion)
        found = findings(compared, _selected(designs, criterion, kept, jobs, check))
        folder = written(found, out, plotlyjs, check)
    end(found, folder, kept, output_format)


def _criterion(
    text: str, minimize: bool | None, confidence: str, indifference: str, at_most: int
) -> Criterion:
    from simsched.experiment.search.designs import Criterion, check_metric, default_aim, parse_zone

    metric = _metric(text)
    check_metric(metric)
    # Most metrics have a better direction; asking for it each time would be a nuisance.
    aim = default_aim(metric)
    if minimize is not None:
        aim = "minimize" if minimize else "maximize"
    if aim is None:
        raise InputError(
            f"--metric {metric.text}: neither less nor more of it is better by itself; add "
            "--minimize or --maximize"
        )
    zone, is_relative = parse_zone(indifference, metric)
    level = share("--confidence", confidence, 0.5, 1.0)
    return Criterion(metric, aim, level, zone, is_relative, at_most)


def _metric(text: str) -> Metric:
    from simsched.scenario.metrics import parse_metric

    try:
        return parse_metric(text)
    except ValueError as error:
        raise InputError(f"--metric: {error}") from None


def _designs(
    file: Path, overrides: Sequence[str] | None, seed: int | None
) -> tuple[Plan | Scenario, Sequence[Design | Impossible]]:
    """Return the sweep or the scenario in *file*, with its points or servers as designs."""
    from simsched.experiment.search.designs import of_plan, of_scenario
    from simsched.experiment.sweep.plan import plan
    from simsched.scenario.sweep.loading import is_sweep

    if is_sweep(file):
        planned = plan(file, overrides or (), seed=seed)
        return planned, of_plan(planned)
    scenario = loading(file, overrides, seed)(())
    return scenario, of_scenario(scenario)


def _kept(out: Path, designs: Sequence[Design | Impossible], criterion: Criterion) -> Journal:
    """Return what is stored of this search."""
    from simsched.experiment.search.designs import Design

    possible = [each for each in designs if isinstance(each, Design)]
    names = [each.name for each in possible]
    scenarios = [each.contender.scenario for each in possible]
    return journal(out, scenarios, criterion.metric.text, *names)


def _selected(
    designs: Sequence[Design | Impossible],
    criterion: Criterion,
    kept: Journal,
    jobs: int | None,
    check: Callable[[], None],
) -> Selection:
    from simsched.experiment.search.best import select

    with watched("comparing", jobs, check) as (simulate, progress):
        return select(designs, criterion, simulate, progress, kept)
