"""Queues that are ranked: a pairing heap of the tasks that wait, by rank and ticket.

A task that waits can be taken out in logarithmic time, wherever in the heap. (M. L. Fredman, R.
Sedgewick, D. D. Sleator & R. E. Tarjan, The Pairing Heap, Algorithmica 1, 1986.)
"""

from __future__ import annotations

from simsched.engine.compiled.layout import NONE, Record
from simsched.engine.compiled.pools import task_at
from simsched.engine.compiled.world import World
from simsched.engine.jit import apart, rule


@apart
def insert(world: World, queue: Record, slot: int) -> None:
    """Let the task in *slot* be ranked in *queue*."""
    task = task_at(world, slot)
    task.child = NONE
    task.sibling = NONE
    task.above = NONE
    queue.root = _meld(world, queue.root, slot)


@apart
def remove(world: World, queue: Record, slot: int) -> None:
    """Take the task in *slot* out of *queue*."""
    below = _pair_up(world, task_at(world, slot).child)
    if queue.root == slot:
        queue.root = below
    else:
        _cut(world, slot)
        queue.root = _meld(world, queue.root, below)


@rule
def ranks_before(world: World, one: int, other: int) -> bool:
    """Return whether the task in *one* is to be taken before that in *other*."""
    if task_at(world, one).rank != task_at(world, other).rank:
        return bool(task_at(world, one).rank < task_at(world, other).rank)
    return bool(task_at(world, one).ticket < task_at(world, other).ticket)


@apart
def _meld(world: World, one: int, other: int) -> int:
    if one == NONE:
        return other
    if other == NONE:
        return one
    if ranks_before(world, other, one):
        one, other = other, one
    eldest = task_at(world, one).child
    task_at(world, other).sibling = eldest
    if eldest != NONE:
        task_at(world, eldest).above = other
    task_at(world, other).above = one
    task_at(world, one).child = other
    return one


@rule
def _cut(world: World, slot: int) -> None:
    """Part the heap at *slot*, which is not the root. ``above`` is a parent or an elder sibling."""
    above, sibling = task_at(world, slot).above, task_at(world, slot).sibling
    if task_at(world, above).child == slot:
        task_at(world, above).child = sibling
    else:
        task_at(world, above).sibling = sibling
    if sibling != NONE:
        task_at(world, sibling).above = above


@apart
def _pair_up(world: World, first: int) -> int:
    """Meld siblings two by two, and then those pairs from the last to the first."""
    pairs = NONE
    while first != NONE:
        second = task_at(world, first).sibling
        following = NONE if second == NONE else task_at(world, second).sibling
        _alone(world, first)
        if second != NONE:
            _alone(world, second)
        pair = _meld(world, first, second)
        task_at(world, pair).sibling = pairs
        pairs = pair
        first = following
    return _meld_all(world, pairs)


@apart
def _meld_all(world: World, pairs: int) -> int:
    root = NONE
    while pairs != NONE:
        following = task_at(world, pairs).sibling
        _alone(world, pairs)
        root = _meld(world, root, pairs)
        pairs = following
    return root


@rule
def _alone(world: World, slot: int) -> None:
    task_at(world, slot).above = NONE
    task_at(world, slot).sibling = NONE
