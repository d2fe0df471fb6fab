"""Published effects of overload: storms of retries, and too few or too many workers."""

from __future__ import annotations

import numpy as np
import pytest
from effects_runs import responses, run, runs, shipped

from simsched.engine.trace import Status, Trace
from simsched.scenario import Scenario, loads

CORES = 2
WORKERS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64)


def goodput(traces: list[Trace], start: float, end: float) -> float:
    """Return the requests answered in time per second, between *start* and *end* (s)."""
    finish = np.concatenate([t.finish_ns[t.status == Status.COMPLETED] for t in traces]) / 1e9
    return float(((finish >= start) & (finish < end)).sum() / (end - start) / len(traces))


def storm(*changes: str) -> Scenario:
    """Return the scenario at 70 of 100 requests per second, doubled from 20 s to 30 s."""
    surge = "events=[{at: 20s, for: 10s, arrivals: 2}]"
    load = ("workload.open.rate=70/s", "workload.duration=120s", surge)
    return shipped("retry-storm", *load, *changes)


def test_a_storm_of_retries_outlives_the_overload_that_began_it() -> None:
    """The load is back at 70 of 100 per second after 30 s; 90 s later nobody is served.

    Source: Bronson, Aghayev, Charapko & Zhu, Metastable Failures in Distributed Systems, HotOS
    2021.
    """
    traces = runs(storm(), "naive", 3)
    assert goodput(traces, 0, 20) == pytest.approx(70, rel=0.05)
    assert goodput(traces, 40, 120) < 1
    late = sum(each.late_cpu_ns.sum() for each in traces) / 1e9 / len(traces)
    assert late > 0.9 * (120 - 40)  # it computes all the time, for clients that have gone


def test_without_the_overload_there_is_no_storm() -> None:
    traces = runs(storm("events=[]"), "naive", 3)
    assert goodput(traces, 40, 120) == pytest.approx(70, rel=0.05)


def test_a_retry_budget_ends_the_storm() -> None:
    """Clients that retry at most one request in ten let the same server recover."""
    budget = "client.retries.budget.ratio=0.1", "client.retries.budget.burst=20"
    traces = runs(storm(*budget), "naive", 3)
    assert goodput(traces, 20, 30) < 50  # the overload is felt
    assert goodput(traces, 80, 120) == pytest.approx(70, rel=0.05)


def best_number_of_workers(computing_ms: int) -> int:
    """Return the fewest workers within 2 % of the highest throughput, of a request of 100 ms."""
    servers = (f"w{n}: {{model: serial, workers: {n}, cores: {CORES}}}" for n in WORKERS)
    scenario = loads(
        f"""
        name: workers
        requests:
          page: [{{cpu: {{exponential: {computing_ms}ms}}}},
                 {{io: {{exponential: {100 - computing_ms}ms}}}}]
        workload: {{closed: {{users: 64}}, duration: 20s}}
        servers: {{{", ".join(servers)}}}
        """
    )
    done = {n: len(responses([run(scenario, f"w{n}")])) for n in WORKERS}
    return min(n for n in WORKERS if done[n] >= 0.98 * max(done.values()))


def test_how_many_sync_workers_are_best_depends_on_how_much_they_compute() -> None:
    """2 * cores + 1 is right for requests that wait about as long as they compute, and no others.

    Source: Gunicorn documentation, "Design", "How Many Workers?": the recommendation assumes that
    of the workers of a core one reads or writes while another one computes.
    """
    best = {computing: best_number_of_workers(computing) for computing in (95, 50, 5)}
    rule = 2 * CORES + 1
    assert CORES <= best[95] <= CORES + 1
    assert rule <= best[50] <= rule + 3
    assert best[5] > 4 * rule
