"""What holds on every schedule, whatever the scenario: checked on random ones with many ties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from workloads import MS, workload

from simsched.engine import Activity, Segments, Status, Trace, simulate
from simsched.scenario.servers import CooperativeServer, Overhead, SerialServer, Server
from simsched.workload.columns import Workload

durations = st.integers(0, 4).map(lambda steps: steps * MS)  # few values, so many ties
phases = st.tuples(st.sampled_from(["cpu", "io"]), durations)
programs = st.lists(phases, min_size=1, max_size=6)
computing_programs = st.lists(st.tuples(st.just("cpu"), durations), min_size=1)
overheads = st.builds(
    lambda request, switch: Overhead(request=f"{request}ms", switch=f"{switch}ms"),
    st.integers(0, 2),
    st.integers(0, 2),
)
disciplines = st.sampled_from(["fifo", "lifo", "shortest"])
serial_servers = st.builds(
    SerialServer,
    model=st.just("serial"),
    workers=st.integers(1, 3),
    discipline=disciplines,
    overhead=overheads,
)
cooperative_servers = st.builds(
    CooperativeServer,
    model=st.just("cooperative"),
    workers=st.integers(1, 3),
    discipline=disciplines,
    overhead=overheads,
)
servers = serial_servers | cooperative_servers


@st.composite
def workloads(draw: st.DrawFn, programs: st.SearchStrategy = programs) -> Workload:
    arrivals = sorted(draw(st.lists(st.integers(0, 12), max_size=12)))
    requests = [(arrival * MS, draw(programs)) for arrival in arrivals]
    dispatch = [draw(st.sampled_from([0.0, 0.4, 0.7])) for _ in requests]
    end = draw(st.none() | st.integers(12, 40).map(lambda steps: steps * MS))
    return workload(requests, dispatch=dispatch, end=end)


def stretches(segments: Segments, activity: Activity) -> Iterator[tuple[int, int, int, int]]:
    """Yield (worker, start, finish, request) of the segments of one activity."""
    chosen = segments.activity == activity
    columns = (segments.worker, segments.start_ns, segments.finish_ns, segments.request)
    yield from zip(*(column[chosen].tolist() for column in columns), strict=True)


def spent(trace: Trace) -> np.ndarray:
    return trace.queue_ns + trace.cpu_ns + trace.cpu_wait_ns + trace.io_ns + trace.io_wait_ns


@given(workloads(), servers)
def test_every_request_is_accounted_for(workload: Workload, server: Server) -> None:
    trace = simulate(workload, server)
    assert trace.request.tolist() == list(range(1, len(workload) + 1))
    assert trace.arrival_ns.tolist() == workload.arrival_ns.tolist()
    if workload.end_ns is None:
        assert set(trace.status.tolist()) <= {Status.COMPLETED}


@given(workloads(), servers)
def test_response_time_is_the_sum_of_its_parts_exactly(workload: Workload, server: Server) -> None:
    trace = simulate(workload, server)
    completed = trace.status == Status.COMPLETED
    until = np.where(completed, trace.finish_ns, trace.end_ns)
    assert (spent(trace) == until - trace.arrival_ns).all()


@given(workloads(), servers)
def test_a_completed_request_got_what_it_asked_for(workload: Workload, server: Server) -> None:
    trace = simulate(workload, server)
    completed = trace.status == Status.COMPLETED
    asked = workload.demand_ns()[completed]
    got = (trace.io_ns + trace.cpu_ns)[completed]
    assert (got >= asked + server.overhead.request).all()
    if server.overhead.switch == 0:
        assert (got == asked + server.overhead.request).all()


@given(workloads(), servers)
def test_the_timeline_adds_up_to_the_columns(workload: Workload, server: Server) -> None:
    trace = simulate(workload, server, timeline=None)
    columns = (trace.queue_ns, trace.cpu_ns, trace.cpu_wait_ns, trace.io_ns, trace.io_wait_ns)
    for activity, column in zip(Activity, columns, strict=True):
        total = dict.fromkeys(trace.request.tolist(), 0)
        for _, start, finish, request in stretches(trace.segments, activity):
            total[request] += finish - start
        assert list(total.values()) == column.tolist()


@given(workloads(), servers)
def test_a_worker_computes_for_one_request_at_a_time(workload: Workload, server: Server) -> None:
    trace = simulate(workload, server, timeline=None)
    busy = sorted(stretches(trace.segments, Activity.CPU))
    for (worker, _, finish, _), (next_worker, start, _, _) in pairwise(busy):
        assert worker != next_worker or finish <= start


@given(workloads(), serial_servers)
def test_a_serial_worker_holds_one_request_at_a_time(
    workload: Workload, server: SerialServer
) -> None:
    trace = simulate(workload, server)
    held = sorted(
        (worker, start, finish)
        for worker, start, finish, status in zip(
            trace.worker.tolist(),
            trace.start_ns.tolist(),
            trace.finish_ns.tolist(),
            trace.status.tolist(),
            strict=True,
        )
        if status == Status.COMPLETED
    )
    for (worker, _, finish), (next_worker, start, _) in pairwise(held):
        assert worker != next_worker or finish <= start


@given(workloads(), serial_servers)
def test_no_serial_worker_idles_while_the_queue_holds_work(
    workload: Workload, server: SerialServer
) -> None:
    trace = simulate(workload, server, timeline=None)
    for _, queued, started, _ in stretches(trace.segments, Activity.QUEUE):
        held = (trace.start_ns <= queued) | (trace.start_ns < started)
        in_service = held & (trace.worker >= 0)
        for moment in {queued, (queued + started) // 2, started - 1}:
            busy = in_service & (trace.start_ns <= moment)
            busy &= (trace.status != Status.COMPLETED) | (trace.finish_ns > moment)
            assert busy.sum() == server.workers


@given(workloads(), cooperative_servers)
def test_no_loop_idles_while_its_ready_queue_holds_work(
    workload: Workload, server: CooperativeServer
) -> None:
    segments = simulate(workload, server, timeline=None).segments
    computing = list(stretches(segments, Activity.CPU))
    ready = list(stretches(segments, Activity.CPU_WAIT))
    if server.workers == 1:  # before it starts, a request's segments do not name its loop
        ready += [(0, *rest) for _, *rest in stretches(segments, Activity.QUEUE)]
    for loop, start, finish, _ in ready:
        worked = sum(
            max(0, min(end, finish) - max(begin, start))
            for worker, begin, end, _ in computing
            if worker == loop
        )
        assert worked == finish - start


@given(workloads(), servers)
def test_littles_law_holds_exactly_on_the_sample_path(workload: Workload, server: Server) -> None:
    trace = simulate(workload, server)
    leaves = np.where(trace.status == Status.COMPLETED, trace.finish_ns, trace.end_ns).tolist()
    changes = sorted([(at, 1) for at in trace.arrival_ns.tolist()] + [(at, -1) for at in leaves])
    area = in_system = since = 0
    for at, change in changes:
        area += in_system * (at - since)
        in_system, since = in_system + change, at
    assert area == int(spent(trace).sum())


@given(
    workloads(st.lists(st.tuples(st.just("cpu"), durations), min_size=1)), disciplines, overheads
)
def test_without_io_a_cooperative_server_is_a_serial_one(
    workload: Workload, discipline: str, overhead: Overhead
) -> None:
    serial = SerialServer(model="serial", discipline=discipline, overhead=overhead)
    cooperative = CooperativeServer(model="cooperative", discipline=discipline, overhead=overhead)
    one, other = simulate(workload, serial), simulate(workload, cooperative)
    for column in ("start_ns", "finish_ns", "queue_ns", "cpu_ns", "worker", "status"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist()


@given(workloads(), servers)
@settings(max_examples=25)
def test_simulating_again_gives_the_same_bytes(workload: Workload, server: Server) -> None:
    one, again = simulate(workload, server), simulate(workload, server)
    for column in ("worker", "start_ns", "finish_ns", "cpu_wait_ns", "status"):
        assert getattr(one, column).tobytes() == getattr(again, column).tobytes()
    assert one.segments.label == again.segments.label
