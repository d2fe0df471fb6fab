"""All tasks and workers at the end of a run, as the search for a deadlock needs to know them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from simsched.engine.reference.model import Model
from simsched.engine.reference.tasks import Task
from simsched.engine.stuck import Place, Server, Situation, Standing
from simsched.workload.columns import Requests


def situation_of(
    models: Sequence[Model[Any]], tasks: Iterable[Task], pattern: Requests
) -> Situation:
    """Return the situation of *tasks* in a server and its services, which *pattern* names."""
    standing = [task for task in tasks if not task.stopped]
    position = {id(task): i for i, task in enumerate(standing)}
    pools = [
        pool
        for one in models
        for each in (*(resource.pools for resource in one.resources), one.executors)
        for pool in each
    ]
    place = {id(pool): i for i, pool in enumerate(pools)}
    return Situation(
        tasks=[
            Standing(
                request=task.job.number,
                place=0 if task.job.call is None else 1 + task.job.call.service,
                job=id(task.job),
                worker=task.job.worker,
                activity=task.activity,
                parent=position.get(id(_waiting_for(task))),
                called=task.parent is None,
                slots=tuple(place[id(visit.pool)] for visit in task.slots),
                waits_for=place[id(task.waits_for)] if _waits_for_good(task) else None,
                queue=None if task.queue is None else id(task.queue),
                behind=position.get(id(_served_before(task, models))),
            )
            for task in standing
        ],
        servers=[each for i, one in enumerate(models) for each in _servers(i, one, position)],
        connections={
            i: id(task.job.connection.line)
            for i, task in enumerate(standing)
            if task.parent is None and task.job.connection is not None
        },
        pools=[pool.resource for pool in pools],
        places=[
            Place(one.server.occupied, one.server.most_at_once, one.server.limits_each, name)
            for one, name in zip(models, (None, *pattern.services), strict=True)
        ],
    )


def _servers(place: int, model: Model[Any], position: Mapping[int, int]) -> Iterator[Server]:
    """Yield who serves, and the lobby, which a worker that restarts will serve."""
    for taker in chain.from_iterable(model.workers.takers):
        queues = frozenset(map(id, taker.queues))
        yield Server(place, taker.worker, position.get(id(taker.task)), queues)
    yield Server(place, -1, None, frozenset({id(model.lobby)}))


def _served_before(task: Task, models: Sequence[Model[Any]]) -> Task | None:
    """Return which task of its batch the worker of *task* serves now, if that is another one."""
    model = models[0 if task.job.call is None else 1 + task.job.call.service]
    if model.server.batching is None or not task.job.started:
        return None
    (taker,) = model.workers.takers[task.job.worker]
    return None if taker.task is task else taker.task


def _waiting_for(task: Task) -> Task | None:
    """Return the task that waits for the branch, or for the answer to the call, that *task* is."""
    if task.parent is not None or task.job.call is None or task.job.ended:
        return task.parent
    exchange = task.job.call.exchange
    still_waits = task.job.call in exchange.calls and exchange.waits_for_good
    return exchange.task if still_waits else None


def _waits_for_good(task: Task) -> bool:
    """Return whether *task* waits in line until it is given a slot."""
    waiting = None if task.waits_for is None else task.waits_for.line.get(task)
    return waiting is not None and not waiting[0].gives_up
