"""Drawing a workload: the one place where chance enters a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from simsched.errors import RunError
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.scenario.model.users import ClosedUsers
from simsched.scenario.model.workload import Arrival, Trace
from simsched.workload.arrays import Floats, Int32s, Int64s
from simsched.workload.arrivals import LATEST, draw_arrivals
from simsched.workload.classes import class_shares
from simsched.workload.closed import Block, ClosedWorkload, Population, extent, stays
from simsched.workload.columns import Requests, Retries, Workload, check_size
from simsched.workload.distributions import law
from simsched.workload.layout import lay_out
from simsched.workload.merging import merged
from simsched.workload.planning import failures, handoffs, mean_rows, plan, resources_of
from simsched.workload.recording import recording_of
from simsched.workload.streams import Streams, picker
from simsched.workload.waits import draw_waits, gives_up
from simsched.workload.work import check_drawn, check_work


def draw(scenario: Scenario, replication: int) -> Workload | ClosedWorkload:
    """Return the workload that every server of *scenario* meets in one replication.

    Args:
        scenario: the scenario, with its seed.
        replication: which replication, counting from 1.

    Raises:
        InputError: the workload is too large, or too much work, or cannot be had as written.
        RunError: a draw, or all of them together, are longer than simulated time can hold.
    """
    # Before anything is drawn: a typing error may ask for more than any machine has.
    check_work(scenario)
    place = Streams(scenario.run.seed, replication)
    if scenario.workload.streams is None:
        return _draw_one(scenario, place)
    drawn = {
        name: _draw_one(one, place.child("streams", name), always_waits=gives_up(scenario))
        for name, one in by_stream(scenario).items()
    }
    return merged(drawn)


def _draw_one(
    scenario: Scenario, streams: Streams, *, always_waits: bool = False
) -> Workload | ClosedWorkload:
    """Return the workload of one stream, drawn from the *streams* of its place.

    With *always_waits* it is known of each request how long it is waited for, whatever its client.
    """
    if scenario.workload.closed is not None:
        return draw_users(scenario, streams, always_waits=always_waits)
    arrivals = draw_requests(scenario, streams)
    programs = draw_programs(
        scenario, arrivals.class_id, arrivals.recorded, streams, always_waits=always_waits
    )
    if scenario.workload.trace is not None:
        check_drawn(scenario, programs)
    return Workload(
        **programs.columns(), arrival_ns=arrivals.arrival_ns, end_ns=scenario.workload.duration
    )


def draw_users(
    scenario: Scenario, streams: Streams, *, always_waits: bool = False
) -> ClosedWorkload:
    """Return the users of a closed workload, whose requests are drawn when they are needed."""
    closed = _closed(scenario)
    stages = [(0, closed.users), *((stage.at, stage.users) for stage in closed.stages or ())]
    users = Population(
        closed.most_users,
        paced=closed.pacing is not None,
        iterations=closed.iterations,
        stays=stays(stages) if closed.stages else None,
        most_requests=scenario.workload.requests,
    )
    return ClosedWorkload(
        (users,),
        partial(draw_block, scenario, streams, always_waits=always_waits),
        end_ns=scenario.workload.duration,
    )


def draw_block(
    scenario: Scenario, place: Streams, number: int, *, always_waits: bool = False
) -> Block:
    """Return one block of the requests of all users; ``number`` counts from 0.

    Each block has streams of its own at its *place*, in which users come one after the other.

    Raises:
        InputError: there are too many.
        RunError: a draw is longer than simulated time can hold.
    """
    closed = _closed(scenario)
    users = closed.most_users
    before, per_user = extent(number)
    check_size(users * per_user, mean_rows(scenario))
    streams = place.child("block", number)
    class_id = draw_classes(scenario, users * per_user, streams.child("mix"))
    programs = draw_programs(scenario, class_id, {}, streams, always_waits=always_waits)
    between = closed.think if closed.pacing is None else closed.pacing
    think_ns = law(between).durations(streams.child("think"))(users * per_user)
    if number == 0:
        if closed.pacing is not None:
            think_ns[::per_user] = 0
        think_ns[::per_user] += _beginnings(closed)
    return Block(**programs.columns(), before=before, per_user=per_user, think_ns=think_ns)


def _closed(scenario: Scenario) -> ClosedUsers:
    if scenario.workload.closed is None:
        raise NotImplementedError("the users of a workload that is not closed")
    return scenario.workload.closed


def _beginnings(closed: ClosedUsers) -> Int64s:
    """Return (users,) when each begins to think for the first time: evenly over the ramp-up.

    The time between two is split, since users times a long ramp-up would not fit int64.
    """
    whole, part = divmod(closed.ramp_up, closed.most_users)
    numbers = np.arange(closed.most_users)
    return numbers * whole + numbers * part // closed.most_users


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Requests that arrive by themselves, in order of arrival.

    Attributes:
        arrival_ns: (n,) when each arrives.
        class_id: (n,) its class, by position in the scenario's ``requests``.
        recorded: (n,) the durations in each column of a trace that phases refer to.
    """

    arrival_ns: Int64s
    class_id: Int32s
    recorded: Mapping[str, Int64s] = field(default_factory=dict)


