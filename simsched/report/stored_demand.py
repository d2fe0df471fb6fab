"""The service demand of stored requests, which is drawn again from their scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simsched.engine.trace import Trace
from simsched.experiment.cost import requests
from simsched.scenario import Scenario
from simsched.workload import draw
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Int64s

_FAR, _TIMES = 100_000, 10


def demanded(scenario: Scenario, replication: int, trace: Trace) -> Trace:
    """Return *trace* with the demand of each request, or as it is where other ones are drawn."""
    if _is_far_from(scenario, trace):
        return trace
    workload = draw(scenario, replication)
    if isinstance(workload, ClosedWorkload):
        return _of_users(workload, trace)
    if not np.array_equal(workload.arrival_ns, trace.requests.arrival_ns):
        return trace
    return replace(trace, demand_ns=workload.demand_ns()[trace.request - 1])


def _is_far_from(scenario: Scenario, trace: Trace) -> bool:
    """Return whether *scenario* has so many more requests or users that drawing them is in vain."""
    closed = scenario.workload.closed
    users = 0 if closed is None else closed.users
    return max(requests(scenario), users) > _FAR + _TIMES * len(trace)


def _of_users(workload: ClosedWorkload, trace: Trace) -> Trace:
    """Return *trace* with the demand of what each user asked for, one request after the other."""
    last = trace.requests
    if len(last) and not 0 <= last.user.min() <= last.user.max() < workload.users:
        return trace
    demand = np.zeros(len(last), dtype=np.int64)
    position = _position_of_user(last.user, workload.users)
    number, drawn = 0, 0
    while drawn <= position.max(initial=-1):
        block = workload.block(number)
        here = (position >= block.before) & (position < block.before + block.per_user)
        index = last.user[here] * block.per_user + position[here] - block.before
        if not np.array_equal(block.class_id[index], last.class_id[here]):
            return trace
        demand[here] = block.demand_ns()[index]
        number, drawn = number + 1, block.before + block.per_user
    return replace(trace, demand_ns=demand[trace.request - 1])


def _position_of_user(user: np.ndarray[tuple[int], np.dtype[np.int32]], users: int) -> Int64s:
    """Return (n,) how many requests of the same user came before each."""
    position = np.zeros(len(user), dtype=np.int64)
    for each in range(users):
        own = user == each
        position[own] = np.arange(np.count_nonzero(own))
    return position
