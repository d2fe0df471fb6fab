"""The points of a sweep: what its blocks come to, each point once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product

from simsched.scenario.node import Node, child
from simsched.scenario.problem import Problem
from simsched.scenario.sweep import Block
from simsched.scenario.sweep_axes import Axis, Settings, identity
from simsched.scenario.sweep_reading import BlockReader
from simsched.scenario.sweep_sampling import sample

MOST_POINTS = 10_000
"""More points than this are refused unless that is asked for."""

MOST_POINTS_EVER = 1_000_000
"""More points than this are refused."""


class PointReader:
    """Reads the blocks of a sweep.

    Attributes:
        problems: what is wrong with them.
        repeated: how many points were left out because they were there before.
        sampled: the identities of the points that were drawn at random.
    """

    def __init__(self, base: Node, sweep: Node, blocks: Block | tuple[Block, ...]) -> None:
        self._blocks: list[tuple[Block, BlockReader]] = []
        if isinstance(blocks, Block):
            self._blocks = [(blocks, BlockReader(base, blocks, sweep, ("sweep",)))]
        else:
            for number, block in enumerate(blocks):
                node = child(sweep, number) or sweep
                self._blocks.append((block, BlockReader(base, block, node, ("sweep", number))))
        self._axes = [reader.axes() for _, reader in self._blocks]
        self.repeated = 0
        self.sampled: set[frozenset[object]] = set()

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the blocks."""
        return [problem for _, reader in self._blocks for problem in reader.problems]

    def count(self) -> int:
        """Return how many points there would be, without those that are left out."""
        return sum(
            len(block.include) + _count(block, axes)
            for (block, _), axes in zip(self._blocks, self._axes, strict=True)
        )

    def points(self, seed: int) -> list[Settings]:
        """Return the points, in the order of the file: the first path changes least often."""
        blocks = zip(self._blocks, self._axes, strict=True)
        of_blocks = (self._of(block, reader, axes, seed) for (block, reader), axes in blocks)
        return list(self._once(chain.from_iterable(of_blocks)))

    def _of(
        self, block: Block, reader: BlockReader, axes: Sequence[Axis], seed: int
    ) -> list[Settings]:
        added = list(reader.included())  # before the excludes, which may name its paths
        points = list(_combined(block, axes, seed))
        if block.sample is not None:
            self.sampled |= set(map(identity, points))
        for number, settings in reader.excluded():
            unwanted = identity(settings)
            left = [point for point in points if not unwanted <= identity(point)]
            if len(left) == len(points) and unwanted and reader.sweeps(settings):
                reader.nothing_excluded(number)
            points = left
        return [*points, *added]

    def _once(self, points: Iterable[Settings]) -> Iterator[Settings]:
        seen: set[frozenset[object]] = set()
        for point in points:
            if identity(point) in seen:
                self.repeated += 1
            else:
                yield point
            seen.add(identity(point))


def _count(block: Block, axes: Sequence[Axis]) -> int:
    if not (block.matrix or block.zip):
        return 0
    return block.sample.points if block.sample else math.prod(axis.size for axis in axes)


def _combined(block: Block, axes: Sequence[Axis], seed: int) -> Iterator[Settings]:
    if not axes:
        return
    if block.sample is not None:
        yield from sample(block.sample, axes, seed)
        return
    for combination in product(*axes):
        yield tuple(chain.from_iterable(combination))
