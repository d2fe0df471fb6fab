"""The command that tells how much a server carries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.options import Format, Jobs, Library, OutputFormat, Overrides, PlotlyJs, Seed
from simsched.cli.searching import finish, journal, loading, share, show, watched
from simsched.interrupt import heeded

if TYPE_CHECKING:
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.search.question import Question
    from simsched.report.search.capacity import Capacity


def capacity(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    slo: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIMIT",
            help="A limit to meet, as in 'response_time.p99 < 500ms'; may be repeated, to meet "
            "all of them; the file's slo unless given.",
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
    output_format: OutputFormat = Format.TABLE,
    plotlyjs: Library = PlotlyJs.INLINE,
    jobs: Jobs = None,
) -> None:
    """Find the largest load that keeps a limit, or the bound of another value.

    The exit code is 3 where a server keeps it at no value, and 4 where an answer is not as narrow
    as asked.
    """
    from simsched.experiment.search.question import ask
    from simsched.report import folders
    from simsched.report.search import capacity as told
    from simsched.report.search import summary

    load = loading(file, overrides, seed)
    question = ask(load, slo or (), path, share("--relative", relative, 0.0001, 0.5), at_most)
    with heeded() as check:
        folders.check_writable(out)
        kept = journal(out, [question.scenario], question.parameter.path)
        found = _searched(question, kept, jobs, check)
        folder = None if found.is_interrupted else _write(found, out, plotlyjs, check)
    show(told.document(found), summary.capacity(found), folder, output_format)
    if folder is not None:
        kept.forget()
    finish(is_interrupted=found.is_interrupted, code=found.exit_code)


def _searched(
    question: Question, kept: Journal, jobs: int | None, check: Callable[[], None]
) -> Capacity:
    from simsched.experiment.search.capacity import capacities, watching
    from simsched.report.search.capacity import Capacity

    with watched("searching", jobs, check) as (simulate, tell):
        answers = tuple(capacities(question, simulate, watching(tell), kept))
    return Capacity(question.scenario, answers)


def _write(found: Capacity, out: Path, plotlyjs: str, check: Callable[[], None]) -> Path:
    from simsched.report.files import write_capacity
    from simsched.scenario import dump

    return write_capacity(found, out, dump(found.scenario), plotlyjs, last_call=check)
