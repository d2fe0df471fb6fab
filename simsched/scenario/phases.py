"""The phases a request is made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simsched.scenario.alternatives import ByKey
from simsched.scenario.base import Part
from simsched.scenario.distributions import Demand
from simsched.scenario.quantities import Name, Sized

MOST_PHASES = 10_000
"""The most phases of one class."""

Label = Annotated[Name | None, Field(description="What the phase is called in a timeline.")]


class CpuPhase(Part):
    """Computing: it occupies a CPU for its duration."""

    cpu: Demand = Field(description="How long it computes.", examples=["10ms"])
    label: Label = None


class IoPhase(Part):
    """Waiting for something outside the server: a database, a web service, a disk."""

    io: Demand = Field(description="How long it waits.", examples=["40ms"])
    label: Label = None


Phase = Annotated[CpuPhase | IoPhase, ByKey("phase")]
"""One phase, written as the key that names its kind."""


class RequestClass(Part):
    """A class of requests: its phases in order. In a file the list of phases may stand alone."""

    phases: Annotated[tuple[Phase, ...], Sized(MOST_PHASES, "phase")] = Field(
        description="The phases, in order.", examples=[[{"cpu": "10ms"}, {"io": "40ms"}]]
    )

    @model_validator(mode="before")
    @classmethod
    def _phases_alone(cls, value: object) -> object:
        return {"phases": value} if isinstance(value, (list, tuple)) else value

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        return written["phases"] if written.keys() == {"phases"} else written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        mapping = handler(schema)
        phases = handler.resolve_ref_schema(mapping)["properties"]["phases"]
        return {"anyOf": [mapping, phases]}
