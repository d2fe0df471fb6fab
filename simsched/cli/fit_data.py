"""``simsched fit DATA``: a scenario from measurements, and how well it predicts."""

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
    from simsched.calibrate import (
        Clients,
        Facts,
        Learned,
        Learner,
        Measured,
        Prediction,
        Replay,
    )
    from simsched.calibrate.from_log import LogLearner
    from simsched.calibrate.observed import Observed
    from simsched.scenario import Scenario

_PHASES_KNOWN = "a table that says what each request did"


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
        class_rules: which requests of a log or table are of which class, as ``PATTERN=NAME``.
        duration_unit: the unit of durations in a log that have none.
    """

    client: Path | None = None
    cpu_time: str | None = None
    pools: Sequence[str] = ()
    server: str | None = None
    service: str | None = None
    predict: Sequence[Path] = ()
    overrides: Sequence[str] = ()
    class_rules: Sequence[str] = ()
    duration_unit: str | None = None


def recorded_run(data: Sequence[Path], options: Options) -> tuple[Replay, Measured, str] | None:
    """Return what replays a table that says what each request did, its answers, and their column.

    None is returned for all other data.

    Raises:
        InputError: the table cannot be used.
    """
    from simsched.calibrate import Replay, format_of, read_measured
    from simsched.calibrate.table import recorded

    if len(data) > 1 or format_of(data[0]) != "table":
        return None
    found = recorded(data[0], _server(options.server or ""))
    if found is None:
        return None
    names = ("client", "pools", "service", "cpu_time", "class_rules", "duration_unit")
    refuse(options, _PHASES_KNOWN, *names)
    scenario = simsched.load(found.scenario)
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a table is replayed as one
    return (
        Replay.of(scenario, next(iter(scenario.servers))),
        read_measured(trace, found.done),
        found.done,
    )


def fit_data(data: Sequence[Path], options: Options, out: Path | None, output_format: str) -> None:
    """Make a scenario of *data*, print what was estimated, and write it as *out*.

    Raises:
        InputError: the data or an option cannot be used.
    """
    from simsched.calibrate.writing import check_free, write
    from simsched.report import calibration

    if out is not None:
        check_free(out)
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
    from simsched.calibrate import predict
    from simsched.statistics.words import calibration as words

    learner = _learner(data, options)
    found = learner.learned()
    predictions = {}
    if found.requests >= words.LEAST_PREDICTED:
        first, second = learner.halves()
        for scenario, server in _scenario(first.learned(), ()):
            predictions[words.SECOND_HALF] = predict(scenario, server, second)
    for file in options.predict:
        for scenario, server in _scenario(found, options.overrides):
            requests = requests_of(file, scenario, options)
            predictions[file.name] = predict(scenario, server, requests, str(file))
    return found, predictions


def _learner(data: Sequence[Path], options: Options) -> Learner | LogLearner:
    """Return what learns from *data*.

    Raises:
        InputError: the files are of several kinds, or an option is not for theirs.
    """
    from simsched.calibrate import Learner, format_of
    from simsched.calibrate.from_log import LogLearner
    from simsched.calibrate.otlp import read_spans
    from simsched.calibrate.visits import visits_of

    kinds = [format_of(path) for path in data]
    if len(set(kinds)) > 1 or ("table" in kinds and len(data) > 1):
        names = ", ".join(f"{path} ({kind})" for path, kind in zip(data, kinds, strict=True))
        raise InputError(f"these files cannot be fitted together: {names}; fit each by itself")
    if "spans" in kinds:
        refuse(options, "spans", "class_rules", "duration_unit")
        facts, visits = _facts(options), visits_of(read_spans(data), options.service)
        facts.check_cpu_time(visits.elapsed_ns)
        return Learner(visits, facts)
    refuse(options, "a log or table", "client", "pools", "service")
    name = data[0].name.partition(".")[0] or "log"
    facts, assumed = _facts(options), options.server is None
    return LogLearner(_observed(data, options), facts.server, name, facts.cpu_ns, assumed)


def _observed(data: Sequence[Path], options: Options) -> Observed:
    """Return the requests in logs, or in a table."""
    from simsched.calibrate import format_of
    from simsched.calibrate.access_log import read_access_log
    from simsched.calibrate.classes import Rule
    from simsched.calibrate.table import read_table
    from simsched.units import DURATION_UNITS

    rules = [Rule.parse(text) for text in options.class_rules]
    if format_of(data[0]) == "table":
        return read_table(data[0], rules)
    unit = options.duration_unit
    if unit is not None and unit not in {"s", "ms", "us", "ns"}:
        raise InputError(f"--duration-unit {unit}: use one of s, ms, us, ns")
    return read_access_log(data, rules, None if unit is None else DURATION_UNITS[unit])


def requests_of(file: Path, scenario: Scenario, options: Options) -> Clients:
    """Return the requests of another run, with the classes of *scenario*.

    Raises:
        InputError: the file cannot be used.
    """
    from simsched.calibrate import format_of, read_clients
    from simsched.calibrate.from_log import clients

    if format_of(file) == "spans":
        raise InputError(f"{file}: give the clients' times of that run, CSV or Parquet")
    if format_of(file) == "table" and not options.class_rules:
        found = read_clients(file)
        if not set(found.request or ()) - set(scenario.requests):
            return found
    return clients(_observed([file], options), list(scenario.requests))


_NAMES = {
    "client": "--client",
    "pools": "--pool",
    "service": "--service",
    "cpu_time": "--cpu-time",
    "class_rules": "--class-rule",
    "duration_unit": "--duration-unit",
}


def refuse(options: Options, kind: str, *names: str) -> None:
    """Refuse the options called *names*, which are not for such data."""
    for name in names:
        if getattr(options, name):
            raise InputError(f"{_NAMES[name]} cannot be used with {kind}")


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
        pools=_pools(options.pools),
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


def _pools(texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        name, is_given, size = text.rpartition("=")
        if not (is_given and name and size.isascii() and size.isdigit() and int(size)):
            raise InputError(f"--pool {text}: write its name and capacity, as in --pool db=10")
        if name in found:
            raise InputError(f"--pool {text}: the pool {name} has a capacity already")
        found[name] = int(size)
        _check(f"--pool {text}", {"resources": {name: {"capacity": found[name]}}})
    return found


def _server(text: str) -> dict[str, Any]:
    """Return the options of a server, each as ``key=value``; a loop if nothing is said."""
    given: dict[str, Any] = {}
    for each in filter(None, text.split(",")):
        key, is_given, value = (part.strip() for part in each.partition("="))
        if not (is_given and key):
            raise InputError(
                f"--server {text}: write its options, as in --server model=cooperative,workers=2"
            )
        if key in given:
            raise InputError(f"--server {text}: {key} is given twice")
        given[key] = int(value) if value.isascii() and value.isdigit() else value
    found = {"model": "cooperative", "workers": 1, **given}
    _check(f"--server {text}", {"servers": {"s": found}})
    return found


def _check(option: str, part: Mapping[str, Any]) -> None:
    """Refuse an option with which a scenario would not be valid."""
    plain = {
        "name": "measured",
        "requests": {"r": [{"cpu": "1ms"}]},
        "workload": {"schedule": [{"at": "0ms", "request": "r"}]},
        "servers": {"s": {"model": "serial"}},
    }
    try:
        simsched.load({**plain, **part})
    except InputError as error:
        raise InputError(f"{option}: {str(error).partition(': ')[2]}") from None
