"""How each model of server takes requests and serves them: a loop, threads, or one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns
from typing import assert_never

from simsched.engine.trace import Status
from simsched.real.jobs import Job
from simsched.real.walking import Equipment, Sleep, Take, Together, Wait, Walk, serve

READ = 65_536
"""How many bytes are read at a time."""

LINE_END = b"\n"
"""What ends a request on its connection."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of a server: what its requests use, and what it has received so far.

    Attributes:
        equipment: what its requests use.
        listener: where it accepts connections, each with one request.
        jobs: the requests that it has received.
        queue_timeout_ns: a request that has waited longer when its turn comes is refused.
    """

    equipment: Equipment
    listener: socket.socket
    jobs: list[Job]
    queue_timeout_ns: int | None = None

    def receive(self, message: bytes, connection: socket.socket) -> Job | None:
        """Return the request in *message*; None if it comes too late, and is refused."""
        number, arrival, kept, program = json.loads(message)
        job = Job(number, arrival, program, kept, lambda status: _send(connection, status))
        self.jobs.append(job)
        now = monotonic_ns()
        if self.queue_timeout_ns is not None and now - arrival > self.queue_timeout_ns:
            job.answer(Status.REFUSED)
            return None
        job.start = now
        return job


def _send(connection: socket.socket, status: Status) -> None:
    with contextlib.suppress(OSError):  # the client has left
        connection.send(bytes([status]))


def one_by_one(worker: Worker) -> None:
    """Serve requests one after another, for ever."""
    while True:
        _serve(worker, worker.listener.accept()[0])


def in_threads(worker: Worker, threads: int) -> None:
    """Serve requests in threads, each of which accepts one whenever it is free."""
    for _ in range(threads - 1):
        threading.Thread(target=one_by_one, args=(worker,), daemon=True).start()
    one_by_one(worker)


def in_threads_with_a_queue(worker: Worker, threads: int) -> None:
    """Accept whatever there is, and let threads serve it: other workers may be less busy.

    All workers that wait for one listener are woken by a connection, and the first to look has it.
    """
    accepted: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()

    def take() -> None:
        while True:
            _serve(worker, accepted.get())

    for _ in range(threads):
        threading.Thread(target=take, daemon=True).start()
    worker.listener.setblocking(False)
    while True:
        select.select([worker.listener], [], [])
        try:
            connection = worker.listener.accept()[0]
        except BlockingIOError:
            continue  # another worker was first
        connection.setblocking(True)
        accepted.put(connection)


def _serve(worker: Worker, connection: socket.socket) -> None:
    with connection:
        message = b""
        while not message.endswith(LINE_END):
            more = connection.recv(READ)
            if not more:
                return
            message += more
        job = worker.receive(message, connection)
        if job is not None:
            follow(serve(job, worker.equipment))


def follow(walk: Walk) -> None:
    """Follow *walk* to its end in this thread."""
    has_it: bool | None = None
    while True:
        try:
            wait = walk.send(has_it)
        except StopIteration:
            return
        has_it = _wait(wait)


def _wait(wait: Wait) -> bool:
    match wait:
        case Sleep(duration_ns):
            time.sleep(duration_ns / 1e9)
            return True
        case Take(pool, at_most_ns):
            woken = threading.Event()
            wake = woken.set
            if pool.take(wake):
                return True
            in_time = woken.wait(None if at_most_ns is None else at_most_ns / 1e9)
            return in_time or not pool.leave(wake)
        case Together(walks):
            branches = [threading.Thread(target=follow, args=(each,)) for each in walks]
            for branch in branches:
                branch.start()
            for branch in branches:
                branch.join()
            return True
        case _:
            assert_never(wait)


def on_a_loop(worker: Worker, at_most: int | None = None) -> None:
    """Serve requests on an event loop, *at_most* so many at once, for ever."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker.listener.setblocking(False)
    _Loop(worker, at_most, loop).accept_more()
    loop.run_forever()


class _Loop:
    """A loop that accepts connections whenever it is free to."""

    def __init__(
        self, worker: Worker, at_most: int | None, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._worker = worker
        self._at_most = at_most
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def accept_more(self) -> None:
        """Accept connections from now on."""
        self._loop.add_reader(self._worker.listener, self._accept)

    def _accept(self) -> None:
        while self._at_most is None or len(self._tasks) < self._at_most:
            try:
                connection = self._worker.listener.accept()[0]
            except BlockingIOError:
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._serve(connection))
            self._tasks.add(task)
            task.add_done_callback(self._end)
        self._loop.remove_reader(self._worker.listener)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.remove(task)
        task.result()
        if self._at_most is not None:
            self.accept_more()

    async def _serve(self, connection: socket.socket) -> None:
        with connection:
            message = b""
            while not message.endswith(LINE_END):
                more = await self._read(connection)
                if not more:
                    return
                message += more
            job = self._worker.receive(message, connection)
            if job is not None:
                await follow_on_loop(serve(job, self._worker.equipment))

    async def _read(self, connection: socket.socket) -> bytes:
        """Read what there is, at once if possible: the client sends as it connects."""
        try:
            return connection.recv(READ)
        except BlockingIOError:
            return await self._loop.sock_recv(connection, READ)


async def follow_on_loop(walk: Walk) -> None:
    """Follow *walk* to its end on the running loop."""
    has_it: bool | None = None
    while True:
        try:
            wait = walk.send(has_it)
        except StopIteration:
            return
        has_it = await _wait_on_loop(wait)


async def _wait_on_loop(wait: Wait) -> bool:
    match wait:
        case Sleep(duration_ns):
            await asyncio.sleep(duration_ns / 1e9)
            return True
        case Take(pool, at_most_ns):
            woken = asyncio.Event()
            wake: Callable[[], None] = woken.set
            if pool.take(wake):
                return True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if at_most_ns is None else at_most_ns / 1e9):
                    await woken.wait()
            return woken.is_set() or not pool.leave(wake)
        case Together(walks):
            await asyncio.gather(*map(follow_on_loop, walks))
            return True
        case _:
            assert_never(wait)
