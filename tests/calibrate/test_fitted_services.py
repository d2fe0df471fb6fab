"""Services that call each other are services of the scenario: their needs, and the network."""

from __future__ import annotations

import heapq

import numpy as np
import otlp_examples as examples
import pytest

import simsched
from simsched.calibrate import Clients, Facts, Learner, predict
from simsched.calibrate.otlp import read_spans
from simsched.calibrate.visits import visits_of
from simsched.calibrate.writing import write

MS = 1_000_000
NETWORK_MS = 2.0
MEANS_MS = {"shop": 5.0, "stock": 9.0}
"""What a request computes in all at each of the services, on average."""


def run(n: int, seed: int):
    """Run requests on two loops by hand, at 40 a second: the shop calls the stock.

    The shop computes for 2 ms, calls ``GET /left/{id}`` or, one time in four, ``GET /all``, and
    computes for 3 ms. The stock computes for 6 or for 18 ms.

    Returns:
        (n,) when each request arrives and is answered, and rows of what computed: the request, the
        part, the beginning and the end.
    """
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(25 * MS, n)).astype(np.int64)
    every = rng.random(n) < 0.25
    mean = np.stack([np.full(n, 2.0), np.where(every, 18.0, 6.0), np.full(n, 3.0)], axis=1)
    need = (mean * MS * rng.uniform(0.6, 1.4, (n, 3))).astype(np.int64)
    free = {"shop": 0, "stock": 0}
    events = [(int(at), i, 0) for i, at in enumerate(arrival)]
    rows = []
    while events:
        at, i, part = heapq.heappop(events)
        home = "stock" if part == 1 else "shop"
        start = max(at, free[home])
        end = free[home] = start + int(need[i, part])
        rows.append((i, part, start, end))
        if part < 2:
            heapq.heappush(events, (end + round(NETWORK_MS * MS), i, part + 1))
    done = np.array([end for _, part, _, end in sorted(rows) if part == 2])
    return arrival, done, every, sorted(rows)


def batches(n: int, seed: int, ahead_ms: float = 0.0, lost: int = 0):
    """Return the spans of such a run, and the clients' times.

    Args:
        n: how many requests.
        seed: of what they need.
        ahead_ms: by how much the clock of the stock is ahead.
        lost: of how many requests the stock has no spans.
    """
    arrival, done, every, rows = run(n, seed)
    shop, stock = [], []
    for i in range(n):
        (_, _, a, b), (_, _, c, d), (_, _, e, f) = (
            (i, part, start / MS, end / MS) for _, part, start, end in rows[3 * i : 3 * i + 3]
        )
        trace, kind = i + 1, "/all" if every[i] else "/left/{id}"
        shop.append(examples.span(trace, 1, a, f, name="/page"))
        call = {"name": "GET", "kind": examples.CLIENT, "parent": 1}
        shop.append(examples.span(trace, 2, b, e, **call))
        if i >= lost:
            times = c + ahead_ms, d + ahead_ms
            stock.append(examples.span(trace, 3, *times, name=kind, parent=2))
    clients = Clients(arrival, done, ["/page"] * n)
    return [examples.batch(shop, "shop"), examples.batch(stock, "stock")], clients


def learner(tmp_path, *args, **options) -> Learner:
    found, _ = batches(*args, **options)
    # Collectors may write a file for each service.
    files = [examples.write(tmp_path / f"{i}.jsonl", each) for i, each in enumerate(found)]
    return Learner(visits_of(read_spans(files)), Facts())


@pytest.mark.parametrize("seed", [1, 2])
def test_what_services_compute_and_the_network_are_found(tmp_path, seed):
    found = {each.name: each for each in learner(tmp_path, 1500, seed).learned().estimates}
    for name, truth in {
        "/page: CPU time": 5.0,
        "stock /left/{id}: CPU time": 6.0,
        "stock /all: CPU time": 18.0,
        "network to stock /left/{id}, each way": NETWORK_MS,
        "network to stock /all, each way": NETWORK_MS,
    }.items():
        error = abs(found[name].value_ns / MS - truth)
        assert error < 3 * found[name].standard_error_ns / MS + 0.001, name


def test_a_scenario_with_services_predicts_another_load(tmp_path):
    blueprint = learner(tmp_path, 1500, 1).learned().blueprint
    write(blueprint, "shop").save(tmp_path / "shop.yaml")
    scenario = simsched.load(tmp_path / "shop.yaml")
    assert list(scenario.services) == ["stock"]
    _, clients = batches(1500, 7)

    mean = predict(scenario, "shop", clients).figures[""]["mean"]
    assert mean.low_s < mean.measured_s < mean.high_s


def test_a_clock_that_differs_is_said_and_changes_nothing(tmp_path):
    ahead = learner(tmp_path, 300, 1, ahead_ms=750.0)
    (tmp_path / "same").mkdir()
    same = learner(tmp_path / "same", 300, 1)
    said = " ".join(ahead.remarks)
    assert "The clock of stock is at least 750 ms ahead." in said
    assert "The clock" not in " ".join(same.remarks)
    values = [[each.value_ns for each in one.learned().estimates] for one in (ahead, same)]
    assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_calls_without_a_span_there_are_like_the_others(tmp_path):
    blueprint = learner(tmp_path, 300, 1, lost=30).learned().blueprint
    phases = str(blueprint.requests["/page"])
    assert "'io'" not in phases
    assert phases.count("'call': 'stock'") == 2


def test_a_service_of_few_requests_is_waited_for(tmp_path):
    found = learner(tmp_path, 300, 1, lost=290)
    assert "Of the service stock there are only 10 requests" in " ".join(found.remarks)
    assert "'call'" not in str(found.learned().blueprint.requests)


def test_services_that_call_each_other_end_where_they_began(tmp_path):
    """The stock calls the shop back, which is waited for: no service is its own."""
    spans, back = [], []
    for i in range(40):
        at = 100.0 * i
        spans.append(examples.span(i + 1, 1, at, at + 20))
        spans.append(examples.span(i + 1, 2, at + 1, at + 19, kind=examples.CLIENT, parent=1))
        back.append(examples.span(i + 1, 3, at + 2, at + 18, parent=2))
        back.append(examples.span(i + 1, 4, at + 3, at + 17, kind=examples.CLIENT, parent=3))
        spans.append(examples.span(i + 1, 5, at + 4, at + 16, name="GET /back", parent=4))
    file = examples.write(
        tmp_path / "s", examples.batch(spans, "shop"), examples.batch(back, "stock")
    )
    blueprint = Learner(visits_of(read_spans([file])), Facts()).learned().blueprint
    assert list(blueprint.services) == ["stock"]
    assert str(blueprint.requests).count("'call'") == 1
