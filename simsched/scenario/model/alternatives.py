"""Values that can be written in several ways: the way is chosen before anything is validated.

A fault then refers to the way the user chose, not to each branch of a union.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simsched.scenario.file.explaining import members
from simsched.scenario.file.problems import Problem, Unknown, complaint
from simsched.scenario.file.wording import closest, describe, listed, plural, quote
from simsched.scenario.model.base import Part

Parts = Mapping[str, type[Part]]
"""The alternatives, by the key or the value that chooses each."""


@dataclass(frozen=True)
class ByKey:
    """Chooses among parts by the key that is present: each part's first field is its own key.

    Attributes:
        thing: what is chosen, as in ``phase``.
        article: the word before it.
    """

    thing: str
    article: str = "a"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        parts = {next(iter(each.fields())): each for each in members(source)}
        return _union(parts, handler, self._check, _present_key)

    def _check(self, value: object, parts: Parts) -> None:
        if not isinstance(value, Mapping):
            needed = f"{self.article} {self.thing} is needed, not {describe(value)}"
            raise complaint(Problem((), needed, f"it has one of the keys {listed(tuple(parts))}"))
        present = [key for key in value if key in parts]
        if len(present) > 1:
            message = f"{self.article} {self.thing} has only one of {listed(present)}"
            raise complaint(Problem((present[1],), message, at_key=True))
        if not present:
            raise complaint(*self._none(value, parts))

    def _none(self, value: Mapping[str, object], parts: Parts) -> Iterator[Problem]:
        strays = _strays(value, parts)
        if not strays:
            message = f"{self.article} {self.thing} needs one of {listed(tuple(parts))}"
            yield Problem((), message, absent=tuple(parts))
            return
        meant = next((key for key in strays if closest(key, parts)), strays[0])
        unknown = Unknown(meant, tuple(parts), plural(self.thing))
        yield Problem((meant,), f"unknown {self.thing}", unknown=unknown, at_key=True)
        if closest(meant, parts):
            yield from (each for each in _unknown_keys(value, parts) if each.path != (meant,))


@dataclass(frozen=True)
class ByShape:
    """Chooses by shape: a mapping is validated as ``mapping``, anything else as ``plain``.

    Both are annotations.
    """

    plain: Any
    mapping: Any

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = {
            "plain": handler.generate_schema(self.plain),
            "mapping": handler.generate_schema(self.mapping),
        }
        return core_schema.tagged_union_schema(choices, discriminator=self._name)

    @staticmethod
    def _name(value: object) -> str:
        return "mapping" if isinstance(value, (dict, Part)) else "plain"


@dataclass(frozen=True)
class ByList(ByShape):
    """Chooses by shape: a list is validated as ``mapping``, anything else as ``plain``.

    Attributes:
        example: a list.
    """

    example: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choice = super().__get_pydantic_core_schema__(source, handler)
        return core_schema.no_info_before_validator_function(self._check, choice)

    def _check(self, value: object) -> object:
        if isinstance(value, Mapping):
            message = "a number or a list is needed, not a mapping"
            raise complaint(Problem((), message, f"write for example {self.example}"))
        return value

    @staticmethod
    def _name(value: object) -> str:
        return "mapping" if isinstance(value, (list, tuple)) else "plain"


@dataclass(frozen=True)
class ByValue:
    """Chooses among parts by the text under ``key``, for which each part has one value."""

    key: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        parts = {get_args(each.fields()[self.key].annotation)[0]: each for each in members(source)}
        return _union(parts, handler, self._check, lambda value, _: value[self.key])

    def _check(self, value: object, parts: Parts) -> None:
        known = tuple(parts)
        if not isinstance(value, Mapping):
            needed = f"a mapping is needed, not {describe(value)}"
            raise complaint(Problem((), needed, f"write for example {{{self.key}: {known[0]}}}"))
        if value.get(self.key) not in known:
            raise complaint(self._unchosen(value, known), *_unknown_keys(value, parts))

    def _unchosen(self, value: Mapping[str, object], known: tuple[str, ...]) -> Problem:
        hint = f"it is one of {listed(known)}"
        if self.key not in value:
            return Problem((), f"{self.key} is missing", hint, absent=(self.key,))
        chosen = value[self.key]
        if not isinstance(chosen, str):
            return Problem((self.key,), f"{describe(chosen)} is not a {self.key}", hint)
        unknown = Unknown(chosen, known, plural(self.key))
        return Problem((self.key,), f"{quote(chosen)} is not a {self.key}", unknown=unknown)


@dataclass(frozen=True)
class ByKeys:
    """Chooses among parts by any key that is present: no two of the parts share a key."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        parts = {key: each for each in members(source) for key in each.fields()}
        return _union(parts, handler, self._check, _present_key)

    def _check(self, value: object, parts: Parts) -> None:
        sets = [" and ".join(part.fields()) for part in dict.fromkeys(parts.values())]
        if not isinstance(value, Mapping):
            raise complaint(Problem((), f"{', or '.join(sets)} are needed, not {describe(value)}"))
        present = [key for key in value if key in parts]
        if not present:
            lacking = Problem((), f"{', or '.join(sets)} are needed", absent=tuple(parts))
            raise complaint(lacking, *_unknown_keys(value, parts))
        other = next((key for key in present if parts[key] is not parts[present[0]]), None)
        if other is not None:
            message = f"it does not go with {present[0]}"
            raise complaint(Problem((other,), message, f"write {', or '.join(sets)}", at_key=True))


def _strays(value: Mapping[str, object], parts: Parts) -> list[str]:
    """Return the keys of *value* that none of *parts* has."""
    shared = {key for part in parts.values() for key in part.fields()}
    return [key for key in value if key not in shared]


def _unknown_keys(value: Mapping[str, object], parts: Parts) -> Iterator[Problem]:
    known = tuple(dict.fromkeys(key for part in parts.values() for key in part.fields()))
    for key in _strays(value, parts):
        yield Problem((key,), "unknown key", unknown=Unknown(key, known, "keys"), at_key=True)


def _union(
    parts: Parts,
    handler: GetCoreSchemaHandler,
    check: Callable[[object, Parts], None],
    key_of: Callable[[Any, Parts], str],
) -> CoreSchema:
    """Return the schema that checks a value, then validates it as the part that it chose."""

    def checked(value: object) -> object:
        if not isinstance(value, Part):
            check(value, parts)
        return value

    def name_of(value: Any) -> str:
        chosen = type(value) if isinstance(value, Part) else parts[key_of(value, parts)]
        return chosen.__name__

    choices = {part.__name__: handler.generate_schema(part) for part in parts.values()}
    union = core_schema.tagged_union_schema(choices, discriminator=name_of)
    return core_schema.no_info_before_validator_function(checked, union)


def _present_key(value: Mapping[str, object], parts: Parts) -> str:
    return next(key for key in value if key in parts)
