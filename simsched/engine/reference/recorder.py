"""From finished requests to the columns of a trace."""

from __future__ import annotations

import numpy as np

from simsched.engine.reference.job import Job
from simsched.engine.segments import label_segments
from simsched.engine.trace import Activity, Trace
from simsched.scenario.servers import Server
from simsched.workload.columns import Workload


def record(jobs: list[Job], workload: Workload, server: Server, end: int) -> Trace:
    """Return the trace of a run that ended at *end*.

    *jobs* are all the requests that arrived, in order of arrival.
    """
    stretches = [each for job in jobs if job.stretches is not None for each in job.stretches]
    spent = np.array([job.spent for job in jobs], np.int64).reshape(-1, len(Activity))
    arrived = len(jobs)
    return Trace(
        classes=workload.classes,
        request=np.arange(1, arrived + 1),
        class_id=workload.class_id[:arrived],
        user=np.full(arrived, -1, np.int32),
        attempt=np.ones(arrived, np.int32),
        worker=np.array([job.worker for job in jobs], np.int32),
        arrival_ns=workload.arrival_ns[:arrived],
        start_ns=np.array([job.start for job in jobs], np.int64),
        finish_ns=np.array([job.finish for job in jobs], np.int64),
        queue_ns=spent[:, Activity.QUEUE],
        cpu_ns=spent[:, Activity.CPU],
        cpu_wait_ns=spent[:, Activity.CPU_WAIT],
        io_ns=spent[:, Activity.IO],
        io_wait_ns=spent[:, Activity.IO_WAIT],
        status=np.array([job.status for job in jobs], np.int8),
        demand_ns=workload.demand_ns()[:arrived],
        workers=server.workers,
        cores=server.workers,
        end_ns=end,
        segments=label_segments(stretches, workload),
    )
