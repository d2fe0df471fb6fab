"""A worker process: it serves requests until it is asked to report them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import assert_never

from simsched.interrupt import end_with_parent
from simsched.real import serving
from simsched.real.burning import calibrated
from simsched.real.jobs import Job, Record
from simsched.real.pinning import pin
from simsched.real.pools import Pool
from simsched.real.walking import Equipment
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server, ThreadedServer
from simsched.workload.steps import Resource, Step

READY = "ready"


@dataclass(frozen=True)
class Assignment:
    """What a worker process is to do.

    Attributes:
        worker: its number, from 0.
        server: the server that it is a worker of.
        steps: what the rows of programs refer to.
        resources: what the steps refer to.
        cores: the cores it may use; empty for any.
    """

    worker: int
    server: Server
    steps: Sequence[Step]
    resources: Sequence[Resource]
    cores: Sequence[int]


def work(assignment: Assignment, listener: socket.socket, control: Connection) -> None:
    """Serve the requests that *listener* brings; report them over *control*, and end.

    The process says :data:`READY` when it accepts requests, and reports once it is sent anything.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent sees to that
    end_with_parent()
    threading.excepthook = lambda failed: _fail(failed.exc_value)
    pin(assignment.cores)
    server = assignment.server
    equipment = equip(
        assignment.steps,
        assignment.resources,
        sequential=server.parallel == "sequential",
        sleeps=server.keeps,
    )
    jobs: list[Job] = []
    worker = serving.Worker(equipment, listener, jobs, server.queue_timeout)
    threading.Thread(target=_report, args=(jobs, assignment.worker, control), daemon=True).start()
    control.send(READY)
    try:
        _serve(worker, server)
    except BaseException as error:  # noqa: BLE001  whatever it is, the process ends of it
        _fail(error)


def equip(
    steps: Sequence[Step], resources: Sequence[Resource], *, sequential: bool, sleeps: bool
) -> Equipment:
    """Return what the requests of this process use: slots of its own, and a calibrated loop."""
    pools = [Pool(each.capacity, lifo=each.discipline == "lifo") for each in resources]
    return Equipment(
        steps=steps,
        resources=list(zip(resources, pools, strict=True)),
        turns=calibrated(),
        sequential=sequential,
        sleeps=sleeps,
    )


def _serve(worker: serving.Worker, server: Server) -> None:
    match server:
        case SerialServer():
            serving.one_by_one(worker)
        case CooperativeServer():
            serving.on_a_loop(worker, server.most_at_once)
        case ThreadedServer():
            sys.setswitchinterval(server.switch_interval / 1e9)
            threads = min(server.threads, server.most_at_once or server.threads)
            if server.dispatch == "race":
                serving.in_threads_with_a_queue(worker, threads)
            else:
                serving.in_threads(worker, threads)
        case _:
            assert_never(server)


def _report(jobs: Sequence[Job], worker: int, control: Connection) -> None:
    """Wait for the parent to ask for it, then send what was served, and end the process."""
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        control.recv()
        records: list[Record] = [job.record(worker) for job in list(jobs)]
        control.send(records)
    os._exit(0)


def _fail(error: BaseException | None) -> None:
    traceback.print_exception(error)
    sys.stderr.flush()
    os._exit(1)
