"""Pydantic's errors in plain words: where each stands in the file, and what is needed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Protocol, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from simsched.scenario.file.problems import COMPLAINT, Problem, Unknown
from simsched.scenario.file.tree import ListNode, Node, Path, ScalarNode, child
from simsched.scenario.file.wording import describe, flow, listed, quote


class Part(Protocol):
    """What is asked of a part of a scenario, whose class builds on this module."""

    inline: ClassVar[str]

    @classmethod
    def fields(cls) -> Mapping[str, FieldInfo]:
        """Return the fields by the keys that a file uses for them."""

    @classmethod
    def under(cls, key: str) -> Any:
        """Return the annotation of the field that a file calls *key*, or None."""

    @classmethod
    def home(cls, key: str) -> str:
        """Return where *key*, which is none of this part's, belongs; nothing where unknown."""


def follow(root: Node, kind: Any, location: Path) -> tuple[Path, Any]:
    """Return where *location*, as pydantic reports it, is in a file, and the kind of value there.

    Pydantic also names the alternative that was chosen, which no file holds, and the field of what
    stands alone in a file: the phases of a class that is a list, the limit of an objective.
    """
    node: Node | None = root
    path: list[str | int] = []
    for step in location:
        part = part_of(kind)
        if part is not None and step == part.inline != "":
            kind = dict[str, part.under("")]  # type: ignore[misc]  # the type of its entries
            continue
        kind, chosen = _descend(kind, step)
        if chosen or (isinstance(node, (ListNode, ScalarNode)) and isinstance(step, str)):
            continue
        # Pydantic writes the same for the key of a mapping as a user might call one.
        if step == KEY and (node is None or child(node, step) is None):
            continue
        path.append(step)
        node = child(node, step) if node is not None else None
    return tuple(path), kind


KEY = "[key]"
"""What pydantic writes for the key of a mapping, after the key itself."""


def _descend(kind: Any, step: str | int) -> tuple[Any, bool]:
    """Return the kind under *step*, and whether the step only chose an alternative."""
    known = members(kind)
    if len(known) > 1:
        return next((each for each in known if _name(each) == step), _shaped(known, step)), True
    return under(known[0], step) if known else None, False


def _shaped(known: list[Any], step: str | int) -> Any:
    """Return what of *known* has the shape that was chosen, one or several.

    Where there is no mapping, it was a list.
    """
    if step not in {"plain", "mapping"}:
        return reduce(or_, known)
    parts = [each for each in known if _is_part(each)]
    parts = parts or [each for each in known if get_origin(each) is tuple]
    others = [each for each in known if each not in parts]
    return reduce(or_, (parts if step == "mapping" else others) or known)


def members(kind: Any) -> list[Any]:
    """Return the alternatives that *kind* has, nothing not counted; a plain kind is its own."""
    if get_origin(kind) is Annotated:
        return members(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [member for each in get_args(kind) for member in members(each)]
    return [] if kind in (None, NoneType) else [kind]


def _name(kind: Any) -> str | None:
    return getattr(kind, "__name__", None)


def under(kind: Any, step: str | int) -> Any:
    """Return the kind of value that *kind* holds under *step*, or None."""
    if part := part_of(kind):
        return part.under(str(step))
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1]
    return arguments[0] if get_origin(kind) is tuple else None


def part_of(kind: Any) -> type[Part] | None:
    """Return the only part that *kind* can be, or None."""
    known = members(kind)
    only = known[0] if len(known) == 1 else None
    return cast("type[Part]", only) if _is_part(only) else None


def _is_part(kind: Any) -> bool:
    # Parts are the only models that a scenario is made of.
    return isinstance(kind, type) and issubclass(kind, BaseModel)


_NEEDED = {
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
}

_BOUNDS = {
    "greater_than": ("small", "more than", "gt"),
    "greater_than_equal": ("small", "at least", "ge"),
    "less_than_equal": ("large", "at most", "le"),
}


_TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false", 1: "true", 0: "false"}


