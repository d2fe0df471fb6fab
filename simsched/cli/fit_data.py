"""``simsched fit DATA``: a scenario from spans, and how well it predicts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import simsched
from simsched.errors import InputError
from simsched.interrupt import INTERRUPTED, interruptible
from simsched.report import output

if TYPE_CHECKING:
    from simsched.calibrate import Facts, Learned, Prediction
    from simsched.scenario import Scenario

_LEAST_OF_A_HALF = 50


@dataclass(frozen=True)
class Options:
    """What the command line says about the data.

    Attributes:
        client: the file of the clients' times.
        cpu_time: the CPU time of the server.
        pools: pools with their capacities, each as ``NAME=CAPACITY``.
        server: options of the server, as in ``model=cooperative,workers=2``.
        service: which service of the spans.
        predict: files whose requests are predicted.
        overrides: what is different there.
    """

    client: Path | None = None
    cpu_time: str | None = None
    pools: Sequence[str] = ()
    server: str | None = None
    service: str | None = None
    predict: Sequence[Path] = ()
    overrides: Sequence[str] = ()


def fit_data(data: Sequence[Path], options: Options, out: Path | None, output_format: str) -> None:
    """Make a scenario of *data*, print what was estimated, and write it as *out*.

    Raises:
        InputError: the data or an option cannot be used.
    """
    from simsched.calibrate.writing import write
    from simsched.report import calibration

    if out is not None and out.exists():
        raise InputError(f"{out}: already exists; name another file")
    try:
        with interruptible():
            found, predictions = _learned(data, options)
    except KeyboardInterrupt:
        typer.echo("simsched: interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if out is not None:
        write(found.blueprint, out.stem).save(out)
    output.put(
        output.render(
            lambda: calibration.document_of_learned(found, predictions, out.name if out else None),
            lambda: calibration.json_of_learned(found, predictions),
            output_format,
        )
    )


def _learned(data: Sequence[Path], options: Options) -> tuple[Learned, Mapping[str, Prediction]]:
    from simsched.calibrate import Learner, format_of, predict, read_clients
    from simsched.calibrate.otlp import read_spans
    from simsched.calibrate.visits import visits_of
    from simsched.statistics.words import calibration as words

    for path in data:
        if format_of(path) != "spans":
            raise InputError(f"{path}: it holds no OpenTelemetry spans in OTLP's JSON")
    learner = Learner(visits_of(read_spans(data), options.service), _facts(options))
    found = learner.learned()
    predictions = {}
    first, second = learner.halves()
    if len(second) >= _LEAST_OF_A_HALF:
        for scenario, server in _scenario(first.learned(), ()):
            predictions[words.SECOND_HALF] = predict(scenario, server, second)
    for file in options.predict:
        for scenario, server in _scenario(found, options.overrides):
            predictions[file.name] = predict(scenario, server, read_clients(file))
    return found, predictions


def _scenario(found: Learned, overrides: Sequence[str]) -> Iterator[tuple[Scenario, str]]:
    """Yield the scenario of what was learned, while its files are there, and its server's name."""
    from simsched.calibrate.writing import write

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fitted.yaml"
        write(found.blueprint, file.stem).save(file)
        yield simsched.load(file, overrides), found.blueprint.server_name


def _facts(options: Options) -> Facts:
    from simsched.calibrate import Facts, read_clients

    return Facts(
        server=_server(options.server or ""),
        pools=dict(_pool(each) for each in options.pools),
        cpu_ns=None if options.cpu_time is None else _duration(options.cpu_time),
        clients=None if options.client is None else read_clients(options.client),
    )


def _duration(text: str) -> int:
    from simsched.units import parse_duration

    try:
        found = parse_duration(text)
    except ValueError as error:
        raise InputError(f"--cpu-time: {error}") from None
    if not found:
        raise InputError("--cpu-time: 0 is too short; the server computed")
    return found


def _pool(text: str) -> tuple[str, int]:
    name, is_given, size = text.rpartition("=")
    if not (is_given and name and size.isascii() and size.isdigit() and int(size)):
        raise InputError(f"--pool {text}: write its name and capacity, as in --pool db=10")
    return name, int(size)


def _server(text: str) -> dict[str, Any]:
    """Return the options of a server, each as ``key=value``; a loop if nothing is said."""
    found: dict[str, Any] = {"model": "cooperative", "workers": 1}
    for each in filter(None, text.split(",")):
        key, is_given, value = each.partition("=")
        if not is_given:
            raise InputError(
                f"--server {text}: write its options, as in --server model=cooperative,workers=2"
            )
        found[key.strip()] = int(value) if value.strip().isdigit() else value.strip()
    try:
        simsched.load(
            {
                "name": "server",
                "requests": {"r": [{"cpu": "1ms"}]},
                "workload": {"schedule": [{"at": "0ms", "request": "r"}]},
                "servers": {"s": found},
            }
        )
    except InputError as error:
        raise InputError(f"--server {text}: {str(error).partition(': ')[2]}") from None
    return found