def draw_requests(scenario: Scenario, streams: Streams) -> Arrivals:
    """Return the requests of a workload that is not closed.

    Raises:
        InputError: there are too many, or the file of a trace cannot be used.
        RunError: the arrivals go on for longer than simulated time can.
    """
    workload = scenario.workload
    if workload.schedule is not None:
        return scheduled(workload.schedule, list(scenario.requests))
    if workload.trace is not None:
        return _recorded(scenario, workload.trace, streams)
    arrival_ns = draw_arrivals(scenario, mean_rows(scenario), streams.child("arrivals"))
    return Arrivals(arrival_ns, draw_classes(scenario, len(arrival_ns), streams.child("mix")))


def scheduled(schedule: Sequence[Arrival], classes: Sequence[str]) -> Arrivals:
    """Return the requests of an explicit schedule; those of one instant stay in its order."""
    position = {name: i for i, name in enumerate(classes)}
    ordered = sorted(schedule, key=lambda arrival: arrival.at)
    times = np.array([arrival.times for arrival in ordered])
    arrival_ns = np.array([arrival.at for arrival in ordered], dtype=np.int64)
    class_id = np.array([position[each.request] for each in ordered], dtype=np.int32)
    return Arrivals(arrival_ns.repeat(times), class_id.repeat(times))


def _recorded(scenario: Scenario, trace: Trace, streams: Streams) -> Arrivals:
    recording = recording_of(scenario, trace)
    n = _kept(scenario, recording.arrival_ns)
    class_id = recording.class_id
    if class_id is None:
        class_id = draw_classes(scenario, n, streams.child("mix"))
    durations = {name: each[:n] for name, each in recording.durations_ns.items()}
    return Arrivals(recording.arrival_ns[:n], class_id[:n], durations)


def _kept(scenario: Scenario, arrival_ns: Int64s) -> int:
    """How many of the recorded requests arrive before the workload ends."""
    workload, n = scenario.workload, len(arrival_ns)
    if workload.duration is not None:
        n = int(np.searchsorted(arrival_ns, workload.duration))
    return n if workload.requests is None else min(n, workload.requests)


def draw_classes(scenario: Scenario, n: int, streams: Streams) -> Int32s:
    """Return (n,) each request's class, by position in the scenario's ``requests``."""
    shares = list(class_shares(scenario).values())
    if max(shares) == 1.0:
        return np.full(n, shares.index(1.0), dtype=np.int32)
    return picker(shares, streams.generator())(n).astype(np.int32)


def draw_programs(
    scenario: Scenario,
    class_id: Int32s,
    recorded: Mapping[str, Int64s],
    streams: Streams,
    *,
    always_waits: bool = False,
) -> Requests:
    """Return the requests of these classes, with all their draws.

    Args:
        scenario: what the classes do.
        class_id: (n,) each request's class.
        recorded: (n,) the durations in each column of a trace that phases refer to.
        streams: the place of the requests' streams.
        always_waits: whether it is to be known how long each is waited for.

    Raises:
        RunError: a draw, or all of them together, are longer than simulated time can hold.
    """
    steps, plans = plan(scenario, recorded, streams)
    resources = resources_of(scenario)
    first_row, rows = lay_out(
        plans, class_id, handoffs=handoffs(scenario), failures=failures(scenario)
    )
    _check_work(rows.duration_ns)
    return Requests(
        classes=tuple(scenario.requests),
        priorities=tuple(request.priority for request in scenario.requests.values()),
        resources=resources,
        services=tuple(scenario.services),
        steps=steps,
        class_id=class_id,
        first_row=first_row,
        step_id=rows.step_id,
        duration_ns=rows.duration_ns,
        # Drawn whether or not a server needs it, so that all servers meet the same requests.
        dispatch=streams.child("dispatch").generator().random(len(class_id)),
        retries=_draw_retries(scenario, len(class_id), streams.child("retries")),
        waits=draw_waits(scenario, class_id, streams.child("waits"), always=always_waits),
        handoff=rows.handoff,
        fails=rows.fails,
    )


def _draw_retries(scenario: Scenario, n: int, streams: Streams) -> Retries | None:
    """Return the draws behind the attempts after the first.

    Each retry has streams of its own, so that neither more requests nor more retries change what
    the others draw.
    """
    retries = scenario.client.retries
    if retries is None:
        return None

    def uniform(purpose: str) -> Floats:
        draws = np.empty((retries.max, n))
        for number, row in enumerate(draws):
            streams.child(number, purpose).generator().random(out=row)
        return draws

    return Retries(uniform("jitter"), uniform("dispatch"))


def _check_work(duration_ns: Int64s) -> None:
    """Refuse demands that a single worker could not finish within simulated time."""
    if duration_ns.sum(dtype=np.float64) > LATEST:
        raise RunError(
            "the requests take more than 146 years of work together; have fewer or shorter ones"
        )
