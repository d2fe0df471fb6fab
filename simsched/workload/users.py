"""Drawing what the users of a closed workload do."""

from __future__ import annotations

from functools import partial

import numpy as np

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.workload import ClosedUsers
from simsched.workload.arrays import Int64s
from simsched.workload.closed import Block, ClosedWorkload, extent
from simsched.workload.distributions import law
from simsched.workload.mix import draw_classes
from simsched.workload.planning import mean_rows
from simsched.workload.programs import draw_programs
from simsched.workload.size import check_size
from simsched.workload.streams import Streams


def draw_users(scenario: Scenario, replication: int) -> ClosedWorkload:
    """Return the users of a closed workload, whose requests are drawn when they are needed."""
    return ClosedWorkload(
        users=_closed(scenario).users,
        block=partial(draw_block, scenario, replication),
        most_requests=scenario.workload.requests,
        end_ns=scenario.workload.duration,
    )


def draw_block(scenario: Scenario, replication: int, number: int) -> Block:
    """Return one block of the requests of all users; ``number`` counts from 0.

    Each block has streams of its own, in which users come one after the other.

    Raises:
        InputError: there are too many.
        RunError: a draw is longer than simulated time can hold.
    """
    users = _closed(scenario).users
    before, per_user = extent(number)
    check_size(users * per_user, mean_rows(scenario))
    streams = Streams(scenario.run.seed, replication).child("block", number)
    class_id = draw_classes(scenario, users * per_user, streams.child("mix"))
    programs = draw_programs(scenario, class_id, {}, streams)
    think = law(_closed(scenario).think).durations(streams.child("think"))
    think_ns = think(users * per_user)
    if number == 0:
        think_ns[::per_user] += _beginnings(_closed(scenario))
    return Block(**programs.columns(), before=before, per_user=per_user, think_ns=think_ns)


def _closed(scenario: Scenario) -> ClosedUsers:
    if scenario.workload.closed is None:
        raise NotImplementedError("the users of a workload that is not closed")
    return scenario.workload.closed


def _beginnings(closed: ClosedUsers) -> Int64s:
    """Return (users,) when each begins to think for the first time: evenly over the ramp-up.

    The time between two is split, since users times a long ramp-up would not fit int64.
    """
    whole, part = divmod(closed.ramp_up, closed.users)
    numbers = np.arange(closed.users)
    return numbers * whole + numbers * part // closed.users
