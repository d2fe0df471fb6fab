"""A CPU that its users take turns on: the cores of a host, the interpreter lock of a worker.

So many may run at a time, the others wait in line, and a turn ends when others wait for it and it
has lasted long enough. Turns stack: a thread that has the lock computes on what its worker has,
which is turns on the cores, and in such a turn it has a core of its own. The rules are the same at
each level; what the reference leaves to the level below is here a step down in a loop.
"""

from __future__ import annotations

from simsched.engine import conditions
from simsched.engine.compiled import linked, tasks
from simsched.engine.compiled.actions import TURN_ENDED
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.codes import CORES, LOCK, OWN_CORE
from simsched.engine.compiled.columns import priority_at
from simsched.engine.compiled.layout import NEVER, NONE, TURN, Record
from simsched.engine.compiled.pools import job_at, level_at, line_at, task_at, turn_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

_NO_TURN = -1

_lasting = rule(conditions.lasting)


@apart
def start(general: General, world: World, slot: int, level: int, demand: int) -> None:
    """Let the task compute for *demand* ns on *level*, at once or when it may."""
    while level > OWN_CORE:
        demand = _ask_for_turn(general, world, slot, level, demand)
        if demand == _NO_TURN:
            return
        level -= 1
    _start_on_core(world, slot, demand)


@apart
def executed(general: General, world: World, slot: int, level: int) -> int:
    """Return how much of what was started on *level* is done by now."""
    done = 0
    while level > OWN_CORE:
        turn = turn_at(general, level, slot)
        done += turn.executed
        if not turn.on:
            return done
        level -= 1
    return done + world.run.now - task_at(world, slot).began


@apart
def withdraw(general: General, world: World, slot: int, top: int) -> None:
    """Stop executing what was started on the level *top* and is not done."""
    level = top
    while level > OWN_CORE and turn_at(general, level, slot).on:
        level -= 1
    if level == OWN_CORE:
        tasks.new_epoch(world, slot)
    else:
        _leave_waiting(general, world, slot, level)
    while level < top:
        level += 1
        _leave(general, world, slot, level)
        _give_turn_to_next(general, world, _line(general, world, slot, level), level)


@apart
def turn_ended(general: General, world: World, slot: int, level: int) -> bool:
    """End the task's turn on *level*; return whether all is done that was started there."""
    turn = turn_at(general, level, slot)
    line = _line(general, world, slot, level)
    turn.executed = executed(general, world, slot, level)
    _leave(general, world, slot, level)
    if turn.executed == turn.demand:
        _give_turn_to_next(general, world, line, level)
        return True
    if line.waiting.first != NONE:
        _wait(general, world, slot, level, False)
        _resume(general, world, slot, level)
        _give_turn_to_next(general, world, line, level)
    else:  # who waited has been withdrawn
        _give_turn(general, world, slot, level)
    return False


@apart
def _start_on_core(world: World, slot: int, demand: int) -> None:
    task = task_at(world, slot)
    tasks.enter(world, slot, tasks.CPU)
    task.began = world.run.now
    task.due = demand
    _appoint_end(world, slot)


@apart
def _limit(general: General, world: World, slot: int, level: int, most: int) -> None:
    """Let what was started on *level* and is not done go on for at most *most* ns more.

    They pass by the clock: while it waits for a core, too.
    """
    while level > OWN_CORE:
        turn = turn_at(general, level, slot)
        turn.demand = min(turn.demand, executed(general, world, slot, level) + most)
        if not turn.on:
            return
        level -= 1
    task = task_at(world, slot)
    done = world.run.now - task.began
    if task.due > done + most:
        task.due = done + most
        _appoint_end(world, slot)


@apart
def _appoint_end(world: World, slot: int) -> None:
    task = task_at(world, slot)
    tasks.new_epoch(world, slot)
    left = task.due - (world.run.now - task.began)
    after(world, left, COMPLETION, TURN_ENDED, tasks.ticket(world, slot))


@apart
def _line(general: General, world: World, slot: int, level: int) -> Record:
    """Return the line for the cores, or for the lock of the task's worker."""
    worker = job_at(world, task_at(world, slot).job).worker
    return line_at(general, level, worker if level == LOCK else 0)


@apart
def _ask_for_turn(general: General, world: World, slot: int, level: int, demand: int) -> int:
    """Return how long a turn the task is given; else it waits, and its turn comes later."""
    turn = turn_at(general, level, slot)
    turn.demand = demand
    turn.executed = 0
    turn.extra = 0
    turn.on = False
    line = _line(general, world, slot, level)
    if line.count < level_at(general, level).places:
        return _take_turn(general, world, slot, level)
    if level == CORES and world.server.preemptive:
        victim = _victim(general, world, line, slot)
        if victim != NONE:
            _interrupt(general, world, victim)
            return _take_turn(general, world, slot, level)
    _wait_and_limit(general, world, slot, level, False)
    return _NO_TURN


