"""Everybody at the end of a run, as the search for a deadlock needs to know them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from simsched.engine.reference.model import Model
from simsched.engine.reference.task import Task
from simsched.engine.stuck import Server, Situation, Standing
from simsched.workload.steps import Resource, pools_of


def situation_of(
    model: Model[Any], tasks: Iterable[Task], resources: tuple[Resource, ...]
) -> Situation:
    """Return the situation of *tasks* in *model*."""
    standing = [task for task in tasks if not task.stopped]
    position = {id(task): i for i, task in enumerate(standing)}
    pools = [pool for resource in model.resources for pool in resource.pools]
    place = {id(pool): i for i, pool in enumerate(pools)}
    return Situation(
        tasks=[
            Standing(
                request=task.job.number,
                job=id(task.job),
                worker=task.job.worker,
                activity=task.activity,
                parent=None if task.parent is None else position[id(task.parent)],
                slots=tuple(place[id(visit.pool)] for visit in task.slots),
                waits_for=place[id(task.waits_for)] if _waits_for_good(task) else None,
                queue=None if task.queue is None else id(task.queue),
            )
            for task in standing
        ],
        servers=[
            *(
                Server(
                    taker.worker,
                    position.get(id(taker.task)),
                    frozenset(map(id, taker.queues)),
                )
                for taker in chain.from_iterable(model.workers.takers)
            ),
            Server(-1, None, frozenset({id(model.lobby)})),
        ],
        pools=pools_of(resources, model.server.workers),
        occupied=model.server.occupied,
        full=not model.has_room(),
    )


def _waits_for_good(task: Task) -> bool:
    """Return whether *task* waits in line until it is given a slot."""
    return task.waits_for is not None and not task.waits_for.line[task][0].gives_up
