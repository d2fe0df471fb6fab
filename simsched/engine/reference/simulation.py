"""One simulation: requests arrive, a server handles them, a trace is left."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

from simsched.engine import off_loads
from simsched.engine.conditions import Conditions
from simsched.engine.reference import arrivals, garbage, outages
from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.client import Client
from simsched.engine.reference.cooperative import Cooperative
from simsched.engine.reference.job import Job
from simsched.engine.reference.model import Model
from simsched.engine.reference.recorder import record
from simsched.engine.reference.resource import Resource
from simsched.engine.reference.serial import Serial
from simsched.engine.reference.service import Service
from simsched.engine.reference.stuck import situation_of
from simsched.engine.reference.task import Task
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
    with garbage.kept():
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
    for service, each in zip(services, conditions.services, strict=True):
        service.model = _model(calendar, pattern, each.server, services, conditions)
    model = _model(calendar, pattern, server, services, conditions)
    client = Client(calendar, model, conditions.of_streams, kept)
    outages.schedule(calendar, model, conditions.outages)
    arrivals.schedule(calendar, workload, client)
    for service, each in zip(services, conditions.services, strict=True):
        outages.schedule(calendar, service.model, each.outages)
    calendar.run_until(workload.end_ns)
    calls = [call.job for service in services for call in service.calls if call.job is not None]
    jobs = [*client.jobs, *calls]
    tasks = [task for job in jobs for task in job.tasks]
    end = check_end(_last_change(jobs, tasks)) if workload.end_ns is None else workload.end_ns
    deadlock = find_deadlock(situation_of(model, tasks, pattern))
    for job in jobs:
        job.settle(end)
    trace = record(client.jobs, pattern, model, end, deadlock)
    for service in services:
        service.forget()
    client.forget()
    return trace


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
