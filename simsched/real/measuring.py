"""A measurement: every server of a scenario run for real, and simulated with the same requests."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from time import monotonic_ns

import numpy as np

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment import prepare, run
from simsched.experiment.result import MEASURED_ON, Result
from simsched.experiment.workers import cores
from simsched.real import support
from simsched.real.client import Client, new_loop
from simsched.real.crew import Crew
from simsched.real.deployed import Deployed, Real, serving
from simsched.real.measurement import Measurement
from simsched.real.noise import Noise, probe
from simsched.real.pinning import pinned, places
from simsched.real.traces import Run, trace_of
from simsched.real.worker import Assignment
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.statistics.appraisal import appraise
from simsched.statistics.contender import contenders_of
from simsched.statistics.words import measuring as words
from simsched.statistics.words.numbers import counted
from simsched.units import SECOND, format_duration
from simsched.workload import ClosedWorkload, Requests, Workload, draw
from simsched.workload.arrivals import arrival_rate_per_s

HEAD_START_NS = 100_000_000
"""A run begins so long after its workers are ready."""

STARTING_NS = 1_500_000_000
"""How long it takes, about, until the workers of a server are ready."""

PATIENCE = 3
"""A run is cut off when it takes so many times as long as the simulation says, and"""

GRACE_NS = 5_000_000_000
"""so much more."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be measured, and what the simulation says.

    Attributes:
        scenario: the scenario, with one replication.
        workload: the requests of all its servers.
        simulated: its simulation.
        expected_ns: about how long measuring takes.
        using: the real servers that serve them; empty for workers of our own.
    """

    scenario: Scenario
    workload: Workload | ClosedWorkload
    simulated: Result
    expected_ns: int
    using: tuple[Real, ...] = ()


def plan(scenario: Scenario, seed: int | None, limit_ns: int, using: tuple[Real, ...] = ()) -> Plan:
    """Return what measuring *scenario* comes to, *using* real servers if there are any.

    Raises:
        ScenarioError: something in it cannot be measured.
        InputError: it takes longer than *limit_ns*.
    """
    rules = scenario.run.model_copy(update={"until": None})
    (scenario,) = prepare([scenario.model_copy(update={"run": rules})], seed, replications=1)
    _check_time(len(scenario.servers) * _least_ns(scenario), limit_ns)
    workload = draw(scenario, 1)
    support.check(scenario, _pattern(workload), using)
    simulated = run([scenario])
    lasts = [traces[0].end_ns for traces in simulated.traces.values()]
    expected = sum(lasts) + len(lasts) * STARTING_NS
    _check_time(expected, limit_ns)
    return Plan(scenario, workload, simulated, expected, using)


def measure(planned: Plan, limit_ns: int) -> Measurement:
    """Run every server of the plan for real, for at most *limit_ns* in all.

    What was measured before a KeyboardInterrupt is returned.

    Raises:
        KeyboardInterrupt: nothing was measured before it.
        RunError: a worker ended, or could not be started.
    """
    noise = probe()
    deadline = monotonic_ns() + limit_ns
    workload = _drawn_once(planned)
    found: dict[str, _Measured] = {}
    is_interrupted = False
    for each in contenders_of([planned.scenario]):
        longest = PATIENCE * planned.simulated.traces[each.label][0].end_ns + GRACE_NS
        try:
            found[each.label] = _measured(
                each.server, workload, min(longest, deadline - monotonic_ns()), planned.using
            )
        except KeyboardInterrupt:
            if not found:
                raise
            is_interrupted = True
        if is_interrupted or found[each.label].is_interrupted:
            is_interrupted = True
            break
    noise = _with_run(noise, found.values())
    result = _result(planned.scenario, found, words.noise(noise))
    return Measurement(result, planned.simulated, noise, is_interrupted)


@dataclass(frozen=True, eq=False)
class _Measured:
    """What came of the run of a server.

    Attributes:
        trace: its requests.
        late: how late the client sent one at most, in nanoseconds.
        computing: how long its workers computed, in nanoseconds,
        stolen: and for how much of that something else had their cores; 0 where threads compete.
        is_interrupted: whether Ctrl-C ended it.
    """

    trace: Trace
    late: int = 0
    computing: int = 0
    stolen: int = 0
    is_interrupted: bool = False


def _measured(
    server: Server, workload: Workload | ClosedWorkload, longest: int, using: tuple[Real, ...]
) -> _Measured:
    """Run *server* for at most *longest* nanoseconds."""
    pattern = _pattern(workload)
    mine, theirs = places(server)
    with _host(server, pattern, theirs, using) as host, pinned(mine):
        client = host.client()
        start = monotonic_ns() + HEAD_START_NS
        lasting = longest if workload.end_ns is None else min(longest, workload.end_ns)
        until = start + max(0, lasting)
        is_interrupted = _load(client, host.sentinels, workload, start, until)
        end = min(monotonic_ns(), until)
        if workload.end_ns is not None and not is_interrupted:
            end = until
        records = host.reports(client)
    if isinstance(workload, Workload):
        client.note_due(workload, start, end)
    if not client.sent and is_interrupted:
        raise KeyboardInterrupt
    trace = trace_of(Run(server, pattern, start, max(start, end), client.sent, records))
    alone = server.lock_interval is None and server.workers <= server.core_count
    stolen = sum(each.stolen for each in records) if alone else 0
    return _Measured(
        trace,
        late=max((each.late for each in client.sent), default=0),
        computing=int(trace.cpu_ns.sum()) + stolen if alone else 0,
        stolen=stolen,
        is_interrupted=is_interrupted,
    )


def _host(
    server: Server, pattern: Requests, cores: Sequence[Sequence[int]], using: tuple[Real, ...]
) -> Crew | Deployed:
    """Return the processes of *server*: a real one, or workers of our own."""
    real = serving(server, using)
    if real is not None:
        return Deployed(real, server, pattern, sorted({core for each in cores for core in each}))
    return Crew(
        [
            Assignment(worker, server, pattern.steps, pattern.resources, cores[worker])
            for worker in range(server.workers)
        ]
    )


def _with_run(noise: Noise, found: Iterable[_Measured]) -> Noise:
    """Return *noise* with what showed in the runs that were measured."""
    runs = list(found)
    computing = sum(each.computing for each in runs)
    return replace(
        noise,
        stolen=sum(each.stolen for each in runs) / max(1, computing),
        client_late_s=max(each.late for each in runs) / SECOND,
    )


def _load(
    client: Client,
    sentinels: Sequence[int],
    workload: Workload | ClosedWorkload,
    start: int,
    until: int,
) -> bool:
    """Send the requests of *workload*, until all are served or it is *until*.

    Return whether it was interrupted.
    """

    async def load() -> None:
        loop = asyncio.get_running_loop()
        for sentinel in sentinels:
            loop.add_reader(sentinel, client.fail)
        try:
            async with asyncio.timeout((until - monotonic_ns()) / SECOND):
                await client.load(workload, start)
        except TimeoutError:
            pass

    with asyncio.Runner(loop_factory=new_loop) as runner:
        try:
            runner.run(load())
        except KeyboardInterrupt:
            return True
    return False


def _result(
    scenario: Scenario, measured: Mapping[str, _Measured], notes: tuple[str, ...]
) -> Result:
    traces = {name: (each.trace,) for name, each in measured.items()}
    servers = {name: server for name, server in scenario.servers.items() if name in traces}
    scenario = scenario.model_copy(update={"servers": servers})
    python = f"{platform.python_implementation()} {platform.python_version()}"
    made = f"{python}, {counted(cores(), 'core')}"
    found = appraise(contenders_of([scenario]), traces)
    return Result.of((scenario,), traces, found, notes, {MEASURED_ON: made})


def _pattern(workload: Workload | ClosedWorkload) -> Requests:
    return workload if isinstance(workload, Workload) else workload.block(0)


def _drawn_once(planned: Plan) -> Workload | ClosedWorkload:
    """Return the workload, whose users' requests are drawn now: the client has no time for it."""
    workload = planned.workload
    if isinstance(workload, Workload):
        return workload
    kept = cache(workload.block)
    traces = [each[0] for each in planned.simulated.traces.values()]
    most = max(int(np.bincount(trace.user, minlength=1).max()) for trace in traces)
    drawn = number = 0
    while drawn < most:
        drawn += kept(number).per_user
        number += 1
    return replace(workload, block=kept)


def _least_ns(scenario: Scenario) -> int:
    """Return how long a run of a server of *scenario* takes at least, as far as that is plain."""
    workload = scenario.workload
    if workload.duration is not None:
        return workload.duration
    if workload.open is None or workload.requests is None:
        return 0
    return int(workload.requests / arrival_rate_per_s(scenario) * SECOND)


def _check_time(needed_ns: int, limit_ns: int) -> None:
    if needed_ns > limit_ns:
        needed, limit = (format_duration(ns / SECOND) for ns in (needed_ns, limit_ns))
        raise InputError(
            f"measuring takes {needed}, as long as what it measures, and the limit is {limit}; "
            "raise --time-limit, or shorten the workload with --set"
        )
