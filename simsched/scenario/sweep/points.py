"""The points of a sweep: what its blocks come to, each point once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain, compress, product

from simsched.scenario.node import Node, child
from simsched.scenario.problem import Path, Problem
from simsched.scenario.sweep.model import Block
from simsched.scenario.sweep.reading import BlockReader
from simsched.scenario.sweep.sampling import sample
from simsched.scenario.sweep.settings import Settings, identity, value_at, wholes_first
from simsched.scenario.sweep.values import meaning

MOST_POINTS = 10_000
"""More points than this are refused unless that is asked for."""

MOST_POINTS_EVER = 1_000_000
"""More points than this are refused."""


class PointReader:
    """Reads the blocks of a sweep.

    Attributes:
        repeated: how many points were left out because they were there before.
        sampled: the identities of the points that were drawn at random.
        unmatched: the excludes that no point has the values of, by where they stand.
    """

    def __init__(self, base: Node, sweep: Node, blocks: Block | tuple[Block, ...]) -> None:
        self._base = base
        self._blocks: list[tuple[Block, BlockReader]] = []
        if isinstance(blocks, Block):
            self._blocks = [(blocks, BlockReader(base, blocks, sweep, ("sweep",)))]
        else:
            for number, block in enumerate(blocks):
                node = child(sweep, number) or sweep
                self._blocks.append((block, BlockReader(base, block, node, ("sweep", number))))
        self.repeated = 0
        self.sampled: set[frozenset[object]] = set()
        self.unmatched: dict[Path, Settings] = {}

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the blocks; reading the points may find more."""
        return [problem for _, reader in self._blocks for problem in reader.problems]

    def count(self) -> int:
        """Return how many points there would be, without those that are left out."""
        return sum(_count(block, reader) for block, reader in self._blocks)

    def points(self, seed: int, most: int) -> list[Settings]:
        """Return the points, in the order of the file: the first path changes least often.

        Blocks that would make them more than *most*, and axes of which some are faulty, are passed
        over.
        """
        return list(self._once(chain.from_iterable(self._of_blocks(seed, most))))

    def _of_blocks(self, seed: int, most: int) -> Iterator[list[Settings]]:
        for block, reader in self._blocks:
            count = _count(block, reader)
            if count <= most:
                most -= count
                yield self._of(block, reader, seed)

    def _of(self, block: Block, reader: BlockReader, seed: int) -> list[Settings]:
        if block.sample is not None and reader.problems:
            return []
        points = list(_combined(block, reader, seed))
        if block.sample is not None:
            self.sampled |= set(map(identity, points))
        left = self._left(points, reader)
        return [*(left if reader.complete else ()), *reader.included]

    def _left(self, points: list[Settings], reader: BlockReader) -> list[Settings]:
        """Return those of *points* that have not all the values of an exclude."""
        paths = {each.path for unwanted in reader.excluded.values() for each in unwanted}
        has = [self._values(point, paths) for point in points] if paths else []
        for number, settings in reader.excluded.items():
            unwanted = {each.identity for each in settings}
            kept = [not unwanted <= values for values in has]
            if all(kept) and reader.knows(settings):
                self.unmatched[reader.nothing_excluded(number)] = settings
            points, has = list(compress(points, kept)), list(compress(has, kept))
        return points

    def _values(self, point: Settings, paths: Iterable[Path]) -> set[tuple[Path, object]]:
        """Return what *point* has at *paths*, also as it was written before a detail was set."""
        found = ((path, value_at(self._base, point, path)) for path in paths)
        held = {(path, meaning(node)) for path, node in found if node is not None}
        return held.union(each.identity for each in point)

    def _once(self, points: Iterable[Settings]) -> Iterator[Settings]:
        seen: set[frozenset[object]] = set()
        for point in points:
            same = identity(point)
            if same in seen:
                self.repeated += 1
            else:
                yield point
            seen.add(same)


def _count(block: Block, reader: BlockReader) -> int:
    sizes = [block.sample.points] if block.sample else [axis.size for axis in reader.axes]
    return len(reader.included) + (math.prod(sizes) if reader.axes else 0)


def _combined(block: Block, reader: BlockReader, seed: int) -> Iterator[Settings]:
    if not reader.axes:
        return
    if block.sample is not None:
        points = sample(block.sample, reader.axes, seed)
    else:
        points = (tuple(chain.from_iterable(each)) for each in product(*reader.axes))
    yield from map(wholes_first, points) if reader.nested else points
