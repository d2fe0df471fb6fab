"""What holds on every schedule, whatever the scenario: checked on random ones with many ties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings

from scenarios import (
    computing_programs,
    conditions,
    cooperative_servers,
    disciplines,
    free_programs,
    overheads,
    plain_programs,
    programs,
    serial_servers,
    servers,
    straight_programs,
    workloads,
)
from simsched.engine import Activity, Segments, Status, Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import MISSING
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server, ThreadedServer
from simsched.workload.columns import Workload
from simsched.workload.steps import Resource, StepKind

UNLIMITED = {
    "backlog": None,
    "queue_timeout": None,
    "rate_limit": None,
    "codel": None,
    "max_in_flight": None,
    "max_requests": None,
    "cores": None,
    "cancel_abandoned": False,
}


def unlimited(server: Server, **options: object) -> Server:
    return server.model_copy(update=UNLIMITED | options)


def one_by_one(server: Server) -> Server:
    """Return the same server without batches, in which several requests have a worker at once."""
    return server.model_copy(update={"batch": None} if isinstance(server, SerialServer) else {})


def sound(workload: Workload) -> Workload:
    """Return the same workload where nothing fails and nothing is given up."""
    steps = tuple(replace(step, timeout_ns=None, may_fail=False) for step in workload.steps)
    pools = tuple(replace(each, patience_ns=None, tokens=None) for each in workload.resources)
    return replace(workload, steps=steps, resources=pools)


def goes_on(workload: Workload) -> bool:
    """Return whether anything is done for requests that have been answered."""
    return any(step.kind is StepKind.RESPOND for step in workload.steps)


def stretches(segments: Segments, activity: Activity) -> Iterator[tuple[int, int, int, int]]:
    """Yield (worker, start, finish, request) of the segments of one activity."""
    chosen = segments.activity == activity
    columns = (segments.worker, segments.start_ns, segments.finish_ns, segments.request)
    yield from zip(*(column[chosen].tolist() for column in columns), strict=True)


def spent(trace: Trace) -> np.ndarray:
    return trace.queue_ns + trace.cpu_ns + trace.cpu_wait_ns + trace.io_ns + trace.io_wait_ns


def left(trace: Trace) -> np.ndarray:
    """Return when each attempt left: when it ended for its client, or when the run did."""
    return np.where(trace.status == Status.UNFINISHED, trace.end_ns, trace.finish_ns)


def overlaps(intervals: list[tuple[int, int, int]]) -> bool:
    """Return whether two of (place, start, finish) at one place overlap."""
    return any(
        place == next_place and finish > start
        for (place, _, finish), (next_place, start, _) in pairwise(sorted(intervals))
    )


@given(workloads(programs), servers, conditions())
def test_every_request_and_every_attempt_is_accounted_for(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    first = trace.attempt == 1
    assert trace.request[first].tolist() == list(range(1, len(workload) + 1))
    assert trace.arrival_ns[first].tolist() == workload.arrival_ns.tolist()
    assert (np.diff(trace.arrival_ns) >= 0).all()
    assert trace.requests.arrival_ns.tolist() == workload.arrival_ns.tolist()
    assert trace.requests.request.tolist() == list(range(1, len(workload) + 1))


@given(workloads(programs), servers, conditions())
def test_attempts_of_a_request_follow_each_other_without_overlap(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    assert not overlaps(
        list(
            zip(
                trace.request.tolist(), trace.arrival_ns.tolist(), left(trace).tolist(), strict=True
            )
        )
    )
    for request in set(trace.request.tolist()):
        mine = trace.request == request
        assert trace.attempt[mine].tolist() == list(range(1, mine.sum() + 1))
        assert not (trace.status[mine][:-1] == Status.COMPLETED).any()


@given(workloads(programs), servers)
def test_without_limits_everybody_is_served_or_stuck(workload: Workload, server: Server) -> None:
    trace = simulate(sound(workload), unlimited(server))
    if workload.end_ns is None:
        unfinished = int((trace.status == Status.UNFINISHED).sum())
        stuck = 0 if trace.deadlock is None else trace.deadlock.stuck
        assert unfinished <= stuck if goes_on(workload) else unfinished == stuck
        assert set(trace.status.tolist()) <= {Status.COMPLETED, Status.UNFINISHED}


@given(workloads(straight_programs), servers, conditions())
def test_response_time_is_the_sum_of_its_parts_exactly(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    assert (spent(trace) == left(trace) - trace.arrival_ns).all()


def ios(workload: Workload) -> np.ndarray:
    """Return how many I/O phases each request has before its client has the answer."""
    kinds = [workload.steps[step].kind for step in workload.step_id.tolist()]
    programs = [kinds[first:end] for first, end in pairwise(workload.first_row.tolist())]
    answered = [[*program, StepKind.RESPOND].index(StepKind.RESPOND) for program in programs]
    return np.array(
        [program[:end].count(StepKind.IO) for program, end in zip(programs, answered, strict=True)],
        np.int64,
    )


@given(workloads(straight_programs), servers.map(one_by_one))
def test_a_completed_request_got_what_it_asked_for(workload: Workload, server: Server) -> None:
    workload = replace(
        workload, steps=tuple(replace(step, goes_on=False) for step in workload.steps)
    )
    trace = simulate(workload, server)
    completed = trace.status == Status.COMPLETED
    # What takes a slow worker longer is no more for that.
    computed = np.rint(trace.cpu_ns * np.array(server.speeds)[trace.worker]).astype(np.int64)
    got = (trace.io_ns + computed)[completed]
    late_ns = server.overhead.io * ios(workload)[trace.request - 1]
    asked = (trace.demand_ns + late_ns)[completed] + server.overhead.request
    assert (got >= asked).all()
    if server.overhead.switch == 0 or isinstance(server, SerialServer):
        assert (got == asked).all()


@given(workloads(free_programs))
def test_with_everything_unlimited_a_request_takes_exactly_its_critical_path(
    workload: Workload,
) -> None:
    alone = CooperativeServer(model="cooperative", workers=40, dispatch="round_robin")
    without_cpu = np.isin(
        workload.step_id,
        [position for position, step in enumerate(workload.steps) if step.kind is StepKind.CPU],
    )
    duration_ns = np.where(without_cpu, 0, workload.duration_ns)  # branches share a loop
    trace = simulate(
        Workload(**{**vars(workload), "duration_ns": duration_ns, "end_ns": None}), alone
    )
    assert (trace.finish_ns - trace.arrival_ns == trace.demand_ns).all()


@given(workloads(straight_programs), servers, conditions())
def test_the_timeline_adds_up_to_the_columns(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions, timeline=None)
    columns = (trace.queue_ns, trace.cpu_ns, trace.cpu_wait_ns, trace.io_ns, trace.io_wait_ns)
    for activity, column in zip(Activity, columns, strict=True):
        told = sum(finish - start for _, start, finish, _ in stretches(trace.segments, activity))
        late = int(trace.late_cpu_ns.sum()) if activity is Activity.CPU else 0
        all_told = conditions.client.timeout is None and not goes_on(workload)
        if all_told or activity is Activity.CPU:
            assert told == int(column.sum()) + late


@given(workloads(programs), servers, conditions())
def test_no_more_requests_compute_than_may(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions, timeline=None)
    computing = list(stretches(trace.segments, Activity.CPU))
    locked = isinstance(server, SerialServer) or server.interpreter_lock
    without_it = any(step.where == "process" or step.lock_free for step in workload.steps)
    if locked and not without_it:
        assert not overlaps([(worker, start, finish) for worker, start, finish, _ in computing])
    assert most_at_once([(start, finish) for _, start, finish, _ in computing]) <= trace.cores


@given(workloads(straight_programs), servers, conditions())
def test_no_resource_is_used_above_its_capacity(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    labelled = replace(
        workload, steps=tuple(replace(step, label=str(step.resource)) for step in workload.steps)
    )
    segments = simulate(labelled, server, conditions, timeline=None).segments
    for position, resource in enumerate(workload.resources):
        using = [
            # A slot is free when the I/O ends, and what makes that return late comes after it.
            (start, max(start, finish - server.overhead.io))
            for activity, label, start, finish in zip(
                segments.activity.tolist(),
                segments.label,
                segments.start_ns.tolist(),
                segments.finish_ns.tolist(),
                strict=True,
            )
            if activity == Activity.IO and label == str(position)
        ]
        assert most_at_once(using) <= resource.slots(server.workers)


Visit = tuple[int, int, int | None]
"""When a slot was asked for, when the wait ended, and when the slot was given back."""


def pools(trace: Trace) -> Iterator[tuple[Resource, list[Visit]]]:
    """Yield each pool's resource and visits, in the order of asking; all end with the run."""
    visits, count = trace.visits, len(trace.visits)
    worker = trace.worker[visits.row]
    for position, resource in enumerate(trace.resources):
        of_pool = worker if resource.per_worker else np.zeros(count, np.int64)
        mine = visits.resource == position
        for pool in set(of_pool[mine].tolist()):
            at = mine & (of_pool == pool)
            columns = (visits.asked_ns, visits.granted_ns, visits.released_ns)
            rows = zip(*(column[at].tolist() for column in columns), strict=True)
            yield resource, [_visit(*row, trace.end_ns) for row in rows]


