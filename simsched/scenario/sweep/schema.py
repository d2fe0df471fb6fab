"""The JSON Schema of sweep files, for editors."""

from __future__ import annotations

import json
from typing import Any

from simsched.scenario.schema import json_schema
from simsched.scenario.sweep.model import Beside, Linked
from simsched.scenario.untitled import Untitled

SCHEMA_FILE = "simsched-sweep.schema.json"
"""What the schema is called beside the sweeps that come with simsched."""


def sweep_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a sweep file.

    The sections of a scenario may lack what the sweep sets.
    """
    scenario = json_schema()
    beside, linked = _of(Beside), _of(Linked)
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


def _of(part: Any) -> dict[str, Any]:
    schema: dict[str, Any] = part.model_json_schema(schema_generator=Untitled)
    return schema
