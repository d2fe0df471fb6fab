"""The values a scenario is made of: durations, rates, names, counts."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from simsched import units


def _duration(value: object) -> object:
    if value == 0 and not isinstance(value, bool):
        return 0
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f"a bare number has no unit; write it as {value}ms or {value}s")
    return units.parse_duration(value) if isinstance(value, str) else value


def _rate(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f"a bare number has no unit; write it as {value}/s or {value}/min")
    return units.parse_rate(value) if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(_duration), Field(ge=0)]
"""Nanoseconds, written as ``10ms``."""

PositiveDuration = Annotated[int, BeforeValidator(_duration), Field(gt=0)]
"""Nanoseconds, more than none."""

Rate = Annotated[float, BeforeValidator(_rate)]
"""Per second, written as ``80/s``."""

Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""How many of something there are, at least one."""

Name = Annotated[str, Field(min_length=1, max_length=500)]
"""What the user calls a thing: any text."""
