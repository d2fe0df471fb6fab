"""One simulation: requests arrive, a server handles them, a trace is left."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.cooperative import Cooperative
from simsched.engine.reference.job import Job
from simsched.engine.reference.recorder import record
from simsched.engine.reference.serial import Serial
from simsched.engine.trace import Status, Trace
from simsched.scenario.servers import SerialServer, Server
from simsched.workload.columns import Workload


def simulate(workload: Workload, server: Server, *, timeline: int | None = 200) -> Trace:
    """Return what happens when *workload* meets *server*: a pure function of the two.

    Args:
        workload: the requests of one replication.
        server: one server of a scenario.
        timeline: for how many of the first requests the trace holds segments; None means all.
    """
    calendar = Calendar()
    model = _model(calendar, server)
    jobs: list[Job] = []
    calendar.process(_arrivals(calendar, workload, model, jobs, timeline))
    _run(calendar, workload.end_ns)
    for job in jobs:
        if job.status is Status.UNFINISHED:
            job.stop(calendar.now)
    return record(jobs, workload, server, end=calendar.now)


def _model(calendar: Calendar, server: Server) -> Serial | Cooperative:
    return (
        Serial(calendar, server)
        if isinstance(server, SerialServer)
        else Cooperative(calendar, server)
    )


def _run(calendar: Calendar, end: int | None) -> None:
    calendar.run(until=None if end is None else calendar.after(end, Order.END))


def _arrivals(
    calendar: Calendar,
    workload: Workload,
    model: Serial | Cooperative,
    jobs: list[Job],
    timeline: int | None,
) -> Generator[simpy.Event, None, None]:
    for index, arrival in enumerate(workload.arrival_ns.tolist()):
        yield calendar.after(arrival - calendar.now, Order.ARRIVAL)
        job = _job(workload, index, keep_timeline=timeline is None or index < timeline)
        jobs.append(job)
        model.admit(job)


def _job(workload: Workload, index: int, *, keep_timeline: bool) -> Job:
    first, end = workload.first_row[index : index + 2].tolist()
    durations = workload.duration_ns[first:end].tolist()
    arrival = int(workload.arrival_ns[index])
    return Job(
        number=index + 1,
        arrival=arrival,
        first_row=first,
        kinds=[workload.steps[step].kind for step in workload.step_id[first:end].tolist()],
        durations=durations,
        remaining_ns=sum(durations),
        draw=float(workload.dispatch[index]),
        since=arrival,
        stretches=[] if keep_timeline else None,
    )
