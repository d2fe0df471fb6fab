"""What the columns of the workload say of a request: what it needs, and what chance does to it."""

from __future__ import annotations

import numpy as np

from simsched.engine.compiled.memory import read
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import rule

_INT = np.int64
_INT32 = np.int32
_INT8 = np.int8
_FLOAT = np.float64


@rule
def duration_at(world: World, at: int) -> int:
    """Return an element of ``duration_ns``."""
    return read(world.requests.duration_ns, at, _INT)


@rule
def dispatch_at(world: World, at: int) -> float:
    """Return an element of ``dispatch``."""
    return read(world.requests.dispatch, at, _FLOAT)


@rule
def arrival_at(world: World, at: int) -> int:
    """Return an element of ``arrival_ns``."""
    return read(world.requests.arrival_ns, at, _INT)


@rule
def elapsed_at(world: World, at: int) -> int:
    """Return an element of ``elapsed_ns``."""
    return read(world.requests.elapsed_ns, at, _INT)


@rule
def first_row_at(world: World, at: int) -> int:
    """Return an element of ``first_row``."""
    return read(world.requests.first_row, at, _INT)


@rule
def priority_at(world: World, at: int) -> int:
    """Return the priority of a request's class."""
    return read(world.requests.priorities, read(world.requests.class_id, at, _INT32), _INT)


@rule
def stream_of(general: General, world: World, at: int) -> int:
    """Return the stream that a request comes in."""
    if general.streams_size == 1:
        return 0
    return read(world.requests.stream_id, at, _INT32)


@rule
def think_at(general: General, at: int) -> int:
    """Return how long is thought before a request."""
    return read(general.think_ns, at, _INT)


@rule
def first_stay_at(general: General, user: int) -> int:
    """Return where the stays of a user begin."""
    return read(general.stays_first, user, _INT)


@rule
def longest_wait_at(general: General, at: int) -> float:
    """Return the longest wait before a retry."""
    return read(general.longest_waits, at, _FLOAT)


@rule
def timeout_at(general: General, at: int) -> int:
    """Return how long the answer to a request is waited for."""
    return read(general.timeout_ns, at, _INT)


@rule
def patience_at(general: General, at: int) -> int:
    """Return how long is waited until a request is taken up."""
    return read(general.patience_ns, at, _INT)


@rule
def jitter_at(general: General, retry: int, at: int) -> float:
    """Return the draw behind the wait before a retry."""
    return read(general.jitter, retry * general.drawn + at, _FLOAT)


@rule
def handoff_at(general: General, attempt: int, row: int) -> float:
    """Return the draw behind the choice of who gets the slot that a row gives back."""
    return read(general.handoff, (attempt - 1) * general.drawn_rows + row, _FLOAT)


@rule
def fails_at(general: General, attempt: int, row: int) -> bool:
    """Return whether an attempt fails at the end of a row."""
    return read(general.fails, (attempt - 1) * general.drawn_rows + row, _INT8) != 0


@rule
def again_dispatch_at(general: General, retry: int, at: int) -> float:
    """Return the draw behind the choice of a worker for a retry."""
    return read(general.dispatch, retry * general.drawn + at, _FLOAT)


@rule
def draw_at(general: General | None, world: World, at: int, attempt: int) -> float:
    """Return the draw behind a random choice of worker, for an attempt at a request."""
    if general is not None:
        if attempt > 1:
            return again_dispatch_at(general, attempt - 2, at)
    return dispatch_at(world, at)
