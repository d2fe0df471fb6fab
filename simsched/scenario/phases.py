"""The phases a request is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from simsched.scenario.alternatives import ByKey
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


Phase = Annotated[CpuPhase | IoPhase, ByKey("a phase")]


class RequestClass(Part):
    """A class of requests: its phases in order. In a file, the list of phases may stand alone."""

    phases: Annotated[tuple[Phase, ...], Field(strict=False, min_length=1, max_length=10_000)]

    @model_validator(mode="before")
    @classmethod
    def _phases_alone(cls, value: object) -> object:
        return {"phases": value} if isinstance(value, (list, tuple)) else value
