"""Is the design that ``simsched best`` selects the best as often as it promises?

Ten servers with 1 to 10 workers, each with a service time of its own, so that their mean response
is known (M/M/c, by Erlang's formula): one has the lowest, and the nine others are above it by
exactly the indifference zone, which is the hardest case that the guarantee covers. Each experiment
selects from a seed of its own, as ``simsched best`` does; only the queue is computed by the
recursion of Kiefer and Wolfowitz instead of an engine, which gives the same trace.

    python benchmarks/selection.py                    # 200 selections: some minutes
    python benchmarks/selection.py --experiments 50
"""

from __future__ import annotations

import argparse
import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import Segments, Status, Trace
from simsched.experiment.search.best import Aimed, Selection, select
from simsched.experiment.search.designs import Design, of_points
from simsched.scenario import Scenario, loads
from simsched.scenario.metrics import parse_metric
from simsched.statistics.contender import Contender
from simsched.statistics.theory import mmc
from simsched.units import write_duration
from simsched.workload import Workload, draw
from simsched.workload.columns import Int64s

RATE = 50.0
BEST_S = 0.040
"""The mean response of the best design."""

ZONE = 0.05
"""The indifference zone, as a share of it."""

BEST_WORKERS = 3
CONFIDENCE = 0.95
DESIGNS = 10


@dataclass(frozen=True)
class Selections:
    """What became of the selections.

    Attributes:
        correct: the share that selected the best.
        simulations: how many replications a selection took, of all designs together, on average.
        longest: how many the selected design got, on average.
    """

    correct: float
    simulations: float
    longest: float


def service_s(workers: int, response_s: float) -> float:
    """Return the mean service with which M/M/c has that mean response, by bisection."""
    low, high = 0.0, min(response_s, workers / RATE)
    for _ in range(100):
        middle = (low + high) / 2
        stable = RATE * middle < workers
        over = not stable or mmc.mean_response(RATE, 1 / middle, workers) > response_s
        low, high = (low, middle) if over else (middle, high)
    return low


def designs(seed: int, requests: int, zone: float = ZONE) -> list[Design]:
    """Return the ten designs; those but the best are above it by *zone*, a share of its mean."""
    return of_points([(f"{c} workers", _scenario(c, seed, requests, zone)) for c in _workers()])


def _workers() -> range:
    return range(1, DESIGNS + 1)


def _scenario(workers: int, seed: int, requests: int, zone: float) -> Scenario:
    response_s = BEST_S * (1 if workers == BEST_WORKERS else 1 + zone)
    service = write_duration(round(service_s(workers, response_s) * 1e9))
    return loads(
        f"name: designs\nrequests: {{page: [{{cpu: {{exponential: {service}}}}}]}}\n"
        f"workload: {{open: {{rate: {RATE:g}/s}}, requests: {requests}}}\n"
        f"servers: {{serial: {{model: serial, workers: {workers}}}}}\nrun: {{seed: {seed}}}"
    )


def kiefer_wolfowitz(contender: Contender, replications: Sequence[int]) -> Iterator[Trace]:
    """Yield the traces of a serial server with one queue, first come first served."""
    for each in replications:
        workload = draw(contender.scenario, each)
        if not isinstance(workload, Workload):
            raise TypeError("the recursion is for requests that arrive by themselves")
        yield trace_of(workload, contender.server.workers)


def starts(arrival: Int64s, service: Int64s, workers: int) -> Int64s:
    """Return when each request is taken: when a worker is free, the first of them to be so."""
    free = [0] * workers
    found = np.empty(len(arrival), np.int64)
    for n, (came, takes) in enumerate(zip(arrival.tolist(), service.tolist(), strict=True)):
        start = max(came, free[0])
        heapq.heapreplace(free, start + takes)
        found[n] = start
    return found


def trace_of(workload: Workload, workers: int) -> Trace:
    """Return what happens to requests of one phase each."""
    arrival, service = workload.arrival_ns, workload.duration_ns
    start = starts(arrival, service, workers)
    n, empty = len(arrival), np.empty(0, np.int64)
    none, ids = np.zeros(n, np.int64), np.zeros(n, np.int32)
    return Trace(
        classes=workload.classes,
        request=np.arange(1, n + 1),
        class_id=workload.class_id,
        user=ids - 1,
        attempt=ids + 1,
        worker=ids,
        arrival_ns=arrival,
        start_ns=start,
        finish_ns=start + service,
        queue_ns=start - arrival,
        cpu_ns=service,
        cpu_wait_ns=none,
        io_ns=none,
        io_wait_ns=none,
        status=np.full(n, Status.COMPLETED, np.int8),
        demand_ns=service,
        workers=workers,
        cores=workers,
        end_ns=int((start + service).max()),
        segments=Segments(empty, empty.astype(np.int8), empty, empty, empty.astype(np.int32), ()),
    )


def selection(seed: int, requests: int = 1000, confidence: float = CONFIDENCE) -> Selection:
    """Return what one selection comes to."""
    metric = parse_metric("response_time.mean")
    aimed = Aimed(metric, "minimize", confidence, ZONE * BEST_S, is_relative=False)
    return select(designs(seed, requests), aimed, kiefer_wolfowitz)


def selections(experiments: int, requests: int = 1000, first_seed: int = 1) -> Selections:
    """Return what becomes of *experiments* selections."""
    found = [selection(first_seed + n, requests) for n in range(experiments)]
    right = f"{BEST_WORKERS} workers"
    return Selections(
        sum(each.best is not None and each.best.name == right for each in found) / experiments,
        float(np.mean([each.replications for each in found])),
        float(np.mean([max(one.replications for one in each.standings) for each in found])),
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=200)
    experiments = parser.parse_args().experiments
    began = time.perf_counter()
    found = selections(experiments)
    seconds = (time.perf_counter() - began) / experiments
    print(f"{experiments} selections among {DESIGNS} designs, {seconds:.1f} s each")
    print(f"correct: {found.correct:.1%}, promised: {CONFIDENCE:.0%}")
    print(
        f"{found.simulations:.0f} simulations each; the closest rivals got {found.longest:.0f} "
        "replications"
    )


if __name__ == "__main__":
    main()
