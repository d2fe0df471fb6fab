"""A sweep without what is wrong in it, so that the mistakes in the rest are found, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simsched.scenario.node import ListNode, MappingNode, Node, child
from simsched.scenario.problem import Path, Problem

_KEYED = {"matrix", "zip"}
"""The sections each key of which can be left out alone."""


def without_faulty(root: MappingNode, problems: Iterable[Problem]) -> MappingNode | None:
    """Return the sweep file *root* without what *problems* are about; None where that is not known.

    Of a block in which something is left out, the excludes are, too: they may be about that.
    """
    pruned: Node = root
    for each in problems:
        wanted = _removed(each.path)
        if not wanted:
            return None
        for path in wanted:
            pruned = _without(pruned, path)
    return pruned if isinstance(pruned, MappingNode) else None


def _removed(path: Path) -> list[Path]:
    """Return what to leave out for a problem at *path*, if that can be."""
    if not path or path[0] == "scenario":
        return []
    if path[0] != "sweep":
        return [path[:1]]
    block = path[:2] if len(path) > 1 and isinstance(path[1], int) else path[:1]
    section = path[len(block) : len(block) + 1]
    if not section or section == ("sample",):  # without it, ranges would mean something else
        return [block]
    length = len(block) + (2 if section[0] in _KEYED else 1)
    return [path[:length], (*block, "exclude")]


def _without(node: Node, path: Path) -> Node:
    """Return *node* without what is at *path*, and without mappings that this leaves empty.

    An item of a list becomes an empty one, so that the others keep their positions.
    """
    step, *rest = path
    inner = child(node, step)
    if inner is None:
        return node
    left = _without(inner, tuple(rest)) if rest else MappingNode(*inner.place, {})
    if isinstance(node, ListNode) and isinstance(step, int):
        return replace(node, items=(*node.items[:step], left, *node.items[step + 1 :]))
    assert isinstance(node, MappingNode)  # noqa: S101  only these two hold anything
    gone = isinstance(left, MappingNode) and not left.entries
    entries = {
        key: replace(entry, value=left) if key == step else entry
        for key, entry in node.entries.items()
        if key != step or not gone
    }
    return replace(node, entries=entries)
