"""Connections that clients keep alive: each stays with the worker that accepted it.

As in the reference. Those of a stream are records that follow each other, and idle ones are linked
in the order in which they were used.
"""

from __future__ import annotations

from simsched.engine.compiled import linked, restarts
from simsched.engine.compiled.actions import RELEASED
from simsched.engine.compiled.columns import stream_of
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import CONNECTION, NONE, Record
from simsched.engine.compiled.pools import (
    connection_at,
    job_at,
    queue_at,
    stream_at,
    worker_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule
from simsched.engine.trace import Status

_COMPLETED = int(Status.COMPLETED)
_FAILED = int(Status.FAILED)


@rule
def line_of(world: World, stream: int) -> int:
    """Return the queue of those who wait for a connection of a stream."""
    return world.server.lobby + 1 + stream


@apart
def connect(general: General, world: World, at: int) -> bool:
    """Let the job *at* have a connection; return False where it has to wait for one."""
    stream = stream_at(general, stream_of(general, world, job_at(world, at).index))
    while stream.idle.first != NONE:
        one = stream.idle.first if stream.fifo else stream.idle.last
        linked.remove(stream.idle, general.connections, CONNECTION, one)
        if _is_alive(general, world, stream, one):
            job_at(world, at).connection = one
            return True
        _close(general, stream, one)
    if stream.opened == stream.most:
        return False
    job_at(world, at).connection = _open(general, stream)
    return True


@rule
def release(general: General, world: World, at: int) -> None:
    """Let others use the connection of the job *at*, which has ended, if it has one to be kept."""
    if job_at(world, at).connection != NONE:
        _release(general, world, at)


@apart
def _release(general: General, world: World, at: int) -> None:
    job = job_at(world, at)
    one, number = job.connection, stream_of(general, world, job.index)
    stream = stream_at(general, number)
    job.connection = NONE
    if job.status in (_COMPLETED, _FAILED) and _is_kept(general, world, one):
        connection_at(general, one).idle_since = world.run.now
        linked.append(stream.idle, general.connections, CONNECTION, one)
    else:
        _close(general, stream, one)
    if queue_at(world, line_of(world, number)).length > 0:
        hand_over(world.run, RELEASED, number)


@rule
def accept(general: General, world: World, at: int) -> None:
    """Note that the worker of the job *at* has accepted its connection, if it is new."""
    job = job_at(world, at)
    if job.connection != NONE:
        one = connection_at(general, job.connection)
        if one.worker == NONE:
            one.worker = job.worker
            one.life = worker_at(world, job.worker).number


@rule
def queue_of(general: General | None, world: World, at: int) -> int:
    """Return the queue of the worker that keeps the connection of the job *at*, if one does."""
    if general is not None:
        if job_at(world, at).connection != NONE:
            return _queue_of(general, world, job_at(world, at).connection)
    return NONE


@apart
def _queue_of(general: General, world: World, at: int) -> int:
    one = connection_at(general, at)
    if one.worker == NONE:
        return NONE
    if not _is_kept(general, world, at):
        one.worker = NONE  # it is closed, so the request opens another
        return NONE
    own_queue = restarts.own_queue_of(world, one.worker)
    return 0 if own_queue == NONE else own_queue


@rule
def is_accepted(general: General | None, world: World, at: int) -> bool:
    """Return whether the job *at* comes on a connection that a worker has accepted."""
    if general is None:
        return False
    connection = job_at(world, at).connection
    return connection != NONE and connection_at(general, connection).worker != NONE


@rule
def _is_kept(general: General, world: World, at: int) -> bool:
    """Return whether the worker that accepted a connection has not closed it."""
    one = connection_at(general, at)
    if one.worker == NONE or not restarts.is_open(general, world, one.worker):
        return False
    return worker_at(world, one.worker).number == one.life


@rule
def _is_alive(general: General, world: World, stream: Record, at: int) -> bool:
    idle = world.run.now - connection_at(general, at).idle_since
    return idle < stream.longest_idle and _is_kept(general, world, at)


@rule
def _open(general: General, stream: Record) -> int:
    at = stream.free
    if at == NONE:
        at = stream.fresh
        stream.fresh += 1
    else:
        stream.free = connection_at(general, at).next
    stream.opened += 1
    connection_at(general, at).worker = NONE
    return at


@rule
def _close(general: General, stream: Record, at: int) -> None:
    connection_at(general, at).next = stream.free
    stream.free = at
    stream.opened -= 1
