"""Scenarios fitted to measurements, and held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from simsched.api.arguments import check_overrides, check_text, in_python, path_of, paths_of
from simsched.api.fit_data import DONE, Options, learned_of, recorded_run, refuse, requests_of
from simsched.api.replays import agreement, agreement_with, loaded_or_none, replayed, server_of
from simsched.errors import InputError
from simsched.scenario.file.wording import describe

if TYPE_CHECKING:
    from pathlib import Path

    from simsched.api.fit_results import CheckResult, FitResult
    from simsched.api.running import Source
    from simsched.calibrate import Measured, Replay
    from simsched.scenario.written import Server

    File = str | PathLike[str]
    """The path of a file."""


def fit(  # noqa: PLR0913 - all but the first are named
    data: File | Sequence[File] = (),
    *,
    scenario: Source | None = None,
    measured: File | None = None,
    client: File | None = None,
    cpu_time: str | None = None,
    pools: Mapping[str, int] | None = None,
    server: Server | str | None = None,
    service: str | None = None,
    predict: File | Sequence[File] = (),
    overrides: Sequence[str] = (),
    classes: Mapping[str, str] | None = None,
    duration_unit: Literal["s", "ms", "us", "ns"] | None = None,
    done: str = DONE,
) -> FitResult:
    """Make a scenario of measurements, or estimate a server's overheads from them.

    With *data*: the classes of requests, what they do and how long that takes. With *scenario* and
    *measured*: the overheads with which the simulation is closest to what was measured. Either way
    the first half of the requests then predicts the second, to show how good that is.

    Args:
        data: OpenTelemetry spans (OTLP/JSON), access logs, or a table of requests (CSV, Parquet).
        scenario: instead of *data*: a scenario whose trace workload replays what was measured.
        measured: the file that it replays; or the folder of a run of :func:`measure`.
        client: the clients' times of the requests in *data*: CSV or Parquet.
        cpu_time: the CPU time of the server while it served *data*, as in ``15.65s``.
        pools: the capacities of pools of connections, by name.
        server: the options of the server of *data*, as in ``{"model": "threaded"}``; or the name of
            the server of *scenario* that was measured.
        service: which service of the spans.
        predict: other runs to predict, with *overrides*.
        overrides: what is different there, as in ``servers.shop.workers=2``.
        classes: names of classes by patterns that match ``METHOD /path`` of requests in a log.
        duration_unit: the unit of durations in a log that have none.
        done: the column of the times of the answers, with *scenario*.

    Raises:
        ScenarioError: the scenario or the measurements cannot be used; it holds every fault.
        InputError: an argument cannot be used, or not with the others.
        RunError: a simulation failed.
    """
    check_overrides(overrides)
    for name, text in (("cpu_time", cpu_time), ("service", service), ("done", done)):
        if text is not None:
            check_text(name, text)
    options = Options(
        data=paths_of("data", data),
        scenario=scenario,
        measured=_optional("measured", measured),
        done=done,
        client=_optional("client", client),
        cpu_time=cpu_time,
        pools=_mapping("pools", pools),
        server=_server(server),
        service=service,
        predict=paths_of("predict", predict),
        overrides=overrides,
        class_rules=[f"{key}={name}" for key, name in _mapping("classes", classes).items()],
        duration_unit=duration_unit,
    )
    with in_python():
        return fitted(options)


def fitted(options: Options) -> FitResult:
    """Return what is estimated with *options*; messages name those of the command line.

    Raises:
        InputError: an option cannot be used, or not with the others.
    """
    from simsched.api.fit_results import FitResult

    if options.data:
        if options.scenario is not None or options.measured is not None:
            raise InputError("fit takes either DATA, or --scenario and --measured")
        if options.overrides and not options.predict:
            raise InputError("--set changes what --predict predicts; give --predict FILE, too")
        if options.done != DONE:
            raise InputError(f"--done cannot be used with DATA; call the column {DONE}")
        run = recorded_run(options)
        if run is None:
            return FitResult(*learned_of(options))
        return _overheads(options, *run)
    if options.measured is None or (options.scenario is None and not options.measured.is_dir()):
        raise InputError(
            "fit needs DATA, such as spans.otlp.jsonl.gz; or --scenario and --measured"
        )
    refuse(options, "--scenario")
    of_run = options.measured / "scenario.yaml"
    scenario = of_run if options.scenario is None else options.scenario
    # With --predict, what is set is different there.
    now = () if options.predict else options.overrides
    name = options.server
    if not isinstance(name, str | None):
        raise InputError(f"--server: the name of a server is needed, not {describe(name)}")
    replay, run_measured = replayed(scenario, options.measured, now, name, options.done)
    return _overheads(options, replay, run_measured, options.done)


def _overheads(options: Options, replay: Replay, run: Measured, done: str) -> FitResult:
    from simsched import calibrate
    from simsched.api.fit_results import FitResult
    from simsched.api.running import load
    from simsched.report.calibration import settings
    from simsched.statistics.words import calibration as words

    found = calibrate.fit(replay, run)
    changes = [f"{path}={value}" for path, value in settings(found).items()]
    predictions = {
        file.name: agreement_with(replay, file, [*changes, *options.overrides], done)
        for file in options.predict
    }
    held = {words.SECOND_HALF: found.prediction, **predictions}
    return FitResult(load(replay.scenario, changes), found, held)


def check(
    scenario: Source,
    measured: File,
    *,
    server: str | None = None,
    overrides: Sequence[str] = (),
    done: str = DONE,
) -> CheckResult:
    """Show how well a scenario predicts measured response times.

    Args:
        scenario: as for :func:`simsched.load`.
        measured: the requests that were measured: a table (CSV or Parquet) or an access log; or the
            folder of a run of :func:`measure`.
        server: which server of *scenario* was measured, if it has several.
        overrides: changes to the scenario, as in ``servers.shop.workers=2``.
        done: the column of the times of the answers, where *scenario* replays a trace.

    Raises:
        ScenarioError: the scenario or the measurements cannot be used; it holds every fault.
        InputError: an argument cannot be used, or not with the others.
        RunError: a simulation failed.
    """
    check_overrides(overrides)
    check_text("done", done)
    if server is not None:
        check_text("server", server)
    with in_python():
        return checked(scenario, path_of("measured", measured), overrides, server, done)


def checked(
    scenario: Source, measured: Path, overrides: Sequence[str], server: str | None, done: str
) -> CheckResult:
    """Return how well *scenario* predicts; messages name options of the command line.

    Raises:
        InputError: an option cannot be used, or not with the others.
    """
    from simsched import calibrate
    from simsched.api.fit_results import CheckResult

    loaded = None if measured.is_dir() else loaded_or_none(scenario, overrides)
    if loaded is None or loaded.workload.trace is not None:
        replay, run = replayed(scenario, measured, overrides, server, done)
        return CheckResult(replay.scenario, replay.server, str(measured), agreement(replay, run))
    name = server_of(loaded, server)
    if done != DONE:
        raise InputError(f"--done is for a scenario with a trace; call the column {DONE}")
    requests = requests_of(measured, loaded, Options())
    found = calibrate.predict(loaded, name, requests, str(measured))
    return CheckResult(loaded, name, str(measured), found)


def _optional(name: str, value: object) -> Path | None:
    return None if value is None else path_of(name, value)


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InputError(f"{name}: a mapping of names is needed, not {describe(value)}")
    return value


def _server(value: object) -> Mapping[str, Any] | str | None:
    if value is None or isinstance(value, str):
        return value
    return _mapping("server", value)
