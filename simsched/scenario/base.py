"""The base of every part of a scenario: frozen, and closed to unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

COMPLAINT = "simsched"
"""The type that pydantic's error list gives to a complaint of ours."""


class Part(BaseModel):
    """One mapping of a scenario file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        defer_build=True,  # the whole is built once, when the first scenario is read
    )

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys that a file may use here."""
        return tuple(cls.model_fields)


def complaint(message: str, hint: str = "", key: str | None = None) -> PydanticCustomError:
    """Return what a validator raises: what is wrong, what to write instead, and which key is meant."""
    context = {"message": message, "hint": hint, "key": key}
    return PydanticCustomError(COMPLAINT, "{message}", context)
