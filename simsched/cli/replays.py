"""What the commands on measurements replay: a scenario, and the run that it is held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import simsched
from simsched.errors import InputError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsched.calibrate import Agreement, Measured, Replay
    from simsched.scenario import Scenario


def loaded_or_none(file: Path, overrides: Sequence[str]) -> Scenario | None:
    """Return the scenario in a file; None if it has faults, which are found when it is used."""
    try:
        return simsched.load(file, overrides)
    except ScenarioError:
        return None


def server_of(scenario: Scenario, file: Path, server: str | None) -> str:
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


def replayed(
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
    loaded = loaded_or_none(file, overrides)
    if loaded is not None and loaded.workload.trace is None:
        raise InputError(
            f"{file}: only a trace workload can replay what was measured; write for example "
            "workload: {trace: {file: run.csv, arrival: arrival_s}}"
        )
    recorded = f"workload.trace.file={json.dumps(str(measured.resolve()))}"
    scenario = simsched.load(file, [*overrides, recorded])
    replay = Replay.of(scenario, server_of(scenario, file, server))
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
    name = server_of(scenario, file, server)
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
    from simsched.calibrate import Replay, compare, read_measured

    if replay.scenario.workload.trace is None:
        raise InputError(f"--predict {file}: only a scenario with a trace replays another file")
    recorded = f"workload.trace.file={json.dumps(str(file.resolve()))}"
    scenario = simsched.load(replay.scenario, [recorded, *overrides])
    other = Replay.of(scenario, replay.server)
    trace = scenario.workload.trace
    assert trace is not None  # noqa: S101  a replay is of a trace
    run = read_measured(trace, done)
    overhead = scenario.servers[replay.server].overhead
    found = other.response_ns(overhead.request, overhead.io)
    return compare(run.arrival_ns, run.response_ns, found)
