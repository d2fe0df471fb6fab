"""Everybody at the end of a run, as the search for a deadlock needs to know them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simsched.engine.compiled import actions
from simsched.engine.compiled.arena import Arena
from simsched.engine.compiled.layout import NOBODY, Record
from simsched.engine.stuck import Place, Server, Situation, Standing
from simsched.engine.trace import Activity
from simsched.workload.steps import Resource


def may_be_stuck(arena: Arena) -> bool:
    """Return whether a task is in the line for a resource, and one that has a slot waits, too.

    Where all who have slots compute or do I/O, those will be given back, and nobody is stuck.
    """
    tasks = arena.run.arrays["tasks"]
    in_line = tasks["alive"] & (tasks["waits_for"] != NOBODY)
    has_slots = tasks["alive"] & (tasks["visit"] != NOBODY)
    goes_on = (tasks["activity"] == Activity.CPU) | (tasks["activity"] == Activity.IO)
    return bool(in_line.any() and (has_slots & ~goes_on).any())


def situation_of(arena: Arena, occupied: str, pools: tuple[Resource, ...]) -> Situation:
    """Return the situation of the tasks, each of which has *occupied* a worker, say."""
    slots = list(_in_order(arena))
    position = {slot: i for i, slot in enumerate(slots)}
    return Situation(
        tasks=[_standing(arena, slot, position, pools) for slot in slots],
        servers=[
            *(_server(taker, position) for taker in arena.run.arrays["takers"]),
            Server(0, NOBODY, None, frozenset({arena.server["lobby"]})),
        ],
        pools=pools,
        places=[
            Place(
                occupied,
                _some(arena.server["max_in_flight"]),
                bool(arena.server["limits_each"]),
            )
        ],
    )


def _in_order(arena: Arena) -> Iterator[int]:
    """Yield the slots of all tasks, job by job in order of arrival, and the eldest first."""
    tasks, jobs = arena.run.arrays["tasks"], arena.run.arrays["jobs"]
    of_jobs = np.flatnonzero(tasks["alive"] & (tasks["job"] == np.arange(len(tasks))))
    for first in of_jobs[np.argsort(jobs["row"][of_jobs])].tolist():
        slot = first
        while slot != NOBODY:
            yield slot
            slot = int(tasks["younger"][slot])


def _standing(
    arena: Arena, slot: int, position: dict[int, int], pools: tuple[Resource, ...]
) -> Standing:
    task = arena.run.arrays["tasks"][slot]
    job = arena.run.arrays["jobs"][task["job"]]
    activity, parent = int(task["activity"]), int(task["parent"])
    return Standing(
        request=int(job["number"]),
        place=0,
        job=int(task["job"]),
        worker=int(job["worker"]),
        activity=None if activity == NOBODY else Activity(activity),
        parent=None if parent == NOBODY else position[parent],
        slots=tuple(_slots(arena, task)),
        waits_for=_waits_for_good(arena, task, pools),
        queue=_some(task["queue"]),
    )


def _slots(arena: Arena, task: Record) -> Iterator[int]:
    if arena.general is not None:
        visits, number = arena.general.arrays["visits"], int(task["visit"])
        while number != NOBODY:
            yield int(visits[number]["pool"])
            number = int(visits[number]["next"])


def _waits_for_good(arena: Arena, task: Record, pools: tuple[Resource, ...]) -> int | None:
    """Return the pool in whose line *task* waits until it is given a slot."""
    pool = _some(task["waits_for"])
    if pool is None or pools[pool].patience_ns is not None:
        return None
    requests = arena.requests.arrays
    is_io = task["on_grant"] == actions.GRANTED
    step = requests["steps"][requests["step_id"][task["position"]]] if is_io else None
    return pool if step is None or step["timeout"] == NOBODY else None


def _server(taker: Record, position: dict[int, int]) -> Server:
    queues = {int(taker["queue"]), int(taker["ready"])} - {NOBODY}
    return Server(0, int(taker["worker"]), position.get(int(taker["task"])), frozenset(queues))


def _some(value: int) -> int | None:
    return None if value == NOBODY else int(value)
