"""The base of every part of a scenario: frozen, and closed to unknown keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from simsched.scenario.problem import Problem

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
    def fields(cls) -> dict[str, FieldInfo]:
        """Return the fields by the keys that a file uses for them."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}

    @classmethod
    def under(cls, key: str) -> Any:
        """Return the annotation of the field that a file calls *key*, or None."""
        cls.model_rebuild()  # resolves annotations that name what is defined after the class
        field = cls.fields().get(key)
        return field.annotation if field else None

    @classmethod
    def home(cls, key: str) -> str:  # noqa: ARG003  most parts know of no other home
        """Return where *key*, which is none of this part's, belongs; nothing where unknown."""
        return ""


def complaint(*problems: Problem) -> PydanticCustomError:
    """Return what a validator raises about a value; the problems' paths begin at that value."""
    text = ", and ".join(f"{each.message}; {each.hint}".removesuffix("; ") for each in problems)
    return PydanticCustomError(COMPLAINT, "{text}", {"text": text, "problems": problems})
