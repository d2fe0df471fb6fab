"""What kind of value stands where in a scenario, as the models' annotations tell it."""

from __future__ import annotations

from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel

from simsched.scenario.file.problems import Path
from simsched.scenario.file.tree import ListNode, Node, child

if TYPE_CHECKING:
    from simsched.scenario.model.base import Part


def follow(root: Node, kind: Any, location: Path) -> tuple[Path, Any]:
    """Return where *location*, as pydantic tells it, lies in a file, and the kind of value there.

    Pydantic also names the alternative that was chosen, which no file holds; and a class that is a
    bare list has its phases at once.
    """
    node: Node | None = root
    path: list[str | int] = []
    for step in location:
        kind, chosen = _descend(kind, step)
        if chosen or (isinstance(node, ListNode) and isinstance(step, str)):
            continue
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
    """Return what of *known* has the shape that was chosen, one or several."""
    if step not in {"plain", "mapping"}:
        return reduce(or_, known)
    parts = [each for each in known if _is_part(each)]
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
    # Parts are the only models that a scenario is made of; Part itself builds on this module.
    return isinstance(kind, type) and issubclass(kind, BaseModel)
