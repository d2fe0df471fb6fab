"""The commands that hold scenarios against measurements: ``fit`` and ``check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.options import Format as PrintedAs
from simsched.cli.options import OutputFormat, Overrides
from simsched.cli.replays import agreement_with, loaded_or_none, replayed, server_of
from simsched.errors import InputError
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
        help="What was measured: the CSV or Parquet file that the scenario replays; or the folder "
        "of a run of simsched measure.",
        show_default=False,
    ),
]
Done = Annotated[
    str, typer.Option(metavar="COLUMN", help="The column of the times of the answers.")
]
_DONE = "done_s"
ServerName = Annotated[
    str | None, typer.Option("--server", metavar="NAME", help="Which server was measured.")
]


def fit(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DATA]...",
            help="Measurements to make a scenario of: OpenTelemetry spans (OTLP/JSON, a batch a "
            "line), access logs, or a table of requests (CSV or Parquet).",
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
    class_rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN=NAME",
            help="The class of a log's requests whose 'METHOD /path' matches; may be repeated.",
        ),
    ] = None,
    duration_unit: Annotated[
        str | None,
        typer.Option(metavar="s|ms|us|ns", help="The unit of durations in a log that have none."),
    ] = None,
    overrides: Overrides = None,
    done: Done = _DONE,
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
    service, its access logs, or a table of its requests. With --scenario: the overheads with which
    the simulation is closest to what was measured. Either way the first half of the requests then
    predicts the second, to show how good that is.
    """
    if not data and scenario is None and measured is not None and measured.is_dir():
        scenario = measured / "scenario.yaml"
    from simsched.cli.fit_data import Options, fit_data, recorded_run, refuse

    options = Options(
        client=client,
        cpu_time=cpu_time,
        pools=pool or (),
        server=server,
        service=service,
        predict=predict or (),
        overrides=overrides or (),
        class_rules=class_rule or (),
        duration_unit=duration_unit,
    )
    if data:
        if scenario is not None or measured is not None:
            raise InputError("fit takes either DATA, or --scenario and --measured")
        if overrides and not predict:
            raise InputError("--set changes what --predict predicts; give --predict FILE, too")
        if done != _DONE:
            raise InputError(f"--done cannot be used with DATA; call the column {_DONE}")
        run = recorded_run(data, options)
        if run is None:
            fit_data(data, options, out, output_format)
            return
    elif scenario is None or measured is None:
        raise InputError(
            "fit needs DATA, such as spans.otlp.jsonl.gz; or --scenario and --measured"
        )
    else:
        names = ("client", "pools", "service", "cpu_time", "class_rules", "duration_unit")
        refuse(options, "--scenario", *names)
        # With --predict, what is set is different there.
        now = () if predict else overrides or ()
        run = *replayed(scenario, measured, now, server, done), done
    _fit_overheads(*run, predict or (), overrides or (), out, output_format)


def _fit_overheads(
    replay: Replay,
    run: Measured,
    done: str,
    predict: Sequence[Path],
    overrides: Sequence[str],
    out: Path | None,
    output_format: str,
) -> None:
    from simsched import calibrate
    from simsched.report import calibration

    if out is not None and out.exists():
        raise InputError(f"{out}: already exists; name another file")
    try:
        with interruptible():
            found = calibrate.fit(replay, run)
            settings = calibration.settings(found)
            predictions = {
                file.name: agreement_with(
                    replay, file, [*_as_overrides(settings), *overrides], done
                )
                for file in predict
            }
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if out is not None:
        _write(replay, settings, out)
    output.put(
        output.render(
            lambda: calibration.document_of_fit(found, predictions),
            lambda: calibration.json_of_fit(found, predictions),
            output_format,
        )
    )


def _as_overrides(settings: dict[str, str]) -> list[str]:
    return [f"{path}={value}" for path, value in settings.items()]


def check(
    scenario: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    measured: Measurements,
    overrides: Overrides = None,
    done: Done = _DONE,
    server: ServerName = None,
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a page there with the measured and simulated distributions.",
        ),
    ] = None,
    output_format: OutputFormat = PrintedAs.TABLE,
) -> None:
    """Show how well a scenario predicts measured response times."""
    from simsched import calibrate
    from simsched.report import calibration

    if page is not None and page.exists():
        raise InputError(f"{page}: already exists; name another file")
    loaded = None if measured.is_dir() else loaded_or_none(scenario, overrides or ())
    if loaded is not None and loaded.workload.trace is None:
        name = server_of(loaded, scenario, server)
        from simsched.cli.fit_data import Options, requests_of

        if done != _DONE:
            raise InputError(f"--done is for a scenario with a trace; call the column {_DONE}")
        clients = requests_of(measured, loaded, Options())
        prediction = calibrate.predict(loaded, name, clients, str(measured))
        document = calibration.document_of_prediction(str(measured), prediction)
        if page is not None:
            from simsched.report.html import calibration_page

            _save(page, calibration_page.render(document, prediction))
        output.put(
            output.render(
                lambda: document,
                lambda: calibration.json_of_prediction(name, prediction),
                output_format,
            )
        )
        return
    replay, run = replayed(scenario, measured, overrides or (), server, done)
    if page is not None:
        raise InputError(
            "--page: it is drawn for scenarios that draw durations, not for a trace that has them"
        )
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


def _save(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from None


def _write(replay: Replay, settings: dict[str, str], out: Path) -> None:
    """Write the scenario of *replay* with the estimated *settings*.

    Raises:
        InputError: *out* cannot be written.
    """
    from simsched.scenario import dump, load

    _save(out, dump(load(replay.scenario, _as_overrides(settings))))
