"""The commands that hold scenarios against measurements: ``fit`` and ``check``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from simsched.cli.options import Format as PrintedAs
from simsched.cli.options import OutputFormat, Overrides
from simsched.cli.shared import NOTHING, interrupted_with
from simsched.errors import InputError
from simsched.report import printing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsched.api.fit_results import FitResult

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
    from simsched.api.fit_data import Options
    from simsched.api.fitting import fitted
    from simsched.calibrate.writing import check_free

    options = Options(
        data=data or (),
        scenario=scenario,
        measured=measured,
        done=done,
        client=client,
        cpu_time=cpu_time,
        pools=_pools(pool or ()),
        server=_server(server) if data and server is not None else server,
        service=service,
        predict=predict or (),
        overrides=overrides or (),
        class_rules=class_rule or (),
        duration_unit=duration_unit,
    )
    if out is not None:
        check_free(out)
    with interrupted_with(lambda: NOTHING):
        found = fitted(options)
    if out is not None:
        found.save(out)
    _put(found, out, output_format)


def _pools(texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        name, is_given, size = text.rpartition("=")
        if not (is_given and name and size.isascii() and size.isdigit() and int(size)):
            raise InputError(f"--pool {text}: write its name and capacity, as in --pool db=10")
        if name in found:
            raise InputError(f"--pool {text}: the pool {name} has a capacity already")
        found[name] = int(size)
    return found


def _server(text: str) -> dict[str, int | str]:
    """Return the options of a server, each as ``key=value``."""
    given: dict[str, int | str] = {}
    for each in filter(None, text.split(",")):
        key, is_given, value = (part.strip() for part in each.partition("="))
        if not (is_given and key):
            raise InputError(
                f"--server {text}: write its options, as in --server model=cooperative,workers=2"
            )
        if key in given:
            raise InputError(f"--server {text}: {key} is given twice")
        given[key] = int(value) if value.isascii() and value.isdigit() else value
    return given


def _put(result: FitResult, out: Path | None, output_format: str) -> None:
    from simsched.calibrate import Agreement, Fit, Learned, Prediction
    from simsched.report import calibration
    from simsched.statistics.words.calibration import SECOND_HALF

    match result.found:
        case Learned() as learned:
            drawn = {run: it for run, it in result.held.items() if isinstance(it, Prediction)}
            name = out.name if out else None
            document = partial(calibration.document_of_learned, learned, drawn, name)
            to_json = partial(calibration.json_of_learned, learned, drawn)
        case Fit() as fit:
            # What was estimated says how the second half agrees.
            runs = (run for run in result.held.items() if run[0] != SECOND_HALF)
            others = {run: it for run, it in runs if isinstance(it, Agreement)}
            document = partial(calibration.document_of_fit, fit, others)
            to_json = partial(calibration.json_of_fit, fit, others)
        case _:
            assert_never(result.found)
    printing.put(printing.render(document, to_json, output_format))


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
    from simsched.api.fitting import checked
    from simsched.calibrate import Agreement, Prediction
    from simsched.report import calibration

    if page is not None and page.exists():
        raise InputError(f"{page}: already exists; name another file")
    found = checked(scenario, measured, overrides or (), server, done)
    match found.held:
        case Prediction() as prediction:
            document = calibration.document_of_prediction(found.measured, prediction)
            to_json = partial(calibration.json_of_prediction, found.server, prediction)
        case Agreement() as agreement:
            document = calibration.document_of_check(found.server, agreement)
            to_json = partial(calibration.json_of_check, found.server, agreement)
        case _:
            assert_never(found.held)
    if page is not None:
        from simsched.report.html import calibration_page

        _save(page, calibration_page.render(document, found.held.curves, found.held.course))
    printing.put(printing.render(lambda: document, to_json, output_format))


def _save(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from None
