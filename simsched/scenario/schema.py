"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Any

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.untitled import Untitled


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    schema = Scenario.model_json_schema(schema_generator=Untitled)
    return {"$schema": Untitled.schema_dialect, **schema, "title": "A simsched scenario"}
