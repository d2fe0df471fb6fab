"""What is done off the loops of a cooperative server, in threads and processes of its workers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import get_args

from simsched.scenario.model.servers import CooperativeServer, Server
from simsched.workload.columns import Requests
from simsched.workload.steps import Resource, Where


def used(requests: Requests, server: Server) -> tuple[Where, ...]:
    """Return where *server* has parts of *requests* done; a server without loops has none."""
    if not isinstance(server, CooperativeServer):
        return ()
    wanted = {step.where for step in requests.steps}
    return tuple(where for where in get_args(Where) if where in wanted)


def executors(where: Collection[Where], server: Server) -> Mapping[Where, Resource]:
    """Return each worker's pool of threads, and of processes, as the resources that they are."""
    if not isinstance(server, CooperativeServer):
        return {}
    sizes: dict[Where, tuple[str, int]] = {
        "thread": ("threads", server.thread_pool),
        "process": ("processes", server.process_pool or 1),
    }
    return {each: Resource(*sizes[each], per_worker=True) for each in where}


def lock_interval(where: Collection[Where], server: Server) -> int | None:
    """Return after what time the interpreter lock is let go of; None where no one contends."""
    if isinstance(server, CooperativeServer):
        contended = "thread" in where and server.interpreter_lock
        return server.switch_interval if contended else None
    return server.lock_interval


def one_computes(where: Collection[Where], server: Server) -> bool:
    """Return whether at most one request of a worker computes at a time on what workers share."""
    if isinstance(server, CooperativeServer):
        return server.interpreter_lock or "thread" not in where
    return server.one_computes


def computes_alone(where: Collection[Where], server: Server) -> bool:
    """Return whether a worker has a core of its own, and no one there wants a lock."""
    own = one_computes(where, server) and lock_interval(where, server) is None
    return own and server.core_count >= server.workers
