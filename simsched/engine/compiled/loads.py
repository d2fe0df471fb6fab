"""How many requests each worker has, and who has the fewest.

Found by a knock-out tournament of the workers, in which a few games are played again when a
load changes. (D. E. Knuth, The Art of Computer Programming 3, 2nd ed. 1998, section 5.2.3, "Tree
selection".) Place 1 has the winner; the two who met for place *i* are at 2 *i* and 2 *i* + 1, and
behind all games are the workers themselves, or none for one that is down.
"""

from __future__ import annotations

from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import set_winner, winner_at, worker_at
from simsched.engine.compiled.world import World
from simsched.engine.jit import apart, rule

_FIRST = 1


@rule
def change(world: World, worker: int, by: int) -> None:
    """Note that *worker* has so many more requests, if that decides who gets the next."""
    if world.server.least_busy:
        _change(world, worker, by)


@apart
def take_part(world: World, worker: int) -> None:
    """Let *worker* be in the tournament while it is up and takes new requests."""
    if world.server.least_busy:
        one = worker_at(world, worker)
        is_open = one.up and not one.draining
        set_winner(world, _place_of(world, worker), worker if is_open else NONE)
        _play_again(world, worker)


@rule
def least_busy(world: World) -> int:
    """Return the worker with the fewest requests; of several, the first."""
    return winner_at(world, _FIRST)


@rule
def _place_of(world: World, worker: int) -> int:
    return (world.run.winners_size >> 1) + worker


@apart
def _change(world: World, worker: int, by: int) -> None:
    if worker < world.server.workers:  # it may be the lobby, which no worker has
        worker_at(world, worker).load += by
        _play_again(world, worker)


@apart
def _play_again(world: World, worker: int) -> None:
    place = _place_of(world, worker) >> 1
    while place >= _FIRST:
        left, right = winner_at(world, 2 * place), winner_at(world, 2 * place + 1)
        set_winner(world, place, _winner(world, left, right))
        place >>= 1


@rule
def _winner(world: World, left: int, right: int) -> int:
    if right == NONE:
        return left
    if left == NONE:
        return right
    return right if worker_at(world, right).load < worker_at(world, left).load else left
