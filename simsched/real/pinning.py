"""Which cores a measured server and its client run on, where the system lets us say so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from simsched.scenario.model.servers import Server


def pin(cores: Sequence[int]) -> None:
    """Let this process, and those that it starts, run on *cores* alone; on any if there are none.

    A system that cannot do that lets it run anywhere.
    """
    affinity: Any = getattr(os, "sched_setaffinity", None)
    if affinity is not None and cores:
        with suppress(OSError):
            affinity(0, cores)


@contextmanager
def pinned(cores: Sequence[int]) -> Iterator[None]:
    """Let this process run on *cores* alone in this block."""
    before = sorted(os.sched_getaffinity(0)) if cores else ()
    pin(cores)
    try:
        yield
    finally:
        pin(before)


def places(server: Server) -> tuple[Sequence[int], list[Sequence[int]]]:
    """Return the cores of the client, and those of each worker of *server*.

    The client has cores of its own if there are any to spare. Workers with a core each keep it.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    if affinity is None:
        return (), [()] * server.workers
    have = sorted(affinity(0))
    count = server.core_count
    client, theirs = have[:-count] or have, have[-count:]
    alone = count == server.workers
    return client, [(theirs[n],) if alone else theirs for n in range(server.workers)]
