"""What is done off the loops of a cooperative server, and who computes beside an interpreter lock.

A server's use of the ``requests`` is what of their steps matters for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from simsched.scenario.model.servers import CooperativeServer, Server
from simsched.workload.columns import Requests
from simsched.workload.steps import Resource, Where


@dataclass(frozen=True, slots=True)
class Use:
    """What requests want of a server's interpreters.

    Attributes:
        where: where it has parts of them done; a server without loops has none.
        lock_free: whether some of them compute without the interpreter lock for a while.
    """

    where: tuple[Where, ...] = ()
    lock_free: bool = False


NOTHING = Use()


def used(requests: Requests, server: Server) -> Use:
    """Return what *requests* want of the interpreters of *server*."""
    wanted = {step.where for step in requests.steps}
    loops = isinstance(server, CooperativeServer)
    return Use(
        tuple(where for where in get_args(Where) if loops and where in wanted),
        any(step.lock_free > 0 for step in requests.steps),
    )


def executors(use: Use, server: Server) -> Mapping[Where, Resource]:
    """Return each worker's pool of threads, and of processes, as the resources that they are."""
    if not isinstance(server, CooperativeServer):
        return {}
    sizes: dict[Where, tuple[str, int]] = {
        "thread": ("threads", server.thread_pool),
        "process": ("processes", server.process_pool or 1),
    }
    return {each: Resource(*sizes[each], per_worker=True) for each in use.where}


def lock_interval(use: Use, server: Server) -> int | None:
    """Return after what time the interpreter lock is let go of; None where no one contends."""
    if isinstance(server, CooperativeServer):
        contended = "thread" in use.where and server.interpreter_lock
        return server.switch_interval if contended else None
    return server.lock_interval


def one_computes(use: Use, server: Server) -> bool:
    """Return whether at most one request of a worker computes at a time on what workers share."""
    if lock_interval(use, server) is not None:
        return not use.lock_free
    if isinstance(server, CooperativeServer):
        return "thread" not in use.where
    return server.one_computes


def computes_alone(use: Use, server: Server) -> bool:
    """Return whether a worker has a core of its own, and no one there wants a lock."""
    own = one_computes(use, server) and lock_interval(use, server) is None
    return own and server.core_count >= server.workers
