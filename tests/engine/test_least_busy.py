"""``least_busy`` sends each request to the worker with the fewest, whoever else was busy before."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from workloads import cpu, io, workload

from simsched.engine.conditions import Conditions, Outage
from simsched.engine.reference import simulate
from simsched.engine.trace import MISSING, Status, Trace
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server
from simsched.workload.columns import Workload

MS = 1_000_000
WORKERS = 3

short = st.integers(0, 6)
programs = st.lists(short.map(cpu) | short.map(io), min_size=1, max_size=3).map(
    lambda parts: [row for part in parts for row in part]
)
arriving = st.lists(st.tuples(st.integers(0, 30), programs), min_size=1, max_size=25).map(
    lambda requests: workload(sorted(requests, key=lambda each: each[0]))
)
servers = st.sampled_from(
    [
        SerialServer(model="serial", workers=WORKERS, dispatch="least_busy"),
        CooperativeServer(model="cooperative", workers=WORKERS, dispatch="least_busy"),
    ]
)
outages = st.lists(
    st.builds(
        lambda worker, start, lasting: Outage(worker, start * MS, (start + lasting) * MS),
        *(st.integers(0, WORKERS - 1), short, st.integers(1, 20)),
    ),
    max_size=WORKERS,
    unique_by=lambda each: each.worker,
)


def sent_to(trace: Trace, down: list[Outage]) -> list[int]:
    """Return whom each request is to be sent to, in order of arrival; -1 is nobody."""
    sent: list[int] = []
    for at, now in enumerate(trace.arrival_ns.tolist()):
        closed = {each.worker for each in down if each.start <= now < each.finish}
        there = np.array(sent, int)[trace.finish_ns[:at] > now].tolist()
        up = [worker for worker in range(WORKERS) if worker not in closed]
        sent.append(min(up, key=there.count, default=-1))
    return sent


@given(arriving, servers, outages)
def test_each_request_goes_to_the_worker_with_the_fewest(
    requests: Workload, server: Server, down: list[Outage]
) -> None:
    trace = simulate(requests, server, Conditions(outages=tuple(down)), timeline=0)
    sent = np.array(sent_to(trace, down))
    started = trace.start_ns != MISSING
    assert trace.worker[started].tolist() == sent[started].tolist()
    assert trace.status[sent == -1].tolist() == [Status.REFUSED] * np.count_nonzero(sent == -1)
