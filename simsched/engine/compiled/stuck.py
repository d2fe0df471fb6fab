"""All tasks and workers at the end of a run, as the search for a deadlock needs to know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from simsched.engine.compiled import actions, general
from simsched.engine.compiled.arena import Arena
from simsched.engine.compiled.codes import SLOT_BITS, SLOTS
from simsched.engine.compiled.layout import NONE, Record, Records
from simsched.engine.stuck import Place, Server, Situation, Standing
from simsched.engine.trace import Activity, Status
from simsched.scenario.model import servers
from simsched.workload.columns import Requests
from simsched.workload.steps import Resource


def may_be_stuck(arenas: Sequence[Arena]) -> bool:
    """Return whether a task is in the line for a resource, and one that has a slot waits, too.

    Where all who have slots compute or do I/O, those will be given back, and none is stuck. Where
    services are called, all that are there may be.
    """
    if any(arena.run["alive"] for arena in arenas[1:]):
        return True
    every = arenas[0].run.arrays["tasks"]
    in_line = every["alive"] & (every["waits_for"] != NONE)
    has_slots = every["alive"] & (every["visit"] != NONE)
    goes_on = (every["activity"] == Activity.CPU) | (every["activity"] == Activity.IO)
    return bool(in_line.any() and (has_slots & ~goes_on).any())


def situation_of(
    arenas: Sequence[Arena], models: Sequence[servers.Server], pattern: Requests
) -> Situation:
    """Return the situation of the tasks in a server and the services, which *pattern* names."""
    keys = [(place, slot) for place, arena in enumerate(arenas) for slot in _in_order(arena)]
    position = {key: i for i, key in enumerate(keys)}
    pools = [general.pools_of_all(pattern, one) for one in models]
    views = [
        _View(place, arenas, own, len([*chain(*pools[:place])]), position)
        for place, own in enumerate(pools)
    ]
    return Situation(
        tasks=[views[place].standing(slot) for place, slot in keys],
        servers=[server for view in views for server in view.servers()],
        connections=dict(views[0].connections()),
        pools=[*chain(*pools)],
        places=[
            Place(one.occupied, one.most_at_once, one.limits_each, name)
            for one, name in zip(models, (None, *pattern.services), strict=True)
        ],
    )


def _in_order(arena: Arena) -> Iterator[int]:
    """Yield the slots of all tasks, job by job in order of arrival, and the eldest first."""
    every, jobs = arena.run.arrays["tasks"], arena.run.arrays["jobs"]
    of_jobs = np.flatnonzero(every["alive"] & (every["job"] == np.arange(len(every))))
    for first in of_jobs[np.argsort(jobs["row"][of_jobs])].tolist():
        slot = first
        while slot != NONE:
            yield slot
            slot = int(every["younger"][slot])


@dataclass(frozen=True, eq=False)
class _View:
    """A server at the end, with its pools, of which there are so many in the places before it.

    ``position`` is that of each task, by its place and its slot there.
    """

    place: int
    arenas: Sequence[Arena]
    pools: Sequence[Resource]
    pools_before: int
    position: Mapping[tuple[int, int], int]

    @property
    def arena(self) -> Arena:
        """What happened there."""
        return self.arenas[self.place]

    def standing(self, slot: int) -> Standing:
        """Return the task in *slot*."""
        task = self.arena.run.arrays["tasks"][slot]
        job = self.arena.run.arrays["jobs"][task["job"]]
        activity = int(task["activity"])
        waits_for = _waits_for_good(self.arena, task, self.pools)
        return Standing(
            request=int(job["number"]),
            place=self.place,
            job=self._key(int(task["job"])),
            worker=int(job["worker"]),
            activity=None if activity == NONE else Activity(activity),
            parent=self._parent(task, job),
            called=task["parent"] == NONE,
            slots=tuple(self.pools_before + slot for slot in _slots(self.arena, task)),
            waits_for=None if waits_for is None else self.pools_before + waits_for,
            queue=None if task["queue"] == NONE else self._key(int(task["queue"])),
            behind=self._served_before(slot, int(job["worker"])),
        )

    def servers(self) -> Iterator[Server]:
        """Yield who serves, and the lobby, which a worker that restarts will serve."""
        kept = self.arena.server["kept"]
        for taker in self.arena.run.arrays["takers"]:
            queues = {int(taker["queue"]), int(taker["ready"])} - {NONE}
            if kept != NONE:
                queues.add(kept + int(taker["worker"]))
            has = self.position.get((self.place, int(taker["task"])))
            yield Server(self.place, int(taker["worker"]), has, frozenset(map(self._key, queues)))
        lobby = self.arena.server["lobby"]
        yield Server(self.place, NONE, None, frozenset({self._key(lobby)}))

    def connections(self) -> Iterator[tuple[int, int]]:
        """Yield who uses a connection of the server, and the line of those who wait for one."""
        tasks, jobs = self.arena.run.arrays["tasks"], self.arena.run.arrays["jobs"]
        streams = self.arena.requests.arrays["stream_id"]
        for (place, slot), position in self.position.items():
            job = jobs[tasks["job"][slot]]
            if place == 0 and tasks["parent"][slot] == NONE and job["connection"] != NONE:
                stream = int(streams[job["index"]]) if len(streams) else 0
                yield position, self._key(self.arena.server["lobby"] + 1 + stream)

    def _parent(self, task: Record, job: Record) -> int | None:
        """Return who waits for the branch, or for the answer to the call, that *task* is."""
        if task["parent"] != NONE:
            return self.position[self.place, int(task["parent"])]
        messages = self._messages()
        if messages is None or job["status"] != Status.UNFINISHED or job["message"] == NONE:
            return None
        message = messages[job["message"]]
        ticket = int(message["ticket"])
        caller, slot = int(message["caller"]), ticket & SLOTS
        arena = self.arenas[caller]
        if arena.run.arrays["tasks"]["epoch"][slot] != ticket >> SLOT_BITS:
            return None
        waits = _waits_for_services(arena, slot, messages, self.arenas)
        return self.position.get((caller, slot)) if waits else None

    def _served_before(self, slot: int, worker: int) -> int | None:
        """Return which task of its batch a worker serves now, if that is not the one in *slot*."""
        if self.arena.server["batch_size"] == 0 or worker == NONE:
            return None
        served = int(self.arena.run.arrays["takers"]["task"][worker])
        return None if served == slot else self.position.get((self.place, served))

    def _messages(self) -> Records | None:
        return None if self.arena.network is None else self.arena.network.arrays["messages"]

    def _key(self, number: int) -> int:
        """Return a number that only this server has."""
        return self.place << 32 | number


def _waits_for_services(
    caller: Arena, slot: int, messages: Records, arenas: Sequence[Arena]
) -> bool:
    """Return whether nothing but services can end the wait of a task for its call."""
    task, requests = caller.run.arrays["tasks"][slot], caller.requests.arrays
    step = requests["steps"][requests["step_id"][task["row"]]]
    copies, at = 0, int(task["calls"])
    while at != NONE:
        message = messages[at]
        jobs = arenas[message["service"]].run.arrays["jobs"]
        job = None if message["job"] == NONE else jobs[message["job"]]
        if job is None or job["row"] != message["job_row"] or job["status"] != Status.UNFINISHED:
            return False
        copies, at = copies + 1, int(message["next"])
    return bool(step["timeout"] == NONE and copies == 1 + (step["hedge"] != NONE))


def _slots(arena: Arena, task: Record) -> Iterator[int]:
    if arena.general is not None:
        visits, number = arena.general.arrays["visits"], int(task["visit"])
        while number != NONE:
            yield int(visits[number]["pool"])
            number = int(visits[number]["next"])


def _waits_for_good(arena: Arena, task: Record, pools: Sequence[Resource]) -> int | None:
    """Return the pool in whose line *task* waits until it is given a slot."""
    pool = _some(task["waits_for"])
    if pool is None or pools[pool].patience_ns is not None or task["early"]:
        return None
    requests = arena.requests.arrays
    is_io = task["on_grant"] == actions.GRANTED
    step = requests["steps"][requests["step_id"][task["position"]]] if is_io else None
    return pool if step is None or step["timeout"] == NONE else None


def _some(value: int) -> int | None:
    return None if value == NONE else int(value)
