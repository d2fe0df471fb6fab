"""What replays a run that was measured: a scenario, and the requests it is held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from simsched.api.running import load
from simsched.errors import InputError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsched.api.running import Source
    from simsched.calibrate import Agreement, Measured, Replay
    from simsched.scenario import Scenario


def loaded_or_none(source: Source, overrides: Sequence[str]) -> Scenario | None:
    """Return the scenario; None if it has faults, which are found when it is used."""
    try:
        return load(source, overrides)
    except ScenarioError:
        return None


def server_of(scenario: Scenario, server: str | None) -> str:
    """Return the name of the measured server.

    Raises:
        InputError: the scenario does not have it, or has several and it is not named.
    """
    names, of = list(scenario.servers), scenario.name
    if server is None and len(names) > 1:
        raise InputError(f"{of}: it has {len(names)} servers; name the measured one: --server")
    if server is not None and server not in names:
        raise InputError(f"--server: there is no server {server!r} in {of}: {', '.join(names)}")
    return server or names[0]


def replayed(
    source: Source, measured: Path, overrides: Sequence[str], server: str | None, done: str
) -> tuple[Replay, Measured]:
    """Return the replay of *measured* by the scenario in *source*, and what was measured.

    Raises:
        ScenarioError: the scenario or the measurements cannot be used.
        InputError: the scenario replays nothing, or does not say which server was measured.
    """
    from simsched.calibrate import Replay, read_measured

    if measured.is_dir():
        return _of_run(source, measured, overrides, server)
    loaded = loaded_or_none(source, overrides)
    if loaded is not None and loaded.workload.trace is None:
        raise InputError(
            f"{loaded.name}: only a trace workload can replay what was measured; write for example "
            "workload: {trace: {file: run.csv, arrival: arrival_s}}"
        )
    scenario = load(source, [*overrides, _recorded(measured)])
    replay = Replay.of(scenario, server_of(scenario, server))
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a replay is of a trace
    return replay, read_measured(trace, done)


def _of_run(
    source: Source, folder: Path, overrides: Sequence[str], server: str | None
) -> tuple[Replay, Measured]:
    """Return the replay of the run in *folder* by the scenario, and what was measured.

    Raises:
        ScenarioError: the scenario cannot be used.
        InputError: the run cannot be read, or is not of the requests of the scenario.
    """
    from simsched.calibrate import Measured, Replay
    from simsched.report import stored

    scenario = load(source, overrides)
    name = server_of(scenario, server)
    traces = stored.read(folder).result.traces
    if name not in traces:
        raise InputError(f"{folder}: it has no server {name!r}: {', '.join(traces)}")
    run = traces[name][0].requests
    return Replay.of_run(scenario, name, run), Measured(run.arrival_ns, run.finish_ns)


def agreement_with(replay: Replay, file: Path, overrides: Sequence[str], done: str) -> Agreement:
    """Return how the scenario of *replay*, with *overrides*, agrees with another run.

    Raises:
        InputError: the run cannot be used.
    """
    from simsched.calibrate import Replay, read_measured

    if replay.scenario.workload.trace is None:
        raise InputError(f"--predict {file}: only a scenario with a trace replays another file")
    scenario = load(replay.scenario, [_recorded(file), *overrides])
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a replay is of a trace
    return agreement(Replay.of(scenario, replay.server), read_measured(trace, done))


def agreement(replay: Replay, run: Measured) -> Agreement:
    """Return how the server of *replay*, with its own overheads, agrees with the *run*."""
    from simsched.calibrate import compare

    overhead = replay.scenario.servers[replay.server].overhead
    predicted = replay.response_ns(overhead.request, overhead.io)
    return compare(run.arrival_ns, run.response_ns, predicted)


def _recorded(file: Path) -> str:
    return f"workload.trace.file={json.dumps(str(file.resolve()))}"
