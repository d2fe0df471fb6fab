"""Pools of each worker, waits for a slot that end in failure, and who is handed a slot; in ms."""

from __future__ import annotations

import numpy as np
import pytest
from schedules import cooperative, ms, run, serial, statuses, threaded
from workloads import MS, cpu, hold, io, parallel

from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.scenario import loads
from simsched.scenario.model.client import Backoff, Client, Retries
from simsched.scenario.model.servers import Server
from simsched.workload import draw
from simsched.workload.steps import Resource


def db(capacity: int = 1, *, patience: float | None = None, **others: object) -> list[Resource]:
    patience_ns = None if patience is None else int(patience * MS)
    return [Resource("db", capacity, patience_ns=patience_ns, **others)]


# Pools of each worker


def test_each_worker_has_slots_of_its_own() -> None:
    requests = [(0, io(10, "db"))] * 4
    server = cooperative(workers=2, dispatch="round_robin")
    assert ms(run(server, *requests, resources=db()).finish_ns) == [10, 20, 30, 40]
    apart = run(server, *requests, resources=db(per_worker=True))
    assert ms(apart.finish_ns) == [10, 10, 20, 20]
    assert ms(apart.io_wait_ns) == [0, 0, 10, 10]


def test_a_slot_is_handed_on_within_its_worker() -> None:
    trace = run(
        cooperative(workers=2),
        (0, hold("db", io(10))),
        (1, hold("db", io(3))),
        (2, hold("db", io(3))),
        resources=db(per_worker=True),
        dispatch=[0.0, 0.9, 0.0],
    )
    assert ms(trace.finish_ns) == [10, 4, 13]


def test_the_threads_of_a_worker_share_its_pool() -> None:
    server = threaded(workers=2, threads=2, dispatch="round_robin")
    trace = run(server, *[(0, io(10, "db"))] * 4, resources=db(per_worker=True))
    assert ms(trace.finish_ns) == [10, 10, 20, 20]


def test_serial_workers_with_pools_of_their_own_never_wait() -> None:
    trace = run(serial(workers=3), *[(0, io(10, "db"))] * 3, resources=db(per_worker=True))
    assert ms(trace.finish_ns) == [10, 10, 10]


def test_the_visits_of_all_pools_are_in_the_order_of_asking() -> None:
    trace = run(
        cooperative(workers=2, dispatch="round_robin"),
        *[(each, io(10, "db")) for each in range(4)],
        resources=db(per_worker=True),
    )
    assert trace.visits.resource.tolist() == [0] * 4
    assert trace.visits.row.tolist() == [0, 1, 2, 3]
    assert ms(trace.visits.granted_ns) == [0, 1, 10, 11]


def test_a_worker_can_be_stuck_by_itself() -> None:
    # Both of worker 0 hold cache or db and want the other; worker 1 has slots of its own.
    resources = [*db(per_worker=True), Resource("cache", 1, per_worker=True)]
    one, other = hold("db", io(2), hold("cache", io(2))), hold("cache", io(2), hold("db", io(2)))
    trace = run(
        cooperative(workers=2),
        *[(0, one), (0, other), (1, one)],
        resources=resources,
        dispatch=[0.0, 0.0, 0.9],
    )
    assert statuses(trace) == ["unfinished", "unfinished", "completed"]
    assert trace.deadlock is not None
    assert [each.request for each in trace.deadlock.waits] == [1, 2]


# Waits that end in failure


