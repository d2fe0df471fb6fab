"""Small servers, and what becomes of requests that are written by hand, in ms."""

from __future__ import annotations

import numpy as np
from workloads import MS, Program, workload

from simsched.engine import Status, Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server, ThreadedServer


def serial(**options: object) -> Server:
    return SerialServer.model_validate({"model": "serial", **options})


def threaded(**options: object) -> Server:
    return ThreadedServer.model_validate({"model": "threaded", **options})


def cooperative(**options: object) -> Server:
    return CooperativeServer.model_validate({"model": "cooperative", **options})


def ms(column: np.ndarray) -> list[float]:
    return [value / MS for value in column.tolist()]


def run(server: Server, *requests: tuple[float, Program], **others: object) -> Trace:
    conditions = others.pop("conditions", Conditions())
    return simulate(workload(requests, **others), server, conditions, timeline=None)


def finishes(server: Server, *requests: tuple[float, Program], **others: object) -> list[float]:
    return ms(run(server, *requests, **others).finish_ns)


def statuses(trace: Trace) -> list[str]:
    return [Status(status).name.lower() for status in trace.status.tolist()]
