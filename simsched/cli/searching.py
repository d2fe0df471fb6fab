"""The commands that search: how much a server carries, and which design is best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.interrupt import heeded
from simsched.cli.options import Format, Overrides, PlotlyJs
from simsched.errors import InputError, RunError
from simsched.report import output

if TYPE_CHECKING:
    from simsched.experiment.search.best import Aimed, Selection
    from simsched.experiment.search.capacity import Question
    from simsched.experiment.search.designs import Design
    from simsched.experiment.search.laboratory import Simulate
    from simsched.report.search.outcome import Capacity
    from simsched.scenario import Scenario
    from simsched.scenario.metrics import Metric

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="Replace the scenario's seed.")
]

Jobs = Annotated[
    int | None,
    typer.Option(min=1, max=1024, help="How many processes simulate; every core unless given."),
]


def capacity(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    slo: Annotated[
        str | None,
        typer.Option(
            metavar="LIMIT",
            help="The limit to meet, as in 'response_time.p99 < 500ms'; the file's slo unless "
            "given.",
        ),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="PATH",
            help="What to search, as in servers.cooperative.workers; the arrival rate, or the "
            "number of users, unless given.",
        ),
    ] = None,
    overrides: Overrides = None,
    seed: Seed = None,
    relative: Annotated[
        str,
        typer.Option(
            metavar="SHARE", help="How well to tell it: half the interval over the value."
        ),
    ] = "2%",
    at_most: Annotated[
        int, typer.Option(min=2, max=100_000, help="The most replications of one value.")
    ] = 200,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the folder of the search.")
    ] = Path("reports"),
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the answer.")
    ] = Format.TABLE,
    plotlyjs: Annotated[
        PlotlyJs, typer.Option(help="Where the page takes its drawing library from.")
    ] = PlotlyJs.INLINE,
    jobs: Jobs = None,
) -> None:
    """Find the largest load, or other value, that keeps a limit.

    The exit code is 3 where a server keeps it at no value, and 4 where an answer is not as narrow
    as asked.
    """
    from simsched.experiment.search.capacity import ask

    load = _loading(file, overrides, seed)
    question = ask(load, slo, path, _share("--relative", relative, 0.0001, 0.5), at_most)
    with heeded() as check:
        found = _searched(question, out, jobs, check)
        folder = None if found.is_interrupted else _write(found, out, plotlyjs, check)
    _show_capacity(found, folder, output_format)
    if found.is_interrupted:
        raise typer.Exit(INTERRUPTED)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def best(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sweep, or a scenario.")],
    metric: Annotated[
        str, typer.Option(metavar="METRIC", help="What to compare the designs by.")
    ] = "response_time.mean",
    minimize: Annotated[
        bool | None,
        typer.Option(
            "--minimize/--maximize",
            help="Whether less or more of it is better; what anybody would say unless given.",
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
            metavar="ZONE", help="The difference that matters: a share of the best, or as in 5ms."
        ),
    ] = "5%",
    overrides: Overrides = None,
    seed: Seed = None,
    at_most: Annotated[
        int, typer.Option(min=10, max=100_000, help="The most replications of one design.")
    ] = 1000,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the answer.")
    ] = Format.TABLE,
    jobs: Jobs = None,
) -> None:
    """Find the best of a sweep's points, or of several servers.

    It is so with a stated probability, if no other comes within the indifference zone of it.

    The exit code is 4 where it cannot be told.
    """
    aimed = _aimed(metric, minimize, confidence, indifference, at_most)
    designs = _designs(file, overrides, seed)
    with heeded() as check:
        found = _selected(designs, aimed, jobs, check)
    _show_best(file, found, output_format)


def _loading(
    file: Path, overrides: Sequence[str] | None, seed: int | None
) -> Callable[[Sequence[str]], Scenario]:
    """Return what makes the scenario in *file*, with more overrides on top."""
    import simsched

    own = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    return lambda more: simsched.load(file, [*own, *more])


def _share(option: str, text: str, least: float, below: float) -> float:
    from simsched.scenario.metrics import parse_share

    try:
        share = parse_share(text)
    except ValueError as error:
        raise InputError(f"{option}: {error}") from None
    if not least <= share < below:
        bounds = f"at least {100 * least:g} % and below {100 * below:g} %"
        raise InputError(f"{option} {text}: it is out of range; it is {bounds}")
    return share


@contextmanager
def _simulating(jobs: int | None) -> Iterator[Simulate]:
    """Yield what simulates replications: this process, or *jobs* of its own."""
    from simsched.experiment.search.laboratory import one_by_one, side_by_side
    from simsched.experiment.sweep.workers import Processes, cores

    count = cores() if jobs is None else jobs
    if count == 1:
        yield one_by_one
        return
    workers = Processes(count)
    finished = False
    try:
        yield side_by_side(workers.submit)
        finished = True
    except BrokenExecutor:
        raise RunError(
            "a process that simulates has died: it was killed, or ran out of memory; try fewer "
            "--jobs, or shorter runs"
        ) from None
    finally:
        workers.close(now=not finished)


def _searched(
    question: Question, out: Path, jobs: int | None, check: Callable[[], None]
) -> Capacity:
    from simsched.experiment.search.capacity import capacities, watching
    from simsched.report import progress, rundir
    from simsched.report.search.outcome import Capacity

    rundir.check_writable(out)
    with progress.shown_when_long("searching") as show, _simulating(jobs) as simulate:

        def tell(done: int, total: int) -> None:
            check()
            show(done, total)

        answers = tuple(capacities(question, simulate, watching(tell)))
    return Capacity(question.scenario, answers)


def _write(found: Capacity, out: Path, plotlyjs: str, check: Callable[[], None]) -> Path:
    from simsched.report.search.folder import write
    from simsched.scenario import dump

    return write(found, out, dump(found.scenario), plotlyjs, last_call=check)


def _show_capacity(found: Capacity, folder: Path | None, output_format: Format) -> None:
    """Print *found*, and where its report is; JSON and Markdown have stdout to themselves."""
    from simsched.report.search import document, text
    from simsched.report.search.output import render

    told = render(text.of_capacity(found), document.capacity(found), output_format)
    if folder is None:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        output.put(told)
        return
    where = f"Report: {folder / 'report.html'}\n"
    if output_format is not Format.TABLE:
        typer.echo(where, err=True, nl=False)
        where = ""
    try:
        output.put(told + where)
    except RunError as error:
        raise RunError(f"{error}; the report is {folder / 'report.html'}") from None


def _aimed(
    text: str, minimize: bool | None, confidence: str, indifference: str, at_most: int
) -> Aimed:
    from simsched.experiment.search.best import Aimed, check_metric, default_aim, parse_zone

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
        metric, aim, _share("--confidence", confidence, 0.5, 1.0), zone, is_relative, at_most
    )


def _metric(text: str) -> Metric:
    from simsched.scenario.metrics import parse_metric

    try:
        return parse_metric(text)
    except ValueError as error:
        raise InputError(f"--metric: {error}") from None


def _designs(file: Path, overrides: Sequence[str] | None, seed: int | None) -> list[Design]:
    """Return the points of the sweep in *file*, or the servers of the scenario in it."""
    from simsched.experiment.search import designs

    if not designs.is_sweep(file):
        return designs.of_scenario(_loading(file, overrides, seed)(()))
    return designs.of_sweep(file, overrides or (), seed)


def _selected(
    designs: Sequence[Design], aimed: Aimed, jobs: int | None, check: Callable[[], None]
) -> Selection:
    from simsched.experiment.search.best import select
    from simsched.report import progress

    try:
        with progress.shown_when_long("comparing") as show, _simulating(jobs) as simulate:

            def tell(done: int, total: int) -> None:
                check()
                show(done, total)

            return select(designs, aimed, simulate, tell)
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted before anything could be told", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _show_best(file: Path, found: Selection, output_format: Format) -> None:
    from simsched.report.search import choice, document, text
    from simsched.report.search.output import render

    told = text.of_selection(file.name, found)
    output.put(render(told, document.selection(found), output_format))
    if found.is_interrupted:
        raise typer.Exit(INTERRUPTED)
    if code := choice.exit_code(found):
        raise typer.Exit(code)
