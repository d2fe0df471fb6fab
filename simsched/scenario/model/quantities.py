"""The values a scenario is made of: durations, rates, names, counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from simsched import units
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.tree import Path
from simsched.scenario.file.wording import describe, plural, quote
from simsched.scenario.metrics import parse_share

LONGEST_NAME = 500
"""The most characters of a name."""

LONGEST_FILE_NAME = 4096
"""The most characters of the name of a file."""


def wrong(message: str, hint: str = "", path: Path = ()) -> PydanticCustomError:
    """Return the complaint about a value, or about what lies at *path* in it."""
    return complaint(Problem(path, message, hint))


def is_number(value: object) -> TypeGuard[float]:
    """Return whether *value* is a number; a boolean is not one."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _duration(value: object) -> int:
    if is_number(value) and value == 0:
        return 0
    try:
        return units.parse_duration(value if isinstance(value, str) else _bare(value, "duration"))
    except ValueError as error:
        raise wrong(str(error)) from None


def _bare(value: object, thing: str) -> str:
    """Return the number *value* as text, so that it is refused as a number without a unit."""
    if not is_number(value):
        example = "10ms" if thing == "duration" else "80/s"
        raise wrong(f"a {thing} such as {example} is needed, not {describe(value)}")
    return str(value)


def read_text(value: object, parse: Callable[[str], Any], needed: str, path: Path = ()) -> Any:
    """Return what *parse* makes of the text *value*, or raise a complaint."""
    if not isinstance(value, str):
        raise wrong(f"{needed} is needed, not {describe(value)}", path=path)
    try:
        return parse(value)
    except ValueError as error:
        raise wrong(str(error), path=path) from None


def read_duration(value: object) -> int | None:
    """Return the nanoseconds that *value* means, or None where it is not a duration."""
    try:
        return _duration(value)
    except PydanticCustomError:
        return None


def _positive(duration_ns: int) -> int:
    if duration_ns == 0:
        raise wrong("0 is too short; a duration of at least 1ns is needed")
    return duration_ns


def _rate(value: object) -> float:
    try:
        return units.parse_rate(value if isinstance(value, str) else _bare(value, "rate"))
    except ValueError as error:
        raise wrong(str(error)) from None


def _chance(value: object) -> float:
    chance = value if is_number(value) else read_text(value, parse_share, "a share such as 1%")
    if not 0 <= chance <= 1:
        raise wrong(f"{value} is out of range; it is at least 0% and at most 100%")
    return float(chance)


def _rate_or_none(value: object) -> float:
    if (is_number(value) and value == 0) or (isinstance(value, str) and units.is_no_rate(value)):
        return 0.0
    return _rate(value)


def _name(text: str) -> str:
    if not text:
        raise wrong("a name cannot be empty")
    if len(text) > LONGEST_NAME:
        raise wrong(f"a name of {len(text)} characters is too long; the most is {LONGEST_NAME}")
    return _printable(text)


def _file_name(text: str) -> str:
    if not text:
        raise wrong("the name of a file cannot be empty")
    if len(text) > LONGEST_FILE_NAME:
        message = f"a file's name of {len(text)} characters is too long"
        raise wrong(f"{message}; the most is {LONGEST_FILE_NAME}")
    return _printable(text)


def _printable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            code = f"U+{ord(character):04X}"
            raise wrong(f"{quote(text)} holds the control character {code}", "leave it out")
    return text


def _description(text: str) -> str:
    _printable("".join(text.split("\n")).replace("\t", ""))
    return text


def _tidy(number: float) -> float:
    """Return the whole number that *number* is, if it is one, as people write it."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


_WITH_UNIT = {
    "type": "string",
    "pattern": rf"^{units.NUMBER_PATTERN} ?(?:{'|'.join(units.DURATION_UNITS)})$",
}
_POSITIVE_SCHEMA: dict[str, Any] = {
    "description": "A duration with its unit: ns, us, ms, s, min or h.",
    "examples": ["10ms", "1.5s"],
    **_WITH_UNIT,
}
_DURATION_SCHEMA: dict[str, Any] = {
    "description": "A duration with its unit: ns, us, ms, s, min or h. 0 needs no unit.",
    "examples": ["10ms", "1.5s"],
    "anyOf": [{"enum": [0, "0"]}, _WITH_UNIT],
}
_RATE_SCHEMA: dict[str, Any] = {
    "description": "A rate: a number per s, min or h.",
    "examples": ["80/s", "600/min"],
    "type": "string",
    "pattern": rf"^{units.NUMBER_PATTERN} ?/ ?(?:{'|'.join(units.RATE_UNITS)})$",
}
_FILE_SCHEMA: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_FILE_NAME,
}
_NAME_SCHEMA: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_NAME,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$",
}

Duration = Annotated[
    int,
    BeforeValidator(_duration),
    PlainSerializer(units.write_duration, return_type=str),
    WithJsonSchema(_DURATION_SCHEMA),
]
"""Nanoseconds, written as ``10ms``."""

PositiveDuration = Annotated[
    int,
    BeforeValidator(_duration),
    AfterValidator(_positive),
    PlainSerializer(units.write_duration, return_type=str),
    WithJsonSchema(_POSITIVE_SCHEMA),
]
"""Nanoseconds, more than none."""

Rate = Annotated[
    float,
    BeforeValidator(_rate),
    PlainSerializer(units.write_rate, return_type=str),
    WithJsonSchema(_RATE_SCHEMA),
]
"""Per second, written as ``80/s``."""

RateOrNone = Annotated[
    float,
    BeforeValidator(_rate_or_none),
    PlainSerializer(units.write_rate, return_type=str),
    WithJsonSchema({"anyOf": [{"enum": [0]}, _RATE_SCHEMA]}),
]
"""Per second, or 0 where nothing happens."""

Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""How many of something there are, at least one."""

Number = Annotated[float, PlainSerializer(_tidy)]
"""A number without a unit."""

Chance = Annotated[
    float,
    BeforeValidator(_chance),
    WithJsonSchema(
        {
            "description": "A probability, in per cent or of 1.",
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9.]+ ?%?$"}],
        }
    ),
]
"""A probability, written as ``1%`` or ``0.01``."""

Weight = Annotated[Number, Field(gt=0, le=1e12)]
"""How likely something is, in proportion to the other weights."""

Name = Annotated[str, AfterValidator(_name), WithJsonSchema(_NAME_SCHEMA)]
"""What the user calls a thing: any text of one line."""

FileName = Annotated[str, AfterValidator(_file_name), WithJsonSchema(_FILE_SCHEMA)]
"""The name of a file."""

RecordedUnit = Literal["ns", "us", "µs", "ms", "s", "min", "h"]
"""The unit of the numbers in a column of times."""

Description = Annotated[str, AfterValidator(_description)]
"""Any text, of several lines if need be."""


@dataclass(frozen=True)
class Sized:
    """Bounds how many items a list has, or how many entries a mapping: at least one by default.

    The bound is checked before the items are, so that items that are wrong don't count as missing.
    """

    most: int
    thing: str
    least: int = 1

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        unit = "Properties" if written.get("type") == "object" else "Items"
        return written | {f"min{unit}": self.least, f"max{unit}": self.most}

    def _check(self, value: object) -> object:
        if not isinstance(value, (Sequence, Mapping)) or isinstance(value, str):
            return value
        if len(value) < self.least:
            raise complaint(Problem((), f"at least one {self.thing} is needed", absent=()))
        if len(value) > self.most:
            raise wrong(f"{len(value)} {plural(self.thing)} are too many; the most is {self.most}")
        return value if isinstance(value, Mapping) else tuple(value)
