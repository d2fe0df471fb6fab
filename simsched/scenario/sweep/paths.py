"""Whether a path leads to something that a scenario can have."""

from __future__ import annotations

from typing import Any, get_origin

from simsched.scenario.base import Part
from simsched.scenario.kinds import members, under
from simsched.scenario.node import ListNode, MappingNode, Node, child
from simsched.scenario.overriding import NowhereError, parse_path
from simsched.scenario.problem import Path, dotted
from simsched.scenario.scenario import Scenario
from simsched.scenario.wording import closest, describe, listed, quote


def find(root: Node, text: str) -> Path:
    """Return the path *text*, which is one that the scenario in *root* has or may have.

    Raises:
        NowhereError: it has no such path; the hint names what was probably meant.
    """
    path = parse_path(text)
    kinds: list[Any] = [Scenario]
    node: Node | None = root
    for number, step in enumerate(path):
        found = child(node, step) if node is not None else None
        if found is None:
            _check(node, kinds, step, path[:number])
        kinds = [each for kind in kinds for each in members(under(kind, step))]
        node = found
    return path


def wants_whole(path: Path) -> bool:
    """Return whether only whole numbers can stand at *path*."""
    kinds: list[Any] = [Scenario]
    for step in path:
        kinds = [each for kind in kinds for each in members(under(kind, step))]
    return bool(kinds) and all(kind is int for kind in kinds)


def _check(node: Node | None, kinds: list[Any], step: str | int, above: Path) -> None:
    """Complain about *step*, which is not there, unless it may be."""
    where = dotted(above) or "the scenario"
    if isinstance(step, int):
        raise NowhereError(_no_item(node, step, where))
    if isinstance(node, ListNode):
        raise NowhereError(f"{where} is a list", f"write {dotted((*above, 0))}")
    if any(get_origin(kind) is dict for kind in kinds):
        known = list(node.entries) if isinstance(node, MappingNode) else []
        raise NowhereError(f"there is no {quote(step)} in {where}", _meant(step, known))
    parts = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Part)]
    if parts and not any(step in part.fields() for part in parts):
        raise NowhereError(
            f"there is no key {quote(step)} in {where}", _meant(step, _chosen(parts, node))
        )


def _chosen(parts: list[type[Part]], node: Node | None) -> list[str]:
    """Return the keys of those *parts* that *node* can be: its ``model`` says which."""
    model = node.entries.get("model") if isinstance(node, MappingNode) else None
    chosen = model.value.data() if model is not None else None
    fitting = [part for part in parts if _allows(part, chosen)] or parts
    return list(dict.fromkeys(key for part in fitting for key in part.fields()))


def _allows(part: type[Part], model: object) -> bool:
    kind = part.under("model")
    return model is None or kind is None or model in getattr(kind, "__args__", ())


def _no_item(node: Node | None, step: int, where: str) -> str:
    if not isinstance(node, ListNode):
        what = "is not there" if node is None else f"is {describe(node.data())}, not a list"
        return f"{where} {what}, so it has no [{step}]"
    count = f"{len(node.items)} item{'s' * (len(node.items) != 1)}"
    return f"{where} has {count}, counted from 0; there is no [{step}]"


def _meant(name: str, known: list[str]) -> str:
    if match := closest(name, known):
        return f"did you mean {quote(match)}?"
    return f"there are {listed(known)}" if known else "there are none"
