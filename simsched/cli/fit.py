"""The commands that hold scenarios against measurements: ``fit`` and ``check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import simsched
from simsched.cli.options import Format as PrintedAs
from simsched.cli.options import OutputFormat, Overrides
from simsched.errors import InputError, ScenarioError
from simsched.interrupt import INTERRUPTED, interruptible
from simsched.report import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsched.calibrate import Measured, Replay

Measurements = Annotated[
    Path,
    typer.Option(
        "--measured",
        metavar="FILE",
        help="What was measured: the CSV or Parquet file that the scenario replays.",
        show_default=False,
    ),
]
Done = Annotated[
    str, typer.Option(metavar="COLUMN", help="The column of the times of the answers.")
]
ServerName = Annotated[
    str | None, typer.Option("--server", metavar="NAME", help="Which server was measured.")
]


def fit(
    scenario: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="A scenario whose trace workload replays the measured requests.",
            show_default=False,
        ),
    ],
    measured: Measurements,
    overrides: Overrides = None,
    done: Done = "done_s",
    server: ServerName = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the scenario there.")
    ] = None,
    output_format: OutputFormat = PrintedAs.TABLE,
) -> None:
    """Estimate a server's overheads from measured response times.

    The estimates are those with which the simulation is closest to what was measured. The first
    half of the requests then predicts the second, to show how good they are.
    """
    from simsched import calibrate
    from simsched.report import calibration

    if out is not None and out.exists():
        raise InputError(f"{out}: already exists; name another file")
    replay, run = _load(scenario, measured, overrides or (), server, done)
    try:
        with interruptible():
            found = calibrate.fit(replay, run)
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if out is not None:
        _write(replay, calibration.settings(found), out)
    output.put(
        output.render(
            lambda: calibration.document_of_fit(found),
            lambda: calibration.json_of_fit(found),
            output_format,
        )
    )


def check(
    scenario: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    measured: Measurements,
    overrides: Overrides = None,
    done: Done = "done_s",
    server: ServerName = None,
    output_format: OutputFormat = PrintedAs.TABLE,
) -> None:
    """Show how well a scenario predicts measured response times."""
    from simsched import calibrate
    from simsched.report import calibration

    replay, run = _load(scenario, measured, overrides or (), server, done)
    overhead = replay.scenario.servers[replay.server].overhead
    predicted = replay.response_ns(overhead.request, overhead.io)
    found = calibrate.compare(run.arrival_ns, run.response_ns, predicted)
    output.put(
        output.render(
            lambda: calibration.document_of_check(replay.server, found),
            lambda: calibration.json_of_check(replay.server, found),
            output_format,
        )
    )


def _load(
    file: Path, measured: Path, overrides: Sequence[str], server: str | None, done: str
) -> tuple[Replay, Measured]:
    """Return the replay of *measured* by the scenario in *file*, and what was measured.

    Raises:
        ScenarioError: the scenario or the measurements cannot be used.
        InputError: the scenario replays nothing, or does not say which server was measured.
    """
    from simsched.calibrate import Replay, read_measured

    _check_replays(file, overrides)
    recorded = f"workload.trace.file={json.dumps(str(measured.resolve()))}"
    scenario = simsched.load(file, [*overrides, recorded])
    names = list(scenario.servers)
    if server is None and len(names) > 1:
        raise InputError(f"{file}: it has {len(names)} servers; name the measured one: --server")
    if server is not None and server not in names:
        raise InputError(f"--server: there is no server {server!r} in {file}: {', '.join(names)}")
    replay = Replay.of(scenario, server or names[0])
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a replay is of a trace
    return replay, read_measured(trace, done)


def _check_replays(file: Path, overrides: Sequence[str]) -> None:
    """Refuse a scenario without a trace, whose other faults are found when it is loaded."""
    try:
        scenario = simsched.load(file, overrides)
    except ScenarioError:
        return
    if scenario.workload.trace is None:
        raise InputError(
            f"{file}: only a trace workload can replay what was measured; write for example "
            "workload: {trace: {file: run.csv, arrival: arrival_s}}"
        )


def _write(replay: Replay, settings: dict[str, str], out: Path) -> None:
    """Write the scenario of *replay* with the estimated *settings*.

    Raises:
        InputError: *out* cannot be written.
    """
    from simsched.scenario import dump, load

    overrides = [f"{path}={value}" for path, value in settings.items()]
    text = dump(load(replay.scenario, overrides))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror or error}") from None
