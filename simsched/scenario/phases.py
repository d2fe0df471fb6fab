"""The phases a request is made of."""

from __future__ import annotations

from simsched.scenario.base import Part
from simsched.scenario.distributions import Demand
from simsched.scenario.quantities import Name


class CpuPhase(Part):
    """Computing: it occupies a CPU for its duration."""

    cpu: Demand
    label: Name | None = None


class IoPhase(Part):
    """Waiting for something outside the server: a database, a web service, a disk."""

    io: Demand
    label: Name | None = None


Phase = CpuPhase | IoPhase


class RequestClass(Part):
    """A class of requests: its phases in order. In a file, the list of phases may stand alone."""

    phases: tuple[Phase, ...]
