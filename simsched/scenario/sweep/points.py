"""The points of a sweep, each of which is a scenario, and is there once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simsched.errors import ScenarioError
from simsched.scenario.file.tree import Document, MappingNode, Node
from simsched.scenario.file.tree import Path as Steps
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.sweep.blocks import BlockReader
from simsched.scenario.sweep.paths import Settings, identity, put_all, value_at

MOST_POINTS = 10_000
"""More points than this are refused unless that is asked for."""

MOST_POINTS_EVER = 1_000_000
"""More points than this are refused."""


@dataclass(frozen=True)
class Sweep:
    """A sweep as it was written.

    Attributes:
        points: the values of each point, in order.
        notes: sentences for the reader.
        directory: what the names of data files are relative to.
        root: the scenario that the points change.
        document: what it was read from.
    """

    points: tuple[Settings, ...]
    notes: tuple[str, ...]
    directory: Path
    root: Node = field(repr=False)
    document: Document = field(repr=False)

    @property
    def paths(self) -> tuple[Steps, ...]:
        """What is varied, in the order of the file."""
        return tuple(dict.fromkeys(each.path for point in self.points for each in point))

    def base(self) -> dict[str, object]:
        """Return the scenario that the points change, as it is written."""
        return self.root.data() if isinstance(self.root, MappingNode) else {}

    def value(self, point: Settings, path: Steps) -> Node | None:
        """Return the value at *path* in the scenario of *point*, if one is written there."""
        return value_at(self.root, point, path)

    def scenario(self, point: Settings) -> Scenario:
        """Return the scenario of *point*.

        Raises:
            ScenarioError: it is none; the faults have their places in the sweep's file.
        """
        document = replace(self.document, root=put_all(self.root, point))
        return Scenario.read(document, self.directory)


def points_of(blocks: Iterable[BlockReader], seed: int, most: int) -> list[Settings]:
    """Return the points of *blocks*, in the order of the file; the first path changes least often.

    Blocks that would make them more than *most* are passed over.
    """
    points: list[Settings] = []
    for block in blocks:
        if block.count <= most:
            most -= block.count
            points += block.points(seed)
    return points


def distinct(sweep: Sweep) -> Sweep:
    """Return *sweep* without the points whose scenario one of those before has, and a note of them.

    Most points that are the same set the same values. Others do by a default: one sets it, the
    other does not. As it takes long to make all scenarios, only those are compared that are the
    same without the values that do nothing elsewhere.
    """
    once: dict[frozenset[object], Settings] = {}
    for point in sweep.points:
        once.setdefault(identity(point), point)
    points = list(once.values())
    idle = _idle(points, sweep)
    kept: list[Settings] = []
    alike: dict[frozenset[object], list[Settings]] = {}
    for point in points:
        rest = tuple(each for each in point if each.identity not in idle)
        rivals = alike.setdefault(identity(rest), []) if idle else []
        if not any(_are_same(point, other, sweep) for other in rivals):
            kept.append(point)
            rivals.append(point)
    repeated = len(sweep.points) - len(kept)
    was, is_ = ("point was", "is") if repeated == 1 else ("points were", "are")
    note = f"{repeated:,} {was} there before, and {is_} simulated once"
    return replace(sweep, points=tuple(kept), notes=(note,) if repeated else ())


def _idle(points: Sequence[Settings], sweep: Sweep) -> Collection[object]:
    """Return the settings that do nothing in the first point that has them.

    Only paths that the scenario lacks, and of which some points alone have a value, come in.
    """
    counts = Counter(each.path for point in points for each in point if each.was is None)
    sparse = {path for path, count in counts.items() if count < len(points)}
    first: dict[object, tuple[Settings, Settings]] = {}
    for point in points if sparse else ():
        for each in point:
            if each.path in sparse and each.identity not in first:
                first[each.identity] = point, tuple(other for other in point if other is not each)
    return {setting for setting, pair in first.items() if _are_same(*pair, sweep)}


def _are_same(one: Settings, other: Settings, sweep: Sweep) -> bool:
    try:
        return sweep.scenario(one) == sweep.scenario(other)
    except ScenarioError:
        return False
