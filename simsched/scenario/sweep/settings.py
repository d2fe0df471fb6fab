"""The settings of a point, and what they come to in its scenario.

A point may set a whole and a detail of it. It gets the whole first, wherever the two stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from simsched.scenario.node import MappingNode, Node, at
from simsched.scenario.overriding import put
from simsched.scenario.problem import Path, dotted
from simsched.scenario.sweep.values import leaves, meaning, text_of


@dataclass(frozen=True)
class Setting:
    """A value at a path of the scenario, which has what ``was`` there before, if anything."""

    path: Path
    node: Node
    was: Node | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The path as it is written, in full."""
        return dotted(self.path, longest=None)

    @property
    def text(self) -> str:
        """The value as it is written."""
        return text_of(self.node)

    @cached_property  # asked for by every point that has it
    def identity(self) -> tuple[Path, object]:
        """What two settings have in common that do the same."""
        return self.path, meaning(self.node)

    @cached_property  # as above
    def change(self) -> frozenset[object]:
        """What becomes of the scenario; nothing where it has this value already."""
        before = () if self.was is None else leaves(self.was, self.path)
        return frozenset(before) ^ frozenset(leaves(self.node, self.path))


Settings = tuple[Setting, ...]
"""The values of a point, in the order in which they are put into the scenario."""


def identity(point: Settings) -> frozenset[object]:
    """Return what two points have in common that come to the same scenario.

    That they do by a default, is not seen.
    """
    return frozenset().union(*(each.change for each in _apart(point)))


def within(path: Path, whole: Path) -> bool:
    """Return whether *path* leads to *whole* or into it."""
    return path[: len(whole)] == whole


def value_at(base: Node | None, point: Settings, path: Path) -> Node | None:
    """Return what stands at *path* when *point* is put into the scenario *base*, if anything."""
    found = at(base, path)
    for each in point:
        if within(path, each.path):
            found = at(each.node, path[len(each.path) :])
        elif within(each.path, path):
            whole = found or MappingNode(*each.node.place, {})
            found = put(whole, each.path[len(path) :], each.node, path)
    return found


def wholes_first(point: Settings) -> Settings:
    """Return *point* with details after the wholes that they are of, and else in its order."""

    def depth(setting: Setting) -> int:
        return sum(within(setting.path, other.path) for other in point)

    return tuple(sorted(point, key=depth))


def _apart(point: Settings) -> list[Setting]:
    """Return settings that do the same as those of *point*, none of them within another."""
    found: list[Setting] = []
    for each in point:
        above = next((n for n, whole in enumerate(found) if within(each.path, whole.path)), None)
        if above is None:
            found.append(each)
        else:
            whole = found[above]
            node = put(whole.node, each.path[len(whole.path) :], each.node, whole.path)
            found[above] = replace(whole, node=node)
    return found
