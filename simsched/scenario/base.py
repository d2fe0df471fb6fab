"""The base of every part of a scenario: frozen, and closed to unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """One mapping of a scenario file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
