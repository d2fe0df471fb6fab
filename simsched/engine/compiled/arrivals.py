"""How requests come: by themselves, or from users who wait for their answers."""

from __future__ import annotations

from simsched.engine.compiled import clients
from simsched.engine.compiled.actions import ASK
from simsched.engine.compiled.calendar import ARRIVAL, after, next_rank
from simsched.engine.compiled.columns import arrival_at, first_stay_at, think_at
from simsched.engine.compiled.layout import NEVER
from simsched.engine.compiled.pools import block_at, population_at, stay_at, user_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule
from simsched.engine.standstill import MOST_AT_ONCE


@rule
def expect(world: World) -> None:
    """Note when the next request of an open workload arrives."""
    run = world.run
    if run.arrived < run.expected:
        run.next_arrival = arrival_at(world, run.arrived)
        run.next_rank = next_rank(run, ARRIVAL, 0)
    else:
        run.next_arrival = NEVER


@rule
def arrive(world: World) -> None:
    """Let the next request of an open workload arrive."""
    index = world.run.arrived
    world.run.arrived += 1
    clients.send(world, world.run.numbered + world.run.arrived, index, -1)
    expect(world)


@rule
def needs_block(general: General, at: int) -> bool:
    """Return whether what the user is to ask next has not been drawn yet."""
    user = user_at(general, at)
    if user.asked == population_at(general, user.population).iterations:
        return False
    if user.block == general.blocks_size:
        return True
    block = block_at(general, user.block)
    return user.asked == block.before + block.per_user and user.block + 1 == general.blocks_size


@apart
def think(general: General, world: World, at: int) -> None:
    """Let the user think, before asking the next request."""
    run = world.run
    user = user_at(general, at)
    if user.asked == population_at(general, user.population).iterations:
        return
    user.rounds = user.rounds + 1 if run.now == user.began else 0
    user.began = run.now
    if user.rounds > MOST_AT_ONCE:
        run.stuck = at
        return
    if user.asked == block_at(general, user.block).before + block_at(general, user.block).per_user:
        user.block += 1
    block = block_at(general, user.block)
    user.index = block.base + at * block.per_user + user.asked - block.before
    user.asked += 1
    moment = _next_request(general, world, at)
    if moment != NEVER:
        after(world, moment - run.now, ARRIVAL, ASK, at)


@rule
def _next_request(general: General, world: World, at: int) -> int:
    """Return when the user sends the next request; NEVER if that is after the last stay."""
    now, user = world.run.now, user_at(general, at)
    think = think_at(general, user.index)
    paced = population_at(general, user.population).paced
    moment = max(now, user.sent + think) if paced else now + think
    if general.stays_size == 0:
        return moment
    for position in range(first_stay_at(general, at), first_stay_at(general, at + 1)):
        stay = stay_at(general, position)
        if now < stay.joins:  # a user who joins begins anew
            moment = stay.joins if paced else stay.joins + think
        if moment < stay.leaves:
            return moment
    return NEVER


@apart
def ask(general: General, world: World, at: int) -> None:
    """Let the user send the request, unless there are to be no more."""
    run = world.run
    user = user_at(general, at)
    population = population_at(general, user.population)
    if population.numbered < population.most_requests:
        population.numbered += 1
        run.numbered += 1
        user.sent = run.now
        clients.send(world, run.numbered + run.arrived, user.index, at)
