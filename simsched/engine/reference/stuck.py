"""Who is stuck at the end of a run: found by letting everybody finish who can.

A task that is not waiting can finish, and gives back what it has. Whoever waits for that can finish
next, and so on; those who remain wait for each other. This is the graph reduction of R. C. Holt,
Some Deadlock Properties of Computer Systems, ACM Computing Surveys 4(3), 1972.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simsched.engine.deadlock import Deadlock, Wait
from simsched.engine.reference.model import Model
from simsched.engine.reference.task import Task
from simsched.engine.trace import Activity

MOST_TOLD = 20
"""Of how many stuck requests a deadlock tells what they wait for."""


def find_deadlock(model: Model[Any], tasks: Iterable[Task]) -> Deadlock | None:
    """Return the deadlock that *tasks*, which are in the server, have come to, if there is one."""
    stuck = dict.fromkeys(task for task in tasks if not task.stopped)
    while freed := [task for task in stuck if not _blocked(model, task, stuck)]:
        for task in freed:
            del stuck[task]
    if not stuck:
        return None
    waits = [_wait(model, task) for task in stuck if not task.branches]
    requests = {task.job.number for task in stuck}
    return Deadlock(len(requests), tuple(waits[:MOST_TOLD]))


def _blocked(model: Model[Any], task: Task, stuck: dict[Task, None]) -> bool:
    if task.waits_for is not None:
        held = (visit for each in stuck for visit in each.slots)
        return sum(visit.resource is task.waits_for for visit in held) >= task.waits_for.capacity
    if task.branches:
        return any(each.parent is task for each in stuck)
    if task.activity is Activity.QUEUE:
        return model.keeps_from_starting(task, stuck)
    if task.activity is Activity.CPU_WAIT:
        return model.keeps_from_computing(task, stuck)
    return False


def _wait(model: Model[Any], task: Task) -> Wait:
    holds = [visit.resource.name for visit in task.slots]
    if any(taker.task is task for taker in model.takers):
        holds.insert(0, f"a {model.occupied}")
    waits_for = f"a {model.occupied}" if task.waits_for is None else task.waits_for.name
    return Wait(task.job.number, tuple(holds), waits_for)
