"""The command that finds how much a server carries."""

from __future__ import annotations

from collections.abc import Callable
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

if TYPE_CHECKING:
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.search.question import Question
    from simsched.report.search.findings import Findings


def capacity(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    slo: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIMIT",
            help="A limit to keep, as in 'response_time.p99 < 500ms'; may be repeated, to keep "
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
        str, typer.Option(metavar="SHARE", help="Target relative half-width of the interval.")
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

    The exit code is 3 where a server keeps it at no value, and 4 where an answer is less precise
    than asked.
    """
    from simsched.experiment.search.question import ask

    load = loading(file, overrides, seed)
    question = ask(load, slo or (), path, share("--relative", relative, 0.0001, 0.5), at_most)
    with interrupted_with(lambda: CONTINUE) as check:
        # The limits are part of the scenario, so they need not be named beside it.
        kept = journal(out, [question.scenario], question.parameter.path)
        found = _found(question, kept, jobs, check)
        folder = written(found, out, plotlyjs, check)
    end(found, folder, kept, output_format)


def _found(
    question: Question, kept: Journal, jobs: int | None, check: Callable[[], None]
) -> Findings:
    from simsched.experiment.search.capacity import capacities
    from simsched.report.search.capacity import findings

    with watched("searching", jobs, check) as (simulate, progress):
        answers = tuple(capacities(question, simulate, progress, kept))
    return findings(question.scenario, answers)