@apart
def _victim(general: General, world: World, line: Record, slot: int) -> int:
    """Return whose core the task takes: of the last class the last to begin, if there is one.

    Who has computed all that it wants at this very moment is not interrupted.
    """
    found, last = NONE, _rank(world, slot) + 1
    running = line.running.first
    while running != NONE:
        turn, rank = turn_at(general, CORES, running), _rank(world, running)
        if rank >= last and executed(general, world, running, CORES) < turn.demand:
            found, last = running, rank
        running = turn.next
    return found


@apart
def _interrupt(general: General, world: World, slot: int) -> None:
    """Let the task give up its core, and be the first of its class in line."""
    turn_at(general, CORES, slot).executed = executed(general, world, slot, CORES)
    tasks.new_epoch(world, slot)
    _leave(general, world, slot, CORES)
    _wait_and_limit(general, world, slot, CORES, True)


@rule
def _rank(world: World, slot: int) -> int:
    return priority_at(world, job_at(world, task_at(world, slot).job).index)


@apart
def _wait_and_limit(general: General, world: World, slot: int, level: int, first: bool) -> None:
    """Wait in line, *first* of its class or last; the first to wait limits the turns of others."""
    line = _line(general, world, slot, level)
    running = line.running.first if line.waiting.first == NONE else NONE
    _wait(general, world, slot, level, first)
    while running != NONE:
        most = _allowance(general, world, running, level)
        turn = turn_at(general, level, running)
        turn.due = min(turn.due, _moment(world, most))
        _limit(general, world, running, level - 1, most)
        running = turn.next


@apart
def _allowance(general: General, world: World, slot: int, level: int) -> int:
    """Return how much longer a turn may last now that another begins to wait for it.

    Cores are given up after a time slice, the lock when another has waited for it for as long as
    the switch interval.
    """
    quantum = level_at(general, level).quantum
    if level == LOCK:
        return quantum
    return max(0, quantum - executed(general, world, slot, level - 1))


@apart
def _resume(general: General, world: World, slot: int, level: int) -> None:
    """Add the overhead of being given the lock again."""
    if level == LOCK:
        switch = _lasting(level_at(general, level).switch, task_at(world, slot).speed)
        turn = turn_at(general, level, slot)
        turn.demand += switch
        turn.extra = switch
        task_at(world, slot).overhead += switch


@apart
def _give_turn(general: General, world: World, slot: int, level: int) -> None:
    start(general, world, slot, level - 1, _take_turn(general, world, slot, level))


@apart
def _give_turn_to_next(general: General, world: World, line: Record, level: int) -> None:
    following = line.waiting.first
    if following != NONE:
        _leave_waiting(general, world, following, level)
        _give_turn(general, world, following, level)


@apart
def _take_turn(general: General, world: World, slot: int, level: int) -> int:
    """Let the task be among those who run; return for how long."""
    _limit_by_clock(general, world, slot, level)
    turn = turn_at(general, level, slot)
    line = _line(general, world, slot, level)
    length = turn.demand - turn.executed
    turn.due = NEVER
    if line.waiting.first != NONE:
        most = turn.extra + level_at(general, level).quantum
        length = min(length, most)
        turn.due = _moment(world, most)
    turn.on = True
    linked.append(line.running, level_at(general, level).turns, TURN, slot)
    line.count += 1
    return length


@apart
def _moment(world: World, delay: int) -> int:
    """Return the moment *delay* ns from now, or never where no time is as late."""
    return world.run.now + min(delay, NEVER - world.run.now)


@apart
def _limit_by_clock(general: General, world: World, slot: int, level: int) -> None:
    """Shorten a turn on the level above by as much as it waited here, if it has got on at all.

    Else those who wait for each other would take turns in which none of them gets on.
    """
    if level < task_at(world, slot).level:
        turn, above = turn_at(general, level, slot), turn_at(general, level + 1, slot)
        left = max(0, above.due - world.run.now)
        if turn.executed + left > above.extra:
            turn.demand = min(turn.demand, turn.executed + left)


@apart
def _leave(general: General, world: World, slot: int, level: int) -> None:
    """Let the task be among those who run no longer."""
    turn_at(general, level, slot).on = False
    line = _line(general, world, slot, level)
    linked.remove(line.running, level_at(general, level).turns, TURN, slot)
    line.count -= 1


@apart
def _wait(general: General, world: World, slot: int, level: int, first: bool) -> None:
    """Let the task be last in line; where cores are preemptive, *first* or last of its class."""
    tasks.enter(world, slot, tasks.CPU_WAIT)
    line = _line(general, world, slot, level)
    previous = line.waiting.last
    if level == CORES and world.server.preemptive:
        rank = _rank(world, slot) - first
        while previous != NONE and _rank(world, previous) > rank:
            previous = turn_at(general, level, previous).previous
    linked.insert(line.waiting, level_at(general, level).turns, TURN, slot, previous)


@apart
def _leave_waiting(general: General, world: World, slot: int, level: int) -> None:
    """Let the task be in line no longer."""
    line = _line(general, world, slot, level)
    linked.remove(line.waiting, level_at(general, level).turns, TURN, slot)
