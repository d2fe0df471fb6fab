"""How JSON Schemas are made of the models: without a title for every field."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema


class Untitled(GenerateJsonSchema):
    """Names what is defined, not every field: an editor shows a field's key already."""

    schema_dialect = "https://json-schema.org/draft/2020-12/schema"

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Return that no field gets a title."""
        return False
