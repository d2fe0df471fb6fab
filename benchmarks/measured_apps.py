"""What the measured servers serve: requests that burn CPU and wait for as long as they say.

CPU is burnt by the time that the thread has computed, so that another process on the core, or
another thread that has the interpreter lock, does not shorten it. A loop of Python code holds the
lock while it burns, as handlers written in Python do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import flask
import quart

POOL_SLOTS = 5
"""How many requests of an event loop may have a connection of its pool."""

flask_app = flask.Flask("measured")
quart_app = quart.Quart("measured")
pool = asyncio.Semaphore(POOL_SLOTS)


def burn(seconds: float) -> None:
    """Compute for so many *seconds* of CPU time of the calling thread."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def said(request: flask.Request | quart.Request, names: Sequence[str]) -> list[float]:
    """Return the seconds that the query of *request* says under *names*."""
    return [float(request.args[name]) for name in names]


@flask_app.get("/plain")
def plain_in_worker() -> str:
    """Compute, wait, and compute."""
    cpu1, io, cpu2 = said(flask.request, ["cpu1_s", "io_s", "cpu2_s"])
    burn(cpu1)
    time.sleep(io)
    burn(cpu2)
    return "done"


@quart_app.get("/plain")
async def plain() -> str:
    """Compute, wait, and compute."""
    cpu1, io, cpu2 = said(quart.request, ["cpu1_s", "io_s", "cpu2_s"])
    burn(cpu1)
    await asyncio.sleep(io)
    burn(cpu2)
    return "done"


@quart_app.get("/pool")
async def with_pool() -> str:
    """Compute, wait with a connection of the pool, and compute."""
    cpu1, io, cpu2 = said(quart.request, ["cpu1_s", "io_s", "cpu2_s"])
    burn(cpu1)
    async with pool:
        await asyncio.sleep(io)
    burn(cpu2)
    return "done"


@quart_app.get("/gather")
async def gather() -> str:
    """Compute, wait for three at once, and compute."""
    cpu1, *waits, cpu2 = said(quart.request, ["cpu1_s", "io1_s", "io2_s", "io3_s", "cpu2_s"])
    burn(cpu1)
    await asyncio.gather(*map(asyncio.sleep, waits))
    burn(cpu2)
    return "done"


@quart_app.get("/blocking")
async def blocking() -> str:
    """Compute, wait with the loop, which is a mistake, and compute."""
    cpu1, io, cpu2 = said(quart.request, ["cpu1_s", "io_s", "cpu2_s"])
    burn(cpu1)
    time.sleep(io)
    burn(cpu2)
    return "done"
