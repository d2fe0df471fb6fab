"""What measurements are fitted to a scenario, and how: spans, access logs and tables."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsched.api.running import load
from simsched.errors import InputError

if TYPE_CHECKING:
    from simsched.api.running import Source
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

DONE = "done_s"
"""The column of the times of the answers, unless another is named."""

_PHASES_KNOWN = "a table that says what each request did"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is fitted, and what is known of it.

    Attributes:
        data: files of measurements; without any, *scenario* replays what was *measured*.
        scenario: a scenario whose trace workload replays the measured requests.
        measured: the file that it replays, or the folder of a run.
        done: the column of the times of the answers.
        client: the file of the clients' times.
        cpu_time: the CPU time of the server.
        pools: pools with their capacities.
        server: the options of the server of *data*; or which server of *scenario* was measured.
        service: which service of the spans.
        predict: files whose requests are predicted.
        overrides: what is different there.
        class_rules: which requests of a log or table are of which class, as ``PATTERN=NAME``.
        duration_unit: the unit of durations in a log that have none.
    """

    data: Sequence[Path] = ()
    scenario: Source | None = None
    measured: Path | None = None
    done: str = DONE
    client: Path | None = None
    cpu_time: str | None = None
    pools: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, Any] | str | None = None
    service: str | None = None
    predict: Sequence[Path] = ()
    overrides: Sequence[str] = ()
    class_rules: Sequence[str] = ()
    duration_unit: str | None = None


def recorded_run(options: Options) -> tuple[Replay, Measured, str] | None:
    """Return what replays a table that says what each request did, its answers, and their column.

    None is returned for all other data.

    Raises:
        InputError: the table cannot be used.
    """
    from simsched.calibrate import Replay, format_of, read_measured
    from simsched.calibrate.table import recorded

    if len(options.data) > 1 or format_of(options.data[0]) != "table":
        return None
    found = recorded(options.data[0], _server(options.server))
    if found is None:
        return None
    refuse(options, _PHASES_KNOWN)
    scenario = load(found.scenario)
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a table is replayed as one
    return (
        Replay.of(scenario, next(iter(scenario.servers))),
        read_measured(trace, found.done),
        found.done,
    )


def learned_of(options: Options) -> tuple[Scenario, Learned, dict[str, Prediction]]:
    """Return the scenario of some data, what was learned, and what that predicts.

    Raises:
        InputError: the data or an option cannot be used.
    """
    from simsched.calibrate import predict
    from simsched.statistics.words import calibration as words

    learner = _learner(options)
    found = learner.learned()
    predictions = {}
    if found.requests >= words.LEAST_PREDICTED:
        first, second = learner.halves()
        half = first.learned()
        known = second.of(half.blueprint.requests)
        if unseen := len(second) - len(known):
            found.blueprint.remarks.append(words.unseen(unseen, len(second)))
        if len(known):
            predictions[words.SECOND_HALF] = predict(
                _scenario(half), half.blueprint.server_name, known
            )
    server = found.blueprint.server_name
    for file in options.predict:
        scenario = _scenario(found, options.overrides)
        requests = requests_of(file, scenario, options)
        predictions[file.name] = predict(scenario, server, requests, str(file))
    return _scenario(found), found, predictions


def _learner(options: Options) -> Learner | LogLearner:
    """Return what learns from *data*.

    Raises:
        InputError: the files are of several kinds, or an option is not for theirs.
    """
    from simsched.calibrate import Learner, format_of
    from simsched.calibrate.from_log import LogLearner
    from simsched.calibrate.otlp import read_spans
    from simsched.calibrate.visits import visits_of

    data = options.data
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
    if "table" in kinds:
        refuse(options, "a table, whose columns end in their units", "duration_unit")
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
    """Refuse the options called *names*, which are not for such data; all of them unless given."""
    for name in names or _NAMES:
        if getattr(options, name):
            raise InputError(f"{_NAMES[name]} cannot be used with {kind}")


def _scenario(found: Learned, overrides: Sequence[str] = ()) -> Scenario:
    """Return the scenario of what was learned; it holds what its files do."""
    from simsched.calibrate.writing import write

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fitted.yaml"
        write(found.blueprint, file.stem).save(file)
        return load(file, overrides)


def _facts(options: Options) -> Facts:
    from simsched.calibrate import Facts, read_clients

    return Facts(
        server=_server(options.server),
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


def _pools(pools: Mapping[str, Any]) -> dict[str, int]:
    for name, capacity in pools.items():
        _check(f"--pool {name}={capacity}", {"resources": {name: {"capacity": capacity}}})
    return dict(pools)


def _server(options: Mapping[str, Any] | str | None) -> dict[str, Any]:
    """Return the server of some data; a loop if nothing is said."""
    if isinstance(options, str):
        raise InputError(
            f"--server {options}: write its options, as in --server model=cooperative,workers=2"
        )
    found = {"model": "cooperative", "workers": 1, **(options or {})}
    shown = ",".join(f"{key}={value}" for key, value in (options or {}).items())
    _check(f"--server {shown}", {"servers": {"s": found}})
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
        load({**plain, **part})
    except InputError as error:
        raise InputError(f"{option}: {str(error).partition(': ')[2]}") from None