def explain(errors: Iterable[ErrorDetails], root: Node, kind: type[Part]) -> Iterator[Problem]:
    """Yield each of *errors*, which validation found in *root*, a *kind*, as a problem."""
    for error in errors:
        if error["type"] == "extra_forbidden":
            yield _unknown_key(str(error["loc"][-1]), *follow(root, kind, error["loc"][:-1]))
        elif error["type"] == "missing":
            yield _missing_key(str(error["loc"][-1]), *follow(root, kind, error["loc"][:-1]))
        elif error["type"] == COMPLAINT:
            yield from _complaints(error, *follow(root, kind, error["loc"]))
        else:
            path, value = follow(root, kind, error["loc"])
            holder, part = follow(root, kind, error["loc"][:-1])
            example = _example(path[-1], part) if holder == path[:-1] != path else ""
            yield _about_value(error, path, value, example)


def _unknown_key(key: str, path: Path, kind: Any) -> Problem:
    part = part_of(kind)
    if part is not None and (problem := of_elsewhere(key, path, part)):
        return problem
    known = Unknown(key, tuple(part.fields()) if part else (), "keys")
    return Problem((*path, key), "unknown key", unknown=known, at_key=True)


def of_elsewhere(key: str, path: Path, part: type[Part]) -> Problem | None:
    """Return the complaint that *key*, at *path* of a *part*, belongs elsewhere, if it does."""
    home = part.home(key)
    return Problem((*path, key), f"this key goes with {home}", at_key=True) if home else None


def _missing_key(key: str, path: Path, kind: Any) -> Problem:
    return Problem(path, f"{key} is missing", _example(key, kind), absent=(key,))


def _example(key: str | int, kind: Any) -> str:
    """Return a hint how to write *key* in a *kind*, or an empty text where none is known."""
    part = part_of(kind)
    field = part.fields().get(str(key)) if part else None
    return f"write for example {key}: {flow(field.examples[0])}" if field and field.examples else ""


def _complaints(error: ErrorDetails, path: Path, _: Any) -> Iterator[Problem]:
    # The complaint is about the key itself, whose place in the file differs from the value's.
    at_key = error["loc"][-1:] == (KEY,) and path[-1:] != (KEY,)
    for each in error["ctx"]["problems"]:
        yield replace(each, path=(*path, *each.path), at_key=each.at_key or at_key)


def _about_value(error: ErrorDetails, path: Path, kind: Any, example: str) -> Problem:
    name, value = error["type"], error["input"]
    if name in _NEEDED:
        message = f"{_NEEDED[name]} is needed, not {describe(value)}"
        return Problem(path, message, _hint(name, value, kind) or example)
    if name in _BOUNDS:
        return Problem(path, _out_of_bounds(name, error["ctx"], value))
    if name == "literal_error":
        return _not_a_choice(path, value, get_args(members(kind)[0]))
    return Problem(path, error["msg"])


def _hint(name: str, value: Any, kind: Any) -> str:
    part = part_of(kind)
    if part is not None:
        return f"its keys are {listed(tuple(part.fields()))}"
    if name == "bool_type" and isinstance(value, (str, int)) and value in _TRUTHS:
        return f"write {_TRUTHS[value]}"
    if name == "string_type" and isinstance(value, (int, float)):
        return "put it in quotes"
    if name == "tuple_type" and value is not None:
        return "begin each item with '- '"
    return ""


def _out_of_bounds(name: str, context: Mapping[str, Any], value: object) -> str:
    size, relation, bound = _BOUNDS[name]
    limit = context[bound]
    shown = f"{limit:g}" if isinstance(limit, float) else str(limit)
    return f"{describe(value)} is too {size}; it must be {relation} {shown}"


def _not_a_choice(path: Path, value: object, choices: tuple[Any, ...]) -> Problem:
    if len(choices) == 1:
        return Problem(path, f"only {flow(choices[0])} is possible here, not {describe(value)}")
    written = tuple(map(flow, choices))
    if not isinstance(value, str):
        return Problem(path, f"one of {listed(written)} is needed, not {describe(value)}")
    message = f"{quote(value)} is not one of {listed(written)}"
    return Problem(path, message, unknown=Unknown(value, written))