def _visit(asked: int, granted: int, released: int, end: int) -> Visit:
    released = end if released == MISSING else released
    return (asked, released, None) if granted == MISSING else (asked, granted, released)


@given(workloads(programs), servers, conditions())
def test_who_waits_for_a_slot_finds_all_slots_of_the_pool_in_use_until_the_wait_is_over(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    for resource, visits in pools(trace):
        held = [(granted, freed) for _, granted, freed in visits if freed is not None]
        assert most_at_once(held) <= resource.capacity
        for asked, until, _ in visits:
            waits_for_slot = until > asked and resource.tokens is None
            for moment in {asked, (asked + until) // 2, until - 1} if waits_for_slot else ():
                assert sum(since <= moment < freed for since, freed in held) == resource.capacity


@given(workloads(programs), servers, conditions())
def test_no_request_waits_longer_for_a_slot_than_it_may_and_then_it_fails(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    steps = tuple(replace(step, timeout_ns=None, may_fail=False) for step in workload.steps)
    resources = tuple(replace(each, tokens=None) for each in workload.resources)
    workload = replace(workload, steps=steps, resources=resources)
    trace = simulate(workload, server, conditions)
    fails = trace.status == Status.FAILED
    gave_up = set()
    for row, resource, asked, granted, released in zip(
        trace.visits.row.tolist(),
        trace.visits.resource.tolist(),
        trace.visits.asked_ns.tolist(),
        trace.visits.granted_ns.tolist(),
        trace.visits.released_ns.tolist(),
        strict=True,
    ):
        patience = trace.resources[resource].patience_ns
        if patience is None:
            continue
        until = released if granted == MISSING else granted
        assert (trace.end_ns if until == MISSING else until) - asked <= patience
        if granted == MISSING and until == asked + patience:
            gave_up.add((row, until))
    for row in np.flatnonzero(fails).tolist():
        assert (row, int(trace.finish_ns[row])) in gave_up


@given(workloads(straight_programs), servers, conditions())
def test_a_request_fails_only_at_the_end_of_a_phase_that_may_fail_or_is_given_up(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions, timeline=None)
    segments = trace.segments
    for row in np.flatnonzero(trace.status == Status.FAILED).tolist():
        mine = (segments.request == trace.request[row]) & (segments.attempt == trace.attempt[row])
        last = segments.activity[mine & (segments.finish_ns == trace.finish_ns[row])].tolist()
        # Where a phase of no length fails, what came before it ended at the same moment.
        assert set(last) & {Activity.IO, Activity.IO_WAIT} or 0 in workload.duration_ns
        assert (segments.finish_ns[mine] <= trace.finish_ns[row]).all()


@given(workloads(straight_programs), servers, conditions())
def test_no_io_lasts_longer_than_its_timeout_with_the_wait_for_its_slot(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    limits = [step.timeout_ns for step in workload.steps if step.kind is StepKind.IO]
    if None in limits or not limits:
        return
    trace = simulate(workload, server, conditions)
    count = np.bincount(
        np.repeat(np.arange(len(workload)), np.diff(workload.first_row)),
        weights=np.array([step.kind is StepKind.IO for step in workload.steps])[workload.step_id],
        minlength=len(workload),
    )
    holds = any(step.kind is StepKind.ACQUIRE for step in workload.steps)
    if not holds:
        spent_waiting = trace.io_ns + trace.io_wait_ns
        most = max(limits) + server.overhead.io
        assert (spent_waiting <= count[trace.request - 1] * most).all()


@given(workloads(straight_programs), servers)
def test_slots_are_handed_on_in_the_order_of_the_discipline(
    workload: Workload, server: Server
) -> None:
    trace = simulate(workload, server)
    for resource, visits in pools(trace):
        waited = [(asked, had) for asked, had, freed in visits if freed is not None and had > asked]
        for (asked, had), (later, later_had) in combinations(waited, 2):
            both_waited = later < had
            if resource.discipline == "fifo":
                assert had <= later_had
            if resource.discipline == "lifo" and both_waited and asked < later:
                assert later_had <= had


def most_at_once(intervals: list[tuple[int, int]]) -> int:
    changes = sorted(
        [(finish, -1) for _, finish in intervals] + [(start, 1) for start, _ in intervals]
    )
    return max(np.cumsum([change for _, change in changes]), default=0)


@given(workloads(straight_programs), serial_servers.map(one_by_one))
def test_a_serial_worker_holds_one_request_at_a_time(
    workload: Workload, server: SerialServer
) -> None:
    trace = simulate(workload, server)
    held = trace.status == Status.COMPLETED
    columns = (trace.worker, trace.start_ns, trace.finish_ns)
    assert not overlaps(list(zip(*(column[held].tolist() for column in columns), strict=True)))


@given(workloads(), serial_servers.map(one_by_one))
def test_no_serial_worker_idles_while_the_queue_holds_work(
    workload: Workload, server: SerialServer
) -> None:
    server = unlimited(server, dispatch="shared")
    trace = simulate(workload, server, timeline=None)
    until = left(trace)
    for _, queued, started, _ in stretches(trace.segments, Activity.QUEUE):
        for moment in {queued, (queued + started) // 2, started - 1}:
            taken = (trace.worker >= 0) & (trace.start_ns <= moment)
            assert (taken & (until > moment)).sum() == server.workers


@given(workloads(straight_programs), cooperative_servers)
def test_no_loop_idles_while_its_ready_queue_holds_work(
    workload: Workload, server: CooperativeServer
) -> None:
    server = unlimited(server, crew=1)
    workload = Workload(
        **{
            **vars(workload),
            "steps": tuple(replace(step, blocking=False) for step in workload.steps),
        }
    )
    segments = simulate(workload, server, timeline=None).segments
    computing = list(stretches(segments, Activity.CPU))
    waiting = [
        each
        for activity in (Activity.QUEUE, Activity.CPU_WAIT)
        for each in stretches(segments, activity)
    ]
    for _, start, finish, _ in waiting:
        worked = sum(max(0, min(end, finish) - max(begin, start)) for _, begin, end, _ in computing)
        assert worked == finish - start


@given(workloads(straight_programs), servers, conditions())
def test_littles_law_holds_exactly_on_the_sample_path(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    changes = sorted(
        [(at, 1) for at in trace.arrival_ns.tolist()] + [(at, -1) for at in left(trace).tolist()]
    )
    area = in_system = since = 0
    for at, change in changes:
        area += in_system * (at - since)
        in_system, since = in_system + change, at
    assert area == int(spent(trace).sum())


@given(workloads(computing_programs), disciplines, overheads)
def test_without_io_a_cooperative_server_is_a_serial_one(
    workload: Workload, discipline: str, overhead: Overhead
) -> None:
    serial = SerialServer(model="serial", discipline=discipline, overhead=overhead)
    cooperative = CooperativeServer(model="cooperative", discipline=discipline, overhead=overhead)
    one, other = simulate(workload, serial), simulate(workload, cooperative)
    for column in ("start_ns", "finish_ns", "queue_ns", "cpu_ns", "worker", "status"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist()


@given(workloads(plain_programs), overheads.filter(lambda overhead: overhead.switch == 0))
def test_a_thread_without_company_is_a_serial_worker(
    workload: Workload, overhead: Overhead
) -> None:
    serial = SerialServer(model="serial", overhead=overhead)
    threaded = ThreadedServer(model="threaded", threads=1, overhead=overhead)
    one, other = simulate(workload, serial), simulate(workload, threaded)
    for column in ("start_ns", "finish_ns", "queue_ns", "cpu_ns", "worker", "status"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist()


@given(workloads(programs), servers, conditions())
@settings(max_examples=25)
def test_simulating_again_gives_the_same_bytes(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    one, again = simulate(workload, server, conditions), simulate(workload, server, conditions)
    for column in ("worker", "start_ns", "finish_ns", "cpu_wait_ns", "io_wait_ns", "status"):
        assert getattr(one, column).tobytes() == getattr(again, column).tobytes()
    assert one.segments.label == again.segments.label
    assert one.deadlock == again.deadlock
