"""One simulation: requests arrive, a server handles them, a trace is left."""

from __future__ import annotations

import gc
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from types import MappingProxyType
from typing import Any

from simsched.engine import off_loads
from simsched.engine.conditions import Conditions
from simsched.engine.reference import arrivals, outages
from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.calls import Service
from simsched.engine.reference.clients import Client
from simsched.engine.reference.cooperative import Cooperative
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.model import Model
from simsched.engine.reference.recorder import record
from simsched.engine.reference.resources import Resource
from simsched.engine.reference.serial import Serial
from simsched.engine.reference.stuck import situation_of
from simsched.engine.reference.tasks import Task
from simsched.engine.reference.threaded import Threaded
from simsched.engine.stuck import find_deadlock
from simsched.engine.trace import Trace, check_end
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Requests, Workload

MODELS: Mapping[str, type[Model[Any]]] = MappingProxyType(
    {"serial": Serial, "threaded": Threaded, "cooperative": Cooperative}
)


def simulate(
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions | None = None,
    *,
    timeline: int | None = 200,
    also: Container[int] = (),
) -> Trace:
    """Return what happens when *workload* meets *server*: a pure function of its arguments.

    Args:
        workload: the requests of one replication.
        server: one server of a scenario.
        conditions: the client's patience, and what goes wrong when.
        timeline: for how many of the first requests the trace holds segments; None means all.
        also: the numbers of more requests that it holds segments for; they count from 1.

    Raises:
        RunError: for one of the users, time stands still; or the run goes on for too long.
    """
    with collector_off():
        return _simulate(workload, server, conditions or Conditions(), _kept(timeline, also))


def _simulate(
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions,
    kept: Callable[[int], bool],
) -> Trace:
    calendar = Calendar()
    pattern = workload if isinstance(workload, Workload) else workload.block(0)
    services = [Service(calendar, position) for position in range(len(conditions.services))]
    servers = [server, *(each.server for each in conditions.services)]
    models = [_model(calendar, pattern, each, services, conditions) for each in servers]
    for service, model in zip(services, models[1:], strict=True):
        service.model = model
    client = Client(calendar, models[0], conditions.of_streams, kept)
    outages.schedule(calendar, models[0], conditions.outages)
    arrivals.schedule(calendar, workload, client)
    for model, each in zip(models[1:], conditions.services, strict=True):
        outages.schedule(calendar, model, each.outages)
    calendar.run_until(workload.end_ns)
    calls = [call.job for service in services for call in service.calls if call.job is not None]
    jobs = [*client.jobs, *calls]
    tasks = [task for job in jobs for task in job.tasks]
    end = check_end(_last_change(jobs, tasks)) if workload.end_ns is None else workload.end_ns
    deadlock = find_deadlock(situation_of(models, tasks, pattern))
    for job in jobs:
        job.settle(end)
    trace = record(client.jobs, pattern, models, end, deadlock)
    for service in services:
        service.forget()
    client.forget()
    return trace


@contextmanager
def collector_off() -> Iterator[None]:
    """Let Python's garbage collector look for nothing for a while.

    It has nothing to find while a simulation keeps all that it makes, and would look again and
    again at all requests there ever were, which takes a third of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _kept(timeline: int | None, also: Container[int]) -> Callable[[int], bool]:
    return lambda number: timeline is None or number <= timeline or number in also


def _last_change(jobs: Iterable[Job], tasks: Iterable[Task]) -> int:
    """Return when something last happened to a request; a client's timer may run on after that."""
    return max(chain([0], (job.finish for job in jobs), (task.since for task in tasks)))


def _model(
    calendar: Calendar,
    pattern: Requests,
    server: Server,
    services: Sequence[Service],
    conditions: Conditions,
) -> Model[Any]:
    resources = [
        Resource(
            calendar,
            resource,
            server.workers,
            [each for each in conditions.slowdowns if each.resource == resource.name],
        )
        for resource in pattern.resources
    ]
    used = off_loads.used(pattern, server)
    return MODELS[server.model](calendar, server, resources, services, used)
