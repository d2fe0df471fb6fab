"""The servers that a scenario compares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simsched.scenario.base import Part
from simsched.scenario.quantities import Count, Duration

Discipline = Literal["fifo", "lifo", "shortest"]


class Overhead(Part):
    """CPU time that the server itself adds.

    ``request`` is added before a request's first phase, ``switch`` each time a loop or lock is given to a request again.
    """

    request: Duration = 0
    switch: Duration = 0


class SerialServer(Part):
    """A WSGI sync worker: it keeps a request until the last phase ends."""

    model: Literal["serial"]
    workers: Count = 1
    discipline: Discipline = "fifo"
    overhead: Overhead = Overhead()


class CooperativeServer(Part):
    """An asyncio event loop per worker: it runs whoever is ready while others wait for I/O."""

    model: Literal["cooperative"]
    workers: Count = 1
    discipline: Discipline = "fifo"
    overhead: Overhead = Overhead()


Server = Annotated[SerialServer | CooperativeServer, Field(discriminator="model")]
