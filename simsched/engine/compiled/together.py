"""The worlds of a run: the server that is compared, and the services that its requests call.

Things happen in one of them until the next event is another's.
"""

from __future__ import annotations

from simsched.engine.compiled import calls
from simsched.engine.compiled.calendar import find_first, is_before
from simsched.engine.compiled.layout import NEVER
from simsched.engine.compiled.world import Network, World
from simsched.engine.jit import apart, rule


@rule
def gives_way(network: Network | None, world: World) -> bool:
    """Let things happen in another world if the next event is there; return whether it is."""
    if network is None:
        return False
    if network.next_time == NEVER:
        return False
    time, rank = _next_event(world)
    if not is_before(network.next_time, network.next_rank, time, rank):
        return False
    _note(network, world, time, rank)
    run = calls.run_at(network, network.next)
    run.now = world.run.now
    run.sequence = world.run.sequence
    network.current = network.next
    find_others(network)
    return True


@rule
def note_next(network: Network | None, world: World) -> None:
    """Note when the next event of the world is, for others to compare theirs with."""
    if network is not None:
        time, rank = _next_event(world)
        _note(network, world, time, rank)


@rule
def _next_event(world: World) -> tuple[int, int]:
    """Return the time and rank of the next event of the world."""
    run = world.run
    time, rank = run.next_arrival, run.next_rank
    if find_first(run) and is_before(run.first_time, run.first_rank, time, rank):
        time, rank = run.first_time, run.first_rank
    if run.timers_count > 0 and is_before(run.next_timer, run.next_timer_rank, time, rank):
        time, rank = run.next_timer, run.next_timer_rank
    return time, rank


@rule
def _note(network: Network, world: World, time: int, rank: int) -> None:
    place = calls.place_at(network, world.run.place)
    place.time = time
    place.rank = rank


@apart
def find_others(network: Network) -> None:
    """Find out which of the worlds that wait for their turn has it first."""
    network.next_time = NEVER
    network.next_rank = NEVER
    for at in range(network.places_size):
        one = calls.place_at(network, at)
        if at != network.current and is_before(
            one.time, one.rank, network.next_time, network.next_rank
        ):
            network.next = at
            network.next_time = one.time
            network.next_rank = one.rank
