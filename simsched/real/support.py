"""What of a scenario this machine can measure; the rest is refused before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from functools import partial

from simsched.errors import Fault, ScenarioError
from simsched.experiment.workers import cores
from simsched.real.deployed import SERVES, Real, serving
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.workload.columns import Requests
from simsched.workload.steps import StepKind

_Found = Iterator[tuple[str, str, str]]
"""The path of what cannot be measured, why not, and what to do."""

_LEAVE_OUT = "leave it out to measure"

_KNOWN = {
    *("model", "workers", "threads", "cores", "time_slice", "switch_interval", "interpreter_lock"),
    *("discipline", "dispatch", "parallel", "backlog", "backlog_full", "queue_timeout"),
    *("max_in_flight", "overhead", "cost", "cancel_abandoned"),
}
"""The options of a server that are measured, or looked at below; any other one is refused."""


def check(scenario: Scenario, pattern: Requests, using: Sequence[Real] = ()) -> None:
    """Check that every server of *scenario* can be measured, with requests like *pattern*.

    *using* are the real servers that are to serve them.

    Raises:
        ScenarioError: something cannot; it holds every fault.
    """
    faults = [*_of_surroundings(scenario), *_of_resources(scenario)]
    for name, server in scenario.servers.items():
        of_queues = partial(_of_real, pattern, using) if using else _of_queues
        of_server = (_of_options, _of_cores, of_queues, partial(_of_requests, pattern))
        for found in (find(server) for find in of_server):
            faults += [(f"servers.{name}{key}", why, cure) for key, why, cure in found]
    if faults:
        raise ScenarioError(
            tuple(
                Fault(scenario.name, f"cannot be measured: {why}", path=path, hint=cure)
                for path, why, cure in faults
            )
        )


def _of_surroundings(scenario: Scenario) -> _Found:
    if not hasattr(socket, "AF_UNIX"):
        yield "", "this system has no Unix sockets to reach workers by", "use Linux or macOS"
    if scenario.workload.streams is not None:
        yield "workload", "several streams can only be simulated", "leave all but one out"
    if scenario.events:
        yield "events", "events can only be simulated", "leave them out to measure"
    if scenario.services:
        yield "services", "services can only be simulated", "leave them out to measure"
    yield from _of_clients(scenario)


def _of_clients(scenario: Scenario) -> _Found:
    for path, part in (
        ("client", scenario.client),
        *((f"requests.{name}", each) for name, each in scenario.requests.items()),
    ):
        for key in ("timeout", "patience"):
            if getattr(part, key) is not None:
                yield f"{path}.{key}", "clients that give up can only be simulated", _LEAVE_OUT
    if scenario.client.retries is not None:
        yield "client.retries", "retries can only be simulated", "leave them out to measure"
    if scenario.client.connections is not None:
        yield "client.connections", "each request has a connection of its own", _LEAVE_OUT


def _of_resources(scenario: Scenario) -> _Found:
    several = any(server.workers > 1 for server in scenario.servers.values())
    for name, resource in scenario.resources.items():
        path = f"resources.{name}"
        if resource.rate_limit is not None:
            yield f"{path}.rate_limit", "it can only be simulated", _LEAVE_OUT
        if resource.discipline == "random":
            yield f"{path}.discipline", "no real pool chooses at random", "write fifo or lifo"
        if resource.per == "server" and several:
            why = "worker processes do not share slots"
            yield path, why, "write per: worker, or give each server one worker"


def _of_options(server: Server) -> _Found:
    for key in sorted(server.model_dump(by_alias=True, exclude_defaults=True).keys() - _KNOWN):
        yield f".{key}", "it can only be simulated", _LEAVE_OUT
    if set(server.speeds) != {1.0}:
        cure = f"write workers: {server.workers}"
        yield ".workers", "the cores of this machine are all as fast", cure


def _of_cores(server: Server) -> _Found:
    have = cores()
    if server.core_count > have:
        why = f"it needs {server.core_count} cores, and this process has {have}"
        yield "", why, f"write cores: {have}" if server.workers > have else f"at most {have}"
    if server.workers > server.core_count and "time_slice" in server.model_fields_set:
        yield ".time_slice", "the operating system has time slices of its own", _LEAVE_OUT
    if not server.one_computes:
        why = "this Python has an interpreter lock"
        yield ".interpreter_lock", why, _LEAVE_OUT


def _of_queues(server: Server) -> _Found:
    if server.discipline != "fifo":
        yield ".discipline", "sockets and loops serve in order of arrival", "write fifo"
    if server.dispatch == "last_idle":
        why = "which idle process is woken is up to the operating system"
        yield ".dispatch", why, "write shared or random"
    if server.backlog == 0:
        yield ".backlog", "a socket has room for at least 1", "write backlog: 1"
    if server.backlog is not None and server.dispatch == "race":
        why = "workers that race accept whatever comes"
        yield ".backlog", why, "leave it out, or write dispatch: random"
    if server.backlog_full == "drop":
        yield ".backlog_full", "local sockets drop nothing", "write refuse"
    if server.most_at_once is not None and server.workers > 1 and not server.limits_each:
        why = "worker processes do not count together"
        yield ".max_in_flight", why, "write {max: .., per: worker}, or have one worker"


def _of_real(pattern: Requests, using: Sequence[Real], server: Server) -> _Found:
    if serving(server, using) is None:
        able = [name for name, models in SERVES.items() if server.model in models]
        why = f"{' and '.join(using)} cannot serve model: {server.model}"
        yield "", why, f"add --with {' or '.join(able)}, or leave the server out"
    if server.discipline != "fifo":
        yield ".discipline", "real servers serve in order of arrival", "write fifo"
    for key in ("backlog", "queue_timeout", "max_in_flight"):
        if getattr(server, key) is not None:
            yield f".{key}", "real servers count in ways of their own", "leave it out for --with"
    if any(step.kind is StepKind.RESPOND for step in pattern.steps):
        why = "an answer before the end is not measured with real servers"
        yield "", why, "leave out respond, or --with"


def _of_requests(pattern: Requests, server: Server) -> _Found:
    if not server.keeps and any(step.where is not None for step in pattern.steps):
        yield "", "what is done off the loop can only be simulated", "leave out in: thread"
    if server.lock_interval is not None and any(step.lock_free > 0 for step in pattern.steps):
        yield "", "computing without the lock can only be simulated", "leave out lock_free"
    keeps_loop = (
        step.kind is StepKind.IO and step.blocking and step.resource is not None
        for step in pattern.steps
    )
    if not server.keeps and any(keeps_loop):
        why = "blocking I/O that waits for a slot blocks the loop that would give it back"
        yield "", why, "leave out blocking, or the resource"
