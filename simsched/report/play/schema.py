"""The JSON Schema of scenario files, read beside a scenario: what each of its values may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from simsched.scenario.dumping import json_schema

Schema = Mapping[str, Any]
"""The schema of one value."""


@cache
def whole() -> dict[str, Any]:
    """Return the schema of a scenario file."""
    return json_schema()


def section(key: str) -> Schema:
    """Return the schema of what stands under a *key* of a scenario."""
    found: Schema = whole()["properties"][key]
    return found


def models() -> dict[str, frozenset[str]]:
    """Return the models that a server may have, each with the keys of its options."""
    found = [*alternatives(under_any_key(section("servers")) or {})]
    return {each["properties"]["model"]["const"]: frozenset(each["properties"]) for each in found}


def under_any_key(schema: Schema) -> Schema | None:
    """Return the schema of what stands under the names of a mapping; None where it has none."""
    named = (each for each in alternatives(schema) if "patternProperties" in each)
    return next((next(iter(each["patternProperties"].values())) for each in named), None)


def alternatives(schema: Schema) -> Iterator[Schema]:
    """Yield all that a value may be, those within its alternatives too."""
    while "$ref" in schema:
        schema = whole()["$defs"][schema["$ref"].rpartition("/")[2]]
    inner = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if not inner or pattern(schema):  # a text with a unit, or the number 0
        yield schema
    for each in inner:
        yield from alternatives(each)


def resolved(schema: Schema, value: object) -> Schema:
    """Return the alternative of *schema* that *value* is; an empty one where it is none."""
    return next((each for each in alternatives(schema) if _fits(each, value)), {})


def pattern(schema: Schema) -> str:
    """Return the regular expression of a text with a unit, or of a share; "" elsewhere."""
    within = (each.get("pattern", "") for each in schema.get("anyOf", ()))
    own: str = schema.get("pattern", "")
    return own or next(filter(None, within), "")


def bounds(schema: Schema) -> tuple[float, float]:
    """Return the least and the most that a number may be."""
    above = schema.get("exclusiveMinimum")
    least = schema.get("minimum", 0.0 if above is None else above + 1e-9)
    return least, schema.get("maximum", 1e12)


_TYPES: Mapping[type, tuple[str, ...]] = {
    list: ("array",),
    type(None): ("null",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
}


def _fits(schema: Schema, value: object) -> bool:
    match value:
        case dict():
            return _fits_mapping(schema, value)
        case str():
            text = pattern(schema)
            is_text = re.search(text, value) is not None if text else schema.get("type") == "string"
            return is_text and value in schema.get("enum", (schema.get("const", value),))
        case _:
            has_unit = isinstance(value, int | float) and bool(pattern(schema))
            return has_unit or schema.get("type") in _TYPES.get(type(value), ())


def _fits_mapping(schema: Schema, value: Mapping[str, object]) -> bool:
    properties = schema.get("properties")
    if properties is None:
        return "patternProperties" in schema
    same = (
        properties[key].get("const", value[key]) == value[key]
        for key in value.keys() & properties.keys()
    )
    return {*schema.get("required", ())} <= value.keys() <= properties.keys() and all(same)