def test_who_waits_too_long_for_a_slot_fails() -> None:
    trace = run(cooperative(), *[(0, io(8, "db"))] * 2, (6, io(1, "db")), resources=db(patience=5))
    assert statuses(trace) == ["completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [8, 5, 9]
    assert ms(trace.io_wait_ns) == [0, 5, 2]
    assert ms(trace.io_ns) == [8, 0, 1]


def test_a_slot_that_is_given_back_at_that_moment_is_had() -> None:
    trace = run(cooperative(), *[(0, io(5, "db"))] * 2, resources=db(patience=5))
    assert ms(trace.finish_ns) == [5, 10]


def test_a_wait_that_is_over_fails_nothing_later() -> None:
    # The second has its slot at 3, when it may wait for 2 more; at 5 it computes.
    requests = [(0, hold("db", io(3))), (0, hold("db", cpu(9)))]
    trace = run(cooperative(), *requests, resources=db(patience=5))
    assert statuses(trace) == ["completed", "completed"]
    again = [(0, hold("db", io(3)) + io(1) + hold("db", io(3)))] * 2
    trace = run(cooperative(), *again, resources=db(patience=4))
    # 1: 0 to 3; 2: 3 to 6; 1 waits from 4 to 6 and has it until 9; 2 waits from 7 to 9.
    assert ms(trace.finish_ns) == [9, 12]


def test_a_failed_request_gives_back_what_it_holds() -> None:
    resources = [*db(), Resource("cache", 1, patience_ns=5 * MS)]
    trace = run(
        cooperative(),
        (0, hold("cache", io(20))),
        (1, hold("db", hold("cache", io(1)))),
        (2, hold("db", io(4))),
        resources=resources,
    )
    assert statuses(trace) == ["completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [20, 6, 10]


@pytest.mark.parametrize("server", [serial(workers=2), threaded(threads=2)])
def test_the_worker_or_thread_of_a_failed_request_takes_the_next(server: Server) -> None:
    requests = [(0, io(20, "db")), (0, io(20, "db")), (1, cpu(2))]
    trace = run(server, *requests, resources=db(patience=5))
    assert statuses(trace) == ["completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [20, 5, 7]


def test_a_loop_that_waits_with_a_blocking_call_goes_on_when_that_fails() -> None:
    requests = [(0, io(20, "db")), (1, io(1, "db", blocking=True)), (2, cpu(2))]
    trace = run(cooperative(), *requests, resources=db(patience=5))
    assert ms(trace.finish_ns) == [20, 6, 8]


def test_branches_of_a_failed_request_end_what_they_do_and_begin_nothing() -> None:
    branches = parallel(io(1, "db"), cpu(8) + io(9), io(3) + cpu(9))
    trace = run(
        cooperative(), (0, io(30, "db")), (0, branches), (1, cpu(2)), resources=db(patience=5)
    )
    # The second computes until 8 for a client who is told of the failure at 5.
    assert statuses(trace) == ["completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [30, 5, 10]
    assert ms(trace.late_cpu_ns) == [0, 3, 0]


def test_who_has_left_the_server_does_not_fail_again() -> None:
    # The client leaves at 3; the server waits on until 5, and then does no more.
    leaves = Conditions(client=Client(timeout="3ms"))
    requests = [(0, io(2, "db") + hold("db", cpu(9))), (1, io(1, "db") + cpu(8))]
    trace = run(cooperative(), *requests, resources=db(patience=5), conditions=leaves)
    assert statuses(trace) == ["timed_out", "timed_out"]


def test_a_failed_request_is_sent_again_as_others_are() -> None:
    again = Conditions(client=Client(retries=Retries(max=1, backoff=Backoff(initial="2ms"))))
    trace = run(
        cooperative(),
        *[(0, io(6, "db"))] * 2,
        resources=db(patience=5),
        conditions=again,
        attempts=2,
    )
    assert trace.request.tolist() == [1, 2, 2]
    assert statuses(trace) == ["completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [6, 5, 13]
    assert ms(trace.requests.arrival_ns) == [0, 0]


def test_who_will_fail_is_not_stuck() -> None:
    first = hold("db", io(2), hold("cache", io(2)))
    other = hold("cache", io(2), hold("db", io(2)))
    resources = [*db(), Resource("cache", 1, patience_ns=50 * MS)]
    trace = run(cooperative(), (0, first), (0, other), resources=resources)
    assert statuses(trace) == ["failed", "completed"]
    assert ms(trace.finish_ns) == [52, 54]
    trace = run(cooperative(), (0, first), (0, other), resources=resources, end=40)
    assert statuses(trace) == ["unfinished", "unfinished"]
    assert trace.deadlock is None


# Who is handed a slot


def handed(discipline: str, handoff: float = 0.0) -> list[float]:
    requests = [(0, io(10, "db")), (1, io(3, "db")), (2, io(3, "db")), (3, io(3, "db"))]
    trace = run(cooperative(), *requests, resources=db(discipline=discipline), handoff=handoff)
    return ms(trace.finish_ns)


def test_slots_go_to_who_came_first_or_last_or_to_any() -> None:
    assert handed("fifo") == [10, 13, 16, 19]
    assert handed("lifo") == [10, 19, 16, 13]
    # The requests draw 0.4, 0.73, 0.07, 0.4: 1 picks the second of three, which is 3; and 3 the
    # first of two, which is 2.
    assert handed("random", handoff=0.4) == [10, 16, 13, 19]


LINE = """
name: line
requests: {{page: [{{hold: db, phases: [{{io: 1ms}}]}}]}}
resources: {{db: {{capacity: 1, discipline: random}}}}
workload: {{schedule: [{{at: 0ms, request: page, times: {count}}}]}}
servers: {{loop: {{model: cooperative}}}}
"""


def test_at_random_each_of_those_who_wait_is_as_likely() -> None:
    """Who waits fourth of four is first with probability 1/4; the counts of 2000 draws of it."""
    scenario = loads(LINE.format(count=5))
    firsts = []
    for replication in range(1, 401):
        trace = simulate(draw(scenario, replication), scenario.servers["loop"])
        firsts.append(int(np.argmin(trace.finish_ns[1:])))
    counts = np.bincount(firsts, minlength=4)
    expected = len(firsts) / 4
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    assert chi_square < 11.34  # the 99 % quantile with 3 degrees of freedom


def test_more_requests_or_retries_change_no_draw_of_who_is_handed_a_slot() -> None:
    short, long = loads(LINE.format(count=3)), loads(LINE.format(count=9))
    retried = loads(LINE.format(count=3) + "client: {retries: {max: 2}}\n")
    columns = [draw(each, 1).handoff for each in (short, long, retried)]
    assert [each.shape for each in columns] == [(1, 9), (1, 27), (3, 9)]
    assert columns[0].tolist() == columns[1][:, :9].tolist() == columns[2][:1].tolist()
    assert len(set(columns[2][:, ::3].ravel().tolist())) == 9


# What others have reported


def outcome(text: str) -> Trace:
    scenario = loads(text)
    (name, server), *_ = scenario.servers.items()
    return simulate(draw(scenario, 1), server, Conditions.of(scenario, name))


PSYCOPG = """
name: psycopg
requests: {page: [{hold: db, phases: [{io: 1s}]}]}
resources: {db: POOL}
workload: {schedule: [{at: 0s, request: page, times: 68}]}
servers: {four: {model: cooperative, workers: 4}}
"""


def test_four_processes_with_pools_of_17_need_two_seconds_for_68_one_second_holds() -> None:
    """The sockets deal requests out unevenly: some pool gets more than 17 (psycopg issue 218)."""
    apart, together = (
        outcome(PSYCOPG.replace("POOL", pool))
        for pool in ("{capacity: 17, per: worker}", "{capacity: 68}")
    )
    assert apart.finish_ns.max() == 2_000 * MS
    assert together.finish_ns.max() == 1_000 * MS


SQLALCHEMY = """
name: fastapi
requests: {page: [{hold: db, phases: [{io: 2s}]}]}
resources: {db: {capacity: 2, acquire_timeout: 5s}}
workload: {schedule: [{at: 0s, request: page, times: 12}]}
servers: {SERVER}
"""


@pytest.mark.parametrize(
    "server",
    ["{model: threaded, threads: 40}", "{model: cooperative}", "{model: serial, workers: 12}"],
)
def test_of_twelve_requests_for_two_connections_six_fail_after_the_timeout(server: str) -> None:
    """A pool of SQLAlchemy raises TimeoutError after ``pool_timeout`` (FastAPI issue 3089)."""
    trace = outcome(SQLALCHEMY.replace("SERVER", f"app: {server}"))
    assert statuses(trace) == ["completed"] * 6 + ["failed"] * 6
    assert ms(trace.finish_ns) == [2000, 2000, 4000, 4000, 6000, 6000] + [5000] * 6
