"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Any

from simsched.scenario.scenario import Scenario


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
