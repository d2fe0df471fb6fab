"""What commands share: scenarios, options, processes, and how they print and end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from simsched.cli.options import Format
from simsched.errors import InputError, RunError
from simsched.interrupt import INTERRUPTED, interruptible
from simsched.report import printing

if TYPE_CHECKING:
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.simulating import Simulate
    from simsched.report.search.findings import Findings
    from simsched.scenario import Scenario


CONTINUE = "what was found is stored: run the same command to continue"
"""What to do after an interruption."""


def loading(
    file: Path, overrides: Sequence[str] | None, seed: int | None
) -> Callable[[Sequence[str]], Scenario]:
    """Return a function that makes the scenario in *file*, with further overrides."""
    import simsched

    own = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    return lambda more: simsched.load(file, [*own, *more])


def share(option: str, text: str, least: float, below: float) -> float:
    """Return the share *text* given to *option*, in [*least*, *below*).

    Raises:
        InputError: it is not a share, or out of bounds.
    """
    from simsched.scenario.metrics import parse_share

    try:
        found = parse_share(text)
    except ValueError as error:
        raise InputError(f"{option}: {error}") from None
    if not least <= found < below:
        bounds = f"at least {100 * least:g} % and below {100 * below:g} %"
        raise InputError(f"{option} {text}: out of range; it must be {bounds}")
    return found


def journal(out: Path, scenarios: Sequence[Scenario], *more: str) -> Journal:
    """Return the findings stored in *out* of a search among *scenarios*; *more* identifies it."""
    from simsched.experiment.search.journal import Journal
    from simsched.experiment.store import FOLDER, Store, key_of_search
    from simsched.statistics.words.numbers import counted

    store = Store(out / FOLDER)
    store.sweep_out()
    found = Journal(store.search_folder(key_of_search(scenarios, *more)))
    if found.count:
        results = counted(found.count, "result")
        typer.echo(f"continuing an interrupted search: {results} found in the store", err=True)
    return found


@contextmanager
def interrupted_with(what: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Yield what ends the block if Ctrl-C was pressed, as work that is long should do now and then.

    An interruption ends the command with its exit code, after *what* remains has been said.
    """
    try:
        with interruptible() as check:
            yield check
    except KeyboardInterrupt:
        typer.echo(f"simsched: interrupted; {what()}", err=True)
        raise typer.Exit(INTERRUPTED) from None


NOTHING = "nothing was written"
"""What remains of an interrupted command that stores nothing."""


@contextmanager
def watched(
    what: str, jobs: int | None, check: Callable[[], None]
) -> Iterator[tuple[Simulate, Callable[[int, int], None]]]:
    """Yield what simulates replications, and what shows how many of how many are done.

    With each progress *check* is called, which ends the search if it was interrupted.
    """
    from simsched.experiment.simulating import in_processes
    from simsched.report import progress

    with progress.shown_when_long(what) as bar, in_processes(jobs, cure=CONTINUE) as simulate:

        def update(done: int, total: int) -> None:
            check()
            bar(done, total)

        yield simulate, update


def written(found: Findings, out: Path, plotlyjs: str, check: Callable[[], None]) -> Path | None:
    """Write the report of *found*, and return its folder; None if the search was interrupted."""
    from simsched.report.files import write_findings

    return None if found.is_interrupted else write_findings(found, out, plotlyjs, last_call=check)


def end(found: Findings, folder: Path | None, kept: Journal, output_format: Format) -> None:
    """Print *found* and the place of its report, and end with its exit code.

    JSON and Markdown have stdout to themselves. What is *kept* of the search is deleted when the
    answer is printed, as it could be printed again until then.

    Raises:
        Exit: the exit code is not 0.
        RunError: the output failed, such as on a full disk.
    """
    from simsched.report.summary import as_json

    text = printing.render(lambda: found.document, lambda: as_json(found.summary), output_format)
    if folder is None:
        typer.echo(f"simsched: interrupted; {CONTINUE}", err=True)
        printing.put(text)
        raise typer.Exit(INTERRUPTED)
    show(text, folder / "report.html", output_format)
    # Only now: until the answer is printed the same command could still print it.
    kept.forget()
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def show(text: str, report: Path, output_format: Format) -> None:
    """Print *text* and the place of its *report*, for which JSON and Markdown have no room.

    Raises:
        RunError: the output failed; the message says where the report is.
    """
    where = f"Report: {report}\n"
    if output_format is not Format.TABLE:
        typer.echo(where, err=True, nl=False)
        where = ""
    try:
        printing.put(text + where)
    except RunError as error:
        raise RunError(f"{error}; the report is {report}") from None
