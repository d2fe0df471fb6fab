"""Who is stuck at the end of a run: found by letting all finish who can.

A task that is not waiting can finish, and gives back what it has. What waits for that can finish
next, and so on; those who remain wait for each other. This is the graph reduction of R. C. Holt,
Some Deadlock Properties of Computer Systems, ACM Computing Surveys 4(3), 1972.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass

from simsched.engine.deadlock import Deadlock, Wait
from simsched.engine.trace import Activity
from simsched.workload.steps import Resource

MOST_NAMED = 20
"""Of how many stuck requests a deadlock says what they wait for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A task that is in the server at the end: what it has, and what it may wait for.

    Attributes:
        request: its request's number.
        place: which of the places it is in, by position.
        job: the identity of its attempt.
        worker: who serves it; -1 while no worker does.
        activity: what it is doing; None while it waits for its branches.
        parent: the position among those standing of the one whose branch it is, or that waits for
            nothing but the service to have done it,
        called: which is then so.
        slots: the pools that it has slots of, by position.
        waits_for: the pool whose slot it waits for, however long that takes.
        queue: the identity of the queue that it waits in.
        behind: the position of the one that its worker serves now, of whose batch it is.
    """

    request: int
    place: int
    job: int
    worker: int
    activity: Activity | None
    parent: int | None
    called: bool
    slots: tuple[int, ...]
    waits_for: int | None
    queue: int | None
    behind: int | None


@dataclass(frozen=True, slots=True)
class Server:
    """A worker, a thread or a loop at the end, and the task that it has, by position.

    It is in a place, by position, and in a worker of that.
    """

    place: int
    worker: int
    task: int | None
    queues: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """A server or a service.

    Attributes:
        occupied: what a request occupies while it is served: a worker, a thread, a loop.
        limit: how many requests may be served at a time; None for any number.
        limits_each: whether each worker may serve so many, rather than all of them together.
        service: the name of a service; None for the server.
    """

    occupied: str
    limit: int | None
    limits_each: bool
    service: str | None = None

    def __str__(self) -> str:
        return self.occupied if self.service is None else f"{self.occupied} of {self.service}"


@dataclass(frozen=True, slots=True)
class Situation:
    """All tasks and workers at the end of a run.

    Attributes:
        tasks: those in the server and the services, place by place and in order of arrival.
        servers: who serves them.
        connections: the positions of those who each use a connection that its client keeps, and
            the identity of the queue of those who wait for one.
        pools: what they share: the resource of each.
        places: the server, and the services that requests call.
    """

    tasks: Sequence[Standing]
    servers: Sequence[Server]
    connections: Mapping[int, int]
    pools: Sequence[Resource]
    places: Sequence[Place]


def find_deadlock(situation: Situation) -> Deadlock | None:
    """Return the deadlock that there is, if there is one.

    Whatever else a task waits for, in the end it is for one that waits for a slot, or for another
    service.
    """
    tasks = situation.tasks
    if all(task.waits_for is None and task.place == 0 for task in tasks):
        return None
    stuck = dict.fromkeys(range(len(tasks)))
    while freed := _who_can_finish(situation, stuck):
        for one in freed:
            del stuck[one]
    if not stuck:
        return None
    parents = {tasks[one].parent for one in stuck}
    waits = [_wait(situation, one) for one in stuck if one not in parents]
    requests = {tasks[one].request for one in stuck}
    return Deadlock(len(requests), tuple(waits[:MOST_NAMED]))


def _who_can_finish(situation: Situation, stuck: Collection[int]) -> list[int]:
    kept = _Kept(situation, stuck)
    return [one for one in stuck if not kept.waits(one)]


class _Kept:
    """What is kept from others as long as those do not go on who may be stuck."""

    def __init__(self, situation: Situation, stuck: Collection[int]) -> None:
        tasks, servers = situation.tasks, situation.servers
        self._tasks = tasks
        self._stuck = stuck
        self._pools = situation.pools
        self._slots = Counter(slot for one in stuck for slot in tasks[one].slots)
        # Who has sent a call twice goes on with the first answer.
        answered = {each.parent for i, each in enumerate(tasks) if each.called and i not in stuck}
        self._parents = {tasks[one].parent for one in stuck} - answered
        # A worker that has nothing to do, or a task that goes on, will serve these.
        self._served = {
            queue for each in servers if each.task not in stuck for queue in each.queues
        }
        self._places = situation.places
        self._full = self._who_is_full({tasks[one].job for one in stuck})
        self._accepted = {
            queue
            for each in servers
            if not self._full.get(self._limited(each), each.task in stuck)
            for queue in each.queues
        }
        self._accepted |= {line for one, line in situation.connections.items() if one not in stuck}

    def _limited(self, one: Standing | Server) -> tuple[int, int | None]:
        """Return what limits how many requests are served: a place, and a worker of it."""
        return one.place, one.worker if self._places[one.place].limits_each else None

    def _who_is_full(self, stuck: Set[int]) -> dict[tuple[int, int | None], bool]:
        """Return where no more requests may be served, and whether that will remain so."""
        served: dict[tuple[int, int | None], set[int]] = {}
        for task in self._tasks:
            if task.worker >= 0:
                served.setdefault(self._limited(task), set()).add(task.job)
        limits = ((one, jobs, self._places[one[0]].limit) for one, jobs in served.items())
        return {
            one: jobs <= stuck
            for one, jobs, limit in limits
            if limit is not None and len(jobs) >= limit
        }

    def waits(self, one: int) -> bool:
        """Return whether a task waits for what is kept from it."""
        task = self._tasks[one]
        if task.behind is not None:
            return task.behind in self._stuck
        if task.waits_for is not None:
            return self._slots[task.waits_for] >= self._pools[task.waits_for].capacity
        if one in self._parents:
            return True
        if task.activity is Activity.QUEUE and task.queue is not None:
            return task.queue not in self._accepted
        if task.activity is Activity.CPU_WAIT and task.queue is not None:
            return task.queue not in self._served
        return False


def _wait(situation: Situation, one: int) -> Wait:
    task = situation.tasks[one]
    waits_for = f"a {situation.places[task.place]}"
    if task.waits_for is not None:
        waits_for = situation.pools[task.waits_for].name
    elif task.queue in situation.connections.values():
        waits_for = "a connection"
    return Wait(task.request, tuple(_holds(situation, one)), waits_for)


def _holds(situation: Situation, one: int) -> list[str]:
    """Return what a task has, and those have that wait for its end."""
    task = situation.tasks[one]
    holds = [situation.pools[slot].name for slot in task.slots]
    if any(server.task == one for server in situation.servers):
        holds.insert(0, f"a {situation.places[task.place]}")
    if one in situation.connections:
        holds.insert(0, "a connection")
    return holds if task.parent is None else [*_holds(situation, task.parent), *holds]
