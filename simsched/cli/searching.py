"""What the commands that search have in common: scenarios, options, processes, what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from simsched.cli.options import Format
from simsched.errors import InputError, RunError
from simsched.interrupt import INTERRUPTED
from simsched.report import output

if TYPE_CHECKING:
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.simulating import Simulate
    from simsched.report.document import Document
    from simsched.scenario import Scenario


GO_ON = "what was found is kept: run the same command to go on"
"""What to say where a search was broken off."""


def loading(
    file: Path, overrides: Sequence[str] | None, seed: int | None
) -> Callable[[Sequence[str]], Scenario]:
    """Return what makes the scenario in *file*, with more overrides on top."""
    import simsched

    own = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    return lambda more: simsched.load(file, [*own, *more])


def share(option: str, text: str, least: float, below: float) -> float:
    """Return the share that *text* is, as given to *option*.

    Raises:
        InputError: it is none, or not within the bounds.
    """
    from simsched.scenario.metrics import parse_share

    try:
        found = parse_share(text)
    except ValueError as error:
        raise InputError(f"{option}: {error}") from None
    if not least <= found < below:
        bounds = f"at least {100 * least:g} % and below {100 * below:g} %"
        raise InputError(f"{option} {text}: it is out of range; it is {bounds}")
    return found


def journal(out: Path, scenarios: Sequence[Scenario], *more: str) -> Journal:
    """Return what is kept in *out* of a search among *scenarios*; *more* says what it is for."""
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.store import FOLDER, Store, key_of_search
    from simsched.statistics.words.numbers import counted

    store = Store(out / FOLDER)
    store.sweep_out()
    found = Journal(store.search_folder(key_of_search(scenarios, *more)))
    if found.count:
        results = counted(found.count, "result")
        typer.echo(f"going on with a search that was broken off: {results} kept of it", err=True)
    return found


@contextmanager
def watched(
    what: str, jobs: int | None, check: Callable[[], None]
) -> Iterator[tuple[Simulate, Callable[[int, int], None]]]:
    """Yield what simulates replications, and what is to be told how many of how many are done.

    Whenever it is told so, *check* is called, which ends the search if it was interrupted.
    """
    from simsched.report import progress

    with progress.shown_when_long(what) as bar, simulating(jobs) as simulate:

        def tell(done: int, total: int) -> None:
            check()
            bar(done, total)

        yield simulate, tell


@contextmanager
def simulating(
    jobs: int | None, here: Simulate | None = None, cure: str = GO_ON
) -> Iterator[Simulate]:
    """Yield what simulates replications: *here*, or *jobs* processes where that is sooner."""
    from simsched.experiment.simulating import WhereSooner, one_by_one
    from simsched.experiment.workers import Processes, cores

    count = cores() if jobs is None else jobs
    if count == 1:
        yield here or one_by_one
        return
    begun: list[Processes] = []

    def begin() -> Processes:
        begun.append(Processes(count))
        return begun[0]

    finished = False
    try:
        yield WhereSooner(begin, here=here)
        finished = True
    except BrokenExecutor:
        raise RunError(
            "a process that simulates has died again and again: it was killed, or ran out of "
            f"memory; {cure}, with fewer --jobs where memory is short"
        ) from None
    finally:
        for workers in begun:
            workers.close(now=not finished)


def finish(*, is_interrupted: bool, code: int) -> None:
    """End with the exit *code* that tells what was found, or that of an interruption."""
    if is_interrupted or code:
        raise typer.Exit(INTERRUPTED if is_interrupted else code)


def show(
    document: Document, found: dict[str, Any], folder: Path | None, output_format: Format
) -> None:
    """Print what was found, and where its report is; JSON and Markdown have stdout to themselves.

    Nothing was written where there is no *folder*.
    """
    from simsched.report.summary import as_json

    text = output.render(lambda: document, lambda: as_json(found), output_format)
    if folder is None:
        typer.echo(f"simsched: interrupted; {GO_ON}", err=True)
        output.put(text)
        return
    where = f"Report: {folder / 'report.html'}\n"
    if output_format is not Format.TABLE:
        typer.echo(where, err=True, nl=False)
        where = ""
    try:
        output.put(text + where)
    except RunError as error:
        raise RunError(f"{error}; the report is {folder / 'report.html'}") from None
