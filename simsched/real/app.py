"""The application that a real server serves: it does with a request what its program says.

It is made in each process of the server, from a description in the environment.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any

from simsched.engine.trace import Status
from simsched.experiment.untrusted import from_json
from simsched.real.jobs import Job
from simsched.real.serving import follow, follow_on_loop
from simsched.real.walking import Equipment, serve
from simsched.real.worker import equip
from simsched.workload.steps import Resource, Step

VARIABLE = "SIMSCHED_MEASURE"
"""The environment variable with the :class:`Description`, as JSON."""

LOOK_S = 1.0
"""Seconds after which a process looks again whether the one that measures is still there."""

Message = dict[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Any]], Any]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Description:
    """What the application has to know.

    Attributes:
        parent: the process that measures; the server ends with it.
        sequential: whether branches are done one after another.
        sleeps: whether all I/O keeps its worker or thread.
        switch_s: the switch interval of threads, in seconds.
        steps: what the rows of programs refer to.
        resources: what the steps refer to.
    """

    parent: int
    sequential: bool
    sleeps: bool
    switch_s: float
    steps: tuple[Step, ...]
    resources: tuple[Resource, ...]


def asgi() -> Asgi:
    """Return the application for ASGI servers."""
    equipment = _equipment()

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]
    ) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        start = monotonic_ns()
        content, more = b"", True
        while more:
            message = await receive()
            content += message.get("body", b"")
            more = message.get("more_body", False)
        answer = b""
        if content:
            job = _received(content, start)
            await follow_on_loop(serve(job, equipment))
            answer = _answer(job)
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


def wsgi() -> Wsgi:
    """Return the application for WSGI servers."""
    equipment = _equipment()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start = monotonic_ns()
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = b""
        if content:
            job = _received(content, start)
            follow(serve(job, equipment))
            answer = _answer(job)
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    return app


def _equipment() -> Equipment:
    found = from_json(Description, os.environ[VARIABLE])
    threading.Thread(target=_end_with, args=(found.parent,), daemon=True).start()
    sys.setswitchinterval(found.switch_s)
    return equip(found.steps, found.resources, sequential=found.sequential, sleeps=found.sleeps)


def _end_with(parent: int) -> None:
    """End this process once *parent* has ended, however it did."""
    while True:
        try:
            os.kill(parent, 0)
        except OSError:
            os._exit(1)
        time.sleep(LOOK_S)


def _received(content: bytes, start: int) -> Job:
    number, arrival, kept, program = json.loads(content)
    ended: list[Status] = []
    job = Job(number, arrival, program, kept, ended.append)
    job.start = start
    return job


def _answer(job: Job) -> bytes:
    status = Status.FAILED if job.unwanted else Status.COMPLETED
    return json.dumps([status, job.record(os.getpid())]).encode()


async def _live(receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]) -> None:
    """Say that there is nothing to start and nothing to shut down."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
