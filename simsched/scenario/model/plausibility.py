"""Scenarios that are well written, but without end, too large to draw, or without effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simsched.scenario.file.problems import Problem
from simsched.scenario.file.tree import Path
from simsched.scenario.file.wording import quote
from simsched.scenario.model.counts import mean_times
from simsched.scenario.model.distributions import is_always_zero
from simsched.scenario.model.events import ResourceEvent
from simsched.scenario.model.requests import (
    CallPhase,
    Column,
    CpuPhase,
    IoPhase,
    Phase,
    RepeatPhase,
    rows,
)
from simsched.scenario.model.servers import CooperativeServer, Server
from simsched.units import SECOND

if TYPE_CHECKING:
    from simsched.scenario.model.scenario import Scenario
    from simsched.scenario.model.users import ClosedUsers
    from simsched.scenario.model.workload import Source


def take_no_time(phases: Iterable[Phase]) -> bool:
    """Return whether a request of *phases* is served at once whatever chance decides."""
    return all(map(_takes_no_time, phases))


def _takes_no_time(phase: Phase) -> bool:
    if isinstance(phase, RepeatPhase) and mean_times(phase.repeat.times) == 0:
        return True  # a mean of 0 means never, since no count is negative
    if isinstance(phase.demand, Column):
        return False
    at_once = phase.demand is None or is_always_zero(phase.demand)
    return at_once and all(map(take_no_time, phase.inner))


def check_time_passes(scenario: Scenario) -> Iterator[Problem]:
    """Yield the fault of a closed workload that would send requests forever at one moment."""
    for stream, source in scenario.workload.sources.items():
        if source.requests is None and _never_waits(source.closed):
            names = scenario.requests if source.mix is None else source.mix
            if all(take_no_time(scenario.requests[name].phases) for name in names):
                message = (
                    "without think time and service time, requests would repeat forever at one "
                    "moment"
                )
                hint = "let them think, or the requests take time"
                yield Problem((*_place(stream), "closed"), message, hint)


def _never_waits(closed: ClosedUsers | None) -> bool:
    """Return whether users send one request after another for ever."""
    if closed is None or closed.pacing is not None or closed.iterations is not None:
        return False
    return is_always_zero(closed.think)


def _place(stream: str) -> Path:
    """Return where a stream of the workload is; the workload itself if that has no streams."""
    return ("workload", stream) if stream else ("workload",)


MOST_PHASES_MET = 1_000_000
"""How many phases a request may meet on average, repetitions counted."""

MOST_BURSTS = 10_000_000
"""How many bursts of arrivals a replication may have on average."""

MOST_THREADS = 100_000
"""How many threads the workers of a server may have together."""


def check_magnitude(scenario: Scenario) -> Iterator[Problem]:
    """Yield a fault for too many phases of a class, threads of a server, or bursts."""
    for name, request in scenario.requests.items():
        count = rows(request.phases)
        if count > MOST_PHASES_MET:
            message = f"a request would meet about {count:,.0f} phases"
            hint = f"{MOST_PHASES_MET:,} are the most; repeat less"
            yield Problem(("requests", name), message, hint, at_key=True)
    for path, server in _servers(scenario):
        threads = server.workers * server.per_worker
        if threads > MOST_THREADS:
            message = f"{server.workers:,} workers would have {threads:,} threads together"
            hint = f"{MOST_THREADS:,} are the most; have fewer threads or workers"
            yield Problem((*path, "threads"), message, hint)
    for stream, source in scenario.workload.sources.items():
        bursts = _bursts(source)
        if bursts > MOST_BURSTS:
            message = f"there would be about {bursts:,.0f} bursts"
            hint = f"{MOST_BURSTS:,} are the most; let them last longer, or the run be shorter"
            yield Problem((*_place(stream), "open", "bursts"), message, hint, at_key=True)


def _bursts(workload: Source) -> float:
    if workload.open is None or workload.open.bursts is None:
        return 0
    length = float(workload.duration or 0)
    if workload.requests is not None and isinstance(workload.open.rate, float):
        length = workload.requests / workload.open.rate * SECOND
    return length / (workload.open.bursts.on + workload.open.bursts.off)


def check_pools(scenario: Scenario) -> Iterator[Problem]:
    """Yield a fault for each server whose loops have no processes for what is done in one."""
    lacking = [
        path
        for path, server in _servers(scenario)
        if isinstance(server, CooperativeServer)
        and server.process_pool is None
        and any(each.where == "process" for each in _computing(scenario, path))
    ]
    for path in sorted(lacking):
        message = "its requests compute in a process, but its workers have none"
        yield Problem(path, message, "write for example process_pool: 4")


def check_preemption(scenario: Scenario) -> Iterator[Problem]:
    """Yield a fault for each preemptive server whose requests never share a core."""
    if any(request.where for request in scenario.requests.values()):
        return
    for path, server in _servers(scenario):
        alone = server.one_computes and server.workers <= server.core_count
        if server.discipline != "preemptive" or not alone:
            continue
        if not any(each.lock_free or each.where == "thread" for each in _computing(scenario, path)):
            message = "its workers share no cores, so that no request would be interrupted"
            hint = "write fewer cores than workers, such as cores: 1, or discipline: priority"
            yield Problem((*path, "discipline"), message, hint)


def _servers(scenario: Scenario) -> Iterator[tuple[tuple[str, str], Server]]:
    """Yield all servers and services, each with its place."""
    for section, servers in (("servers", scenario.servers), ("services", scenario.services)):
        for name, server in servers.items():
            yield (section, name), server


def _computing(scenario: Scenario, path: tuple[str, str]) -> Iterator[CpuPhase]:
    """Yield the CPU phases of all requests that the server or service at *path* has to do."""
    section, name = path
    service = name if section == "services" else None
    for request in scenario.requests.values():
        for whose, phase in _by_whom(request.phases, None):
            if whose == service and isinstance(phase, CpuPhase):
                yield phase


def _by_whom(phases: Iterable[Phase], service: str | None) -> Iterator[tuple[str | None, Phase]]:
    for phase in phases:
        yield service, phase
        whose = phase.call if isinstance(phase, CallPhase) else service
        for inner in phase.inner:
            yield from _by_whom(inner, whose)


def check_events_matter(scenario: Scenario) -> Iterator[Problem]:
    """Yield a fault for each event of a resource that no I/O is on."""
    used = {name for request in scenario.requests.values() for name in _used(request.phases)}
    idle = scenario.resources.keys() - used
    for position, event in enumerate(scenario.events):
        if isinstance(event, ResourceEvent) and event.resource in idle:
            message = f"no I/O is on {quote(event.resource)}, so this would change nothing"
            hint = f"write on: {event.resource} at the I/O that it slows"
            yield Problem(("events", position, "resource"), message, hint)


def _used(phases: Iterable[Phase]) -> Iterator[str]:
    for phase in phases:
        if isinstance(phase, IoPhase) and phase.on is not None:
            yield phase.on
        for inner in phase.inner:
            yield from _used(inner)
