"""When requests arrive, and of which class they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simsched.scenario.base import Part
from simsched.scenario.distributions import Distribution
from simsched.scenario.quantities import Count, Duration, Name, PositiveDuration, Rate


class Arrival(Part):
    """One request of an explicit schedule."""

    at: Duration
    request: Name


class OpenArrivals(Part):
    """Arrivals that wait for nobody.

    Either a ``rate`` with ``arrivals`` (``poisson`` or ``constant``), or ``interarrival``: the distribution of the time
    between arrivals (any renewal process). The first arrival comes after one such time.
    """

    rate: Rate | None = None
    arrivals: Literal["poisson", "constant"] = "poisson"
    interarrival: Distribution | None = None


class Workload(Part):
    """Exactly one of ``schedule`` and ``open``.

    An open workload ends after ``duration`` or after ``requests`` arrivals (exactly one of them), and draws each request's
    class from the weights in ``mix`` (the only class, if there is one).
    """

    schedule: Annotated[tuple[Arrival, ...], Field(strict=False)] | None = None
    open: OpenArrivals | None = None
    mix: dict[Name, float] | None = None
    duration: PositiveDuration | None = None
    requests: Count | None = None
