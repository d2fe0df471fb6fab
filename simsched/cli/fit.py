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
    from simsched.scenario import Scenario

Measurements = Annotated[
    Path,
    typer.Option(
        "--measured",
        metavar="FILE",
        help="What was measured: the CSV or Parquet file that the scenario replays; or the folder "
        "of a run of simsched measure.",
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
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DATA]...",
            help="OpenTelemetry spans (OTLP/JSON, a batch a line), of which to make a scenario.",
            show_default=False,
        ),
    ] = None,
    scenario: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Instead of DATA: a scenario whose trace workload replays the measured requests.",
            show_default=False,
        ),
    ] = None,
    measured: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What was measured: the CSV or Parquet file that the scenario replays; or the "
            "folder of a run of simsched measure.",
            show_default=False,
        ),
    ] = None,
    client: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The clients' times of the requests in DATA: CSV or Parquet."
        ),
    ] = None,
    cpu_time: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION", help="The CPU time of the server while it served DATA: 15.65s."
        ),
    ] = None,
    pool: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=CAPACITY", help="A pool of connections, as in db=10; may be repeated."
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which service of the spans in DATA.")
    ] = None,
    predict: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Another run to predict, with what --set changes; may be repeated.",
        ),
    ] = None,
    overrides: Overrides = None,
    done: Done = "done_s",
    server: Annotated[
        str | None,
        typer.Option(
            "--server",
            metavar="NAME|OPTIONS",
            help="Which server of the scenario was measured; or the server of DATA, as in "
            "model=cooperative,workers=2.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the scenario there.")
    ] = None,
    output_format: OutputFormat = PrintedAs.TABLE,
) -> None:
    """Make a scenario of measurements, or estimate a server's overheads from them.

    With DATA: the classes of requests, what they do and how long that takes, from the spans of a
    service. With --scenario: the overheads with which the simulation is closest to what was
    measured. Either way the first half of the requests then predicts the second, to show how good
    that is.
    """
    if data:
        from simsched.cli.fit_data import Options, fit_data

        if scenario is not None or measured is not None:
            raise InputError("fit takes either DATA, or --scenario and --measured")
        options = Options(
            client, cpu_time, pool or (), server, service, predict or (), overrides or ()
        )
        fit_data(data, options, out, output_format)
        return
    if scenario is None and measured is not None and measured.is_dir():
        scenario = measured / "scenario.yaml"
    if scenario is None or measured is None:
        raise InputError(
            "fit needs DATA, such as spans.otlp.jsonl.gz; or --scenario and --measured"
        )
    _fit_overheads(scenario, measured, overrides or (), done, server, out, output_format)


def _fit_overheads(
    scenario: Path,
    measured: Path,
    overrides: Sequence[str],
    done: str,
    server: str | None,
    out: Path | None,
    output_format: str,
) -> None:
    from simsched import calibrate
    from simsched.report import calibration

    if out is not None and out.exists():
        raise InputError(f"{out}: already exists; name another file")
    replay, run = _load(scenario, measured, overrides, server, done)
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

    loaded = None if measured.is_dir() else _loaded(scenario, overrides or ())
    if loaded is not None and loaded.workload.trace is None:
        name = _server_of(loaded, scenario, server)
        clients = calibrate.read_clients(measured)
        prediction = calibrate.predict(loaded, name, clients)
        output.put(
            output.render(
                lambda: calibration.document_of_prediction(str(measured), prediction),
                lambda: calibration.json_of_prediction(name, prediction),
                output_format,
            )
        )
        return
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


def _loaded(file: Path, overrides: Sequence[str]) -> Scenario | None:
    """Return the scenario in a file; None if it has faults, which are found when it is used."""
    try:
        return simsched.load(file, overrides)
    except ScenarioError:
        return None


def _server_of(scenario: Scenario, file: Path, server: str | None) -> str:
    """Return the name of the measured server.

    Raises:
        InputError: the scenario does not have it, or has several and it is not named.
    """
    names = list(scenario.servers)
    if server is None and len(names) > 1:
        raise InputError(f"{file}: it has {len(names)} servers; name the measured one: --server")
    if server is not None and server not in names:
        raise InputError(f"--server: there is no server {server!r} in {file}: {', '.join(names)}")
    return server or names[0]


def _load(
    file: Path, measured: Path, overrides: Sequence[str], server: str | None, done: str
) -> tuple[Replay, Measured]:
    """Return the replay of *measured* by the scenario in *file*, and what was measured.

    Raises:
        ScenarioError: the scenario or the measurements cannot be used.
        InputError: the scenario replays nothing, or does not say which server was measured.
    """
    from simsched.calibrate import Replay, read_measured

    if measured.is_dir():
        return _of_run(file, measured, overrides, server)
    loaded = _loaded(file, overrides)
    if loaded is not None and loaded.workload.trace is None:
        raise InputError(
            f"{file}: only a trace workload can replay what was measured; write for example "
            "workload: {trace: {file: run.csv, arrival: arrival_s}}"
        )
    recorded = f"workload.trace.file={json.dumps(str(measured.resolve()))}"
    scenario = simsched.load(file, [*overrides, recorded])
    replay = Replay.of(scenario, _server_of(scenario, file, server))
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a replay is of a trace
    return replay, read_measured(trace, done)


def _of_run(
    file: Path, folder: Path, overrides: Sequence[str], server: str | None
) -> tuple[Replay, Measured]:
    """Return the replay of the run in *folder* by the scenario in *file*, and what was measured.

    Raises:
        ScenarioError: the scenario cannot be used.
        InputError: the run cannot be read, or is not of the requests of the scenario.
    """
    from simsched.calibrate import Measured, Replay
    from simsched.report import stored

    scenario = simsched.load(file, overrides)
    name = _server_of(scenario, file, server)
    traces = stored.read(folder).result.traces
    if name not in traces:
        raise InputError(f"{folder}: it has no server {name!r}: {', '.join(traces)}")
    run = traces[name][0].requests
    return Replay.of_run(scenario, name, run), Measured(run.arrival_ns, run.finish_ns)


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
