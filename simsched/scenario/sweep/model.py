"""The section ``sweep:`` of a file, and the JSON Schema of such a file."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from simsched.scenario.dumping import json_schema
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.wording import describe
from simsched.scenario.model.alternatives import ByShape
from simsched.scenario.model.base import Part, Untitled
from simsched.scenario.model.quantities import Description, FileName, Name, Sized
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.sweep.ranges import MOST_VALUES, Range, Spread

MOST_PATHS = 50
"""The most paths that one sweep varies."""

MOST_BLOCKS = 100
"""The most blocks of one sweep."""


Values = Annotated[
    tuple[Any, ...] | Range,
    ByShape(Annotated[tuple[Any, ...], Sized(MOST_VALUES, "value")], mapping=Range),
]
"""The values of a path: a list, or a range."""

Whole = Annotated[dict[str, Any], Sized(MOST_PATHS, "path")]
"""One value each for some paths."""


class Sample(Part):
    """Points spread over the whole space, where all combinations would be too many."""

    method: Spread = Field(
        description=(
            "Latin hypercube sampling, which spreads the values of each path evenly; or Sobol's "
            "sequence, which spreads the points evenly, too, and takes a power of two of them."
        )
    )
    points: int = Field(ge=1, le=1_000_000, description="How many points.", examples=[64])

    @model_validator(mode="after")
    def _balanced(self) -> Sample:
        if self.method == "sobol" and self.points & (self.points - 1):
            low = 1 << (self.points.bit_length() - 1)
            message = f"{self.points} points are not a power of two, as Sobol's sequence needs"
            raise complaint(Problem(("points",), message, f"take {low} or {2 * low}"))
        return self


class Block(Part):
    """Points: every combination of the values of ``matrix`` and those of ``zip``.

    With ``sample`` only some, drawn at random. ``include`` adds points, ``exclude`` takes away.
    """

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [key]} for key in ("matrix", "zip", "include")]}
    )

    matrix: Annotated[dict[str, Values], Sized(MOST_PATHS, "path")] = Field(
        default={},
        description="Paths of the scenario, and the values of each: all are combined.",
        examples=[{"workload.open.rate": ["20/s", "40/s"]}],
    )
    zip: Annotated[dict[str, Values], Sized(MOST_PATHS, "path")] = Field(
        default={},
        description="Paths that move together: their first values, their second values ...",
        examples=[{"servers.a.workers": [1, 2], "servers.b.workers": [2, 4]}],
    )
    sample: Sample | None = Field(
        default=None,
        description="Takes points at random in place of every combination.",
        examples=[{"method": "lhs", "points": 64}],
    )
    include: Annotated[tuple[Whole, ...], Sized(MOST_VALUES, "point")] = Field(
        default=(),
        description="Points that are added, each a value for some paths.",
        examples=[[{"workload.open.rate": "500/s"}]],
    )
    exclude: Annotated[tuple[Whole, ...], Sized(MOST_VALUES, "point")] = Field(
        default=(),
        description="Points that are left out: those that have all these values.",
        examples=[[{"workload.open.rate": "40/s", "servers.a.workers": 1}]],
    )

    @model_validator(mode="after")
    def _something(self) -> Block:
        if not (self.matrix or self.zip or self.include):
            keys = ("matrix", "zip", "include")
            hint = "write for example matrix: {workload.open.rate: [20/s, 40/s]}"
            message = "one of matrix, zip, include is needed"
            raise complaint(Problem((), message, hint, absent=keys))
        if self.sample is not None and not (self.matrix or self.zip):
            message = "there is nothing to draw from; write a matrix of ranges"
            raise complaint(Problem(("sample",), message, at_key=True))
        return self


def _several(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return value
    message = f"a mapping or a list of mappings is needed, not {describe(value)}"
    raise complaint(Problem((), message, "write for example {matrix: {run.seed: [1, 2]}}"))


_Several = Annotated[tuple[Block, ...], Sized(MOST_BLOCKS, "block"), BeforeValidator(_several)]

Blocks = Annotated[tuple[Block, ...] | Block, ByShape(_Several, mapping=Block)]
"""A block, or a list of blocks."""


class Beside(Part):
    """A sweep beside the sections of a scenario, which are checked with the values put in."""

    sweep: Blocks = Field(description="Which points there are: a block, or a list of blocks.")


class Linked(Part):
    """A sweep over the scenario of another file."""

    scenario: FileName = Field(
        description="The scenario's file, relative to this one.", examples=["../lecture.yaml"]
    )
    name: Name | None = Field(
        default=None, description="What the sweep is called; as the scenario if left out."
    )
    description: Description = Field(default="", description="What it is about.")
    sweep: Blocks = Field(description="Which points there are: a block, or a list of blocks.")

    @classmethod
    def home(cls, key: str) -> str:
        """Return where the sections of a scenario belong."""
        return "the scenario's own file" if key in Scenario.fields() else ""


def sweep_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a sweep file.

    The sections of a scenario may lack what the sweep sets.
    """
    scenario = json_schema()
    beside, linked = (
        part.model_json_schema(schema_generator=Untitled) for part in (Beside, Linked)
    )
    properties = {**scenario["properties"], **beside["properties"]}
    inline = {"properties": properties, "required": ["sweep"], "additionalProperties": False}
    return {
        "$schema": scenario["$schema"],
        "title": "A simsched sweep",
        "type": "object",
        "if": {"required": ["scenario"]},
        "then": {key: linked[key] for key in ("properties", "required", "additionalProperties")},
        "else": inline,
        "$defs": {**beside["$defs"], **linked["$defs"], **scenario["$defs"]},
    }


def sweep_schema_text() -> str:
    """Return the JSON Schema of sweep files as text."""
    return json.dumps(sweep_schema(), indent=2, ensure_ascii=False) + "\n"
