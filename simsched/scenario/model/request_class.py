"""Classes of requests: their phases, and what else they have in common."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.base import Part
from simsched.scenario.model.client import Wait
from simsched.scenario.model.requests import CallPhase, CpuPhase, IoPhase, Phase, Phases


def _is_placed(phase: Phase) -> bool:
    """Return whether *phase*, or one within it, says where a loop has it done."""
    if isinstance(phase, CallPhase):  # what is within it is done by another server
        return False
    placed = isinstance(phase, (CpuPhase, IoPhase)) and phase.where is not None
    return placed or any(_is_placed(each) for phases in phase.inner for each in phases)


class RequestClass(Part):
    """A class of requests: its phases in order. In a file the list of phases may stand alone."""

    phases: Phases = Field(
        description="The phases, in order.", examples=[[{"cpu": "10ms"}, {"io": "40ms"}]]
    )
    priority: int = Field(
        default=0,
        ge=-1000,
        le=1000,
        description="Its place under the disciplines priority and preemptive: smaller numbers are "
        "served first.",
    )
    timeout: Wait | None = Field(
        default=None,
        description="How long a client waits for it before it gives up; as any if left out.",
        examples=["2s"],
    )
    patience: Wait | None = Field(
        default=None,
        description="How long a client waits for it to be taken up; as any if left out.",
        examples=["1s"],
    )
    where: Literal["thread"] | None = Field(
        default=None,
        alias="in",
        description="That a loop has all of it done in a thread: a synchronous handler.",
        examples=["thread"],
    )

    @classmethod
    def home(cls, key: str) -> str:
        """Return where classes are weighted, for keys that look for it here."""
        return "workload.mix" if key in {"weight", "share"} else ""

    @model_validator(mode="after")
    def _done_in_one_place(self) -> RequestClass:
        if self.where is not None and any(map(_is_placed, self.phases)):
            message = "a phase says where it is done, too"
            hint = "leave out one of the two"
            raise complaint(Problem(("in",), message, hint, at_key=True))
        return self

    @model_validator(mode="before")
    @classmethod
    def _phases_alone(cls, value: object) -> object:
        alone = value is None or isinstance(value, (list, tuple))
        return {"phases": value} if alone else value

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
