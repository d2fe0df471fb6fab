"""Values that can be written in several ways: the way is chosen before anything is validated.

So a fault is reported against the way the user chose, never against each branch of a union.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simsched.scenario.base import Part, complaint
from simsched.scenario.wording import describe, nearest


@dataclass(frozen=True)
class ByKey:
    """Chooses among parts by the key that is present: each part's first field is its own key.

    ``what`` names the thing in messages, as in ``a phase``.
    """

    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        members: dict[str, type[Part]] = {next(iter(m.model_fields)): m for m in get_args(source)}
        choices = {member.__name__: handler.generate_schema(member) for member in members.values()}
        union = core_schema.tagged_union_schema(choices, discriminator=_tag(members))
        return core_schema.no_info_before_validator_function(self._checker(tuple(members)), union)

    def _checker(self, keys: tuple[str, ...]) -> Callable[[object], object]:
        def check(value: object) -> object:
            if isinstance(value, Part):
                return value
            if not isinstance(value, Mapping):
                raise complaint(f"{self.what} is needed, not {describe(value)}", f"write one of {', '.join(keys)}")
            if not any(key in value for key in keys):
                raise self._unknown(value, keys)
            return value

        return check

    def _unknown(self, value: Mapping[object, object], keys: tuple[str, ...]) -> Exception:
        hint = nearest(str(next(iter(value), "")), keys)
        return complaint(f"{self.what} needs one of {', '.join(keys)}", hint)


def _tag(members: Mapping[str, type[Part]]) -> Callable[[Any], str]:
    def tag(value: Any) -> str:
        if isinstance(value, Part):
            return type(value).__name__
        return next(member.__name__ for key, member in members.items() if key in value)

    return tag
