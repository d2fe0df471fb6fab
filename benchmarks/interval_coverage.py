"""Do 95 % intervals cover the truth in 95 % of experiments?

Each experiment simulates a model with a known answer in independent replications, and draws its
intervals as ``simsched run`` does: automatic warm-up, Student's t over replications for the mean,
sectioning for p95, paired differences against a server that is a tenth faster. Whether an interval
covers the truth is then one toss of a coin, and the share of those that do is told with its own
(binomial) 95 % interval.

    python benchmarks/interval_coverage.py           # 1,000 experiments of each kind: some minutes
    python benchmarks/interval_coverage.py --experiments 100

M/M/1 is simulated by Lindley's recursion; the cooperative server (two visits to the loop with I/O
between) by its own recursion, event by event for many replications side by side.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import Segments, Status, Trace
from simsched.statistics import Method, compare, summarize_by, warmup
from simsched.statistics.theory import feedback, mm1

Floats = NDArray[np.float64]

ROOM = 96
"""How many requests may be under way at once on one loop."""

WARMUP = 500
"""How many requests a reference run leaves out."""

FASTER = 1.1
"""How much faster the second server is."""

MEAN, P95 = "response_time_s.mean", "response_time_s.p95"


class Model(Protocol):
    """A model with a known answer."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    def truth(self) -> dict[str, float]:
        """Return the mean, the p95 and the difference of the means that are to be covered."""

    def experiments(self, count: int, seed: int) -> Iterator[tuple[list[Trace], list[Trace]]]:
        """Yield *count* experiments: the traces of both servers, one per replication."""


def trace_of(arrival_s: Floats, finish_s: Floats, demand_s: Floats) -> Trace:
    """Return a trace of requests that only queue and compute."""
    arrival, finish, demand = (
        np.rint(column * 1e9).astype(np.int64) for column in (arrival_s, finish_s, demand_s)
    )
    n, none = len(arrival), np.zeros(len(arrival), np.int64)
    ids, empty = np.full(n, -1, np.int32), np.empty(0, np.int64)
    return Trace(
        classes=("page",),
        request=np.arange(1, n + 1),
        class_id=ids + 1,
        user=ids,
        attempt=ids + 2,
        worker=ids + 1,
        arrival_ns=arrival,
        start_ns=arrival,
        finish_ns=finish,
        queue_ns=finish - arrival,
        cpu_ns=none,
        cpu_wait_ns=none,
        io_ns=none,
        io_wait_ns=none,
        status=np.full(n, Status.COMPLETED, np.int8),
        demand_ns=demand,
        workers=1,
        cores=1,
        end_ns=int(finish.max()),
        segments=Segments(empty, empty.astype(np.int8), empty, empty, empty.astype(np.int32), ()),
    )


@dataclass(frozen=True)
class MM1:
    """M/M/1 with a mean service of one second."""

    load: float
    requests: int
    replications: int = 10

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"M/M/1 at load {self.load}, {self.replications} x {self.requests:,}"

    def truth(self) -> dict[str, float]:
        """Return the truth, by formulas."""
        mean = mm1.mean_response(self.load, 1.0)
        return {
            "mean": mean,
            "p95": mm1.response_quantile(0.95, self.load, 1.0),
            "paired difference": mm1.mean_response(self.load, FASTER) - mean,
        }

    def experiments(self, count: int, seed: int) -> Iterator[tuple[list[Trace], list[Trace]]]:
        """Yield experiments in which both servers meet the same requests."""
        shape = self.replications, self.requests
        for child in np.random.SeedSequence(seed).spawn(count):
            rng = np.random.default_rng(child)
            arrival = np.cumsum(rng.exponential(1 / self.load, shape), axis=1)
            service = rng.exponential(1.0, shape)
            yield lindley(arrival, service), lindley(arrival, service / FASTER)


def lindley(arrival: Floats, service: Floats) -> list[Trace]:
    """Return the traces of first come first served: a row for each replication."""
    work = np.cumsum(service, axis=1)
    finish = work + np.maximum.accumulate(arrival - (work - service), axis=1)
    return [trace_of(*rows) for rows in zip(arrival, finish, service, strict=True)]


@dataclass(frozen=True)
class Network:
    """A cooperative server: cpu exp 4 ms, io exp 50 ms, cpu exp 4 ms, at 80/s on one loop."""

    requests: int = 4000
    replications: int = 10
    rate: float = 80.0
    cpu_s: float = 0.004
    io_s: float = 0.050
    lanes: int = 500
    reference: int = 20_000
    together: int = 4000

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"cooperative network, {self.replications} x {self.requests:,}"

    def truth(self) -> dict[str, float]:
        """Return the truth; no formula tells the p95, so a long run of its own does."""
        mean = feedback.mean_response(self.rate, 2, self.cpu_s, self.io_s)
        faster = feedback.mean_response(self.rate, 2, self.cpu_s / FASTER, self.io_s)
        return {"mean": mean, "p95": self.reference_p95()[0], "paired difference": faster - mean}

    def reference_p95(self) -> tuple[float, float]:
        """Return the p95 of long runs side by side, and its standard error."""
        draws = self.draw(np.random.default_rng(0), self.lanes, self.reference)
        arrival, finish = draws[0], serve(*draws)
        found = np.quantile((finish - arrival)[:, WARMUP:], 0.95, axis=1)
        return float(found.mean()), float(found.std(ddof=1) / math.sqrt(self.lanes))

    def draw(self, rng: np.random.Generator, lanes: int, requests: int) -> tuple[Floats, ...]:
        """Return arrivals, both CPU visits, and I/O; a row for each lane."""
        shape = lanes, requests
        return (
            np.cumsum(rng.exponential(1 / self.rate, shape), axis=1),
            rng.exponential(self.cpu_s, (2, *shape)),
            rng.exponential(self.io_s, shape),
        )

    def experiments(self, count: int, seed: int) -> Iterator[tuple[list[Trace], list[Trace]]]:
        """Yield experiments in which both servers meet the same requests."""
        chunk = max(1, self.together // self.replications)
        sizes = [min(chunk, count - start) for start in range(0, count, chunk)]
        children = np.random.SeedSequence(seed).spawn(len(sizes))
        for size, child in zip(sizes, children, strict=True):
            lanes = size * self.replications
            arrival, cpu, io = self.draw(np.random.default_rng(child), lanes, self.requests)
            both = [served(arrival, one, io) for one in (cpu, cpu / FASTER)]
            for first in range(0, lanes, self.replications):
                last = first + self.replications
                yield both[0][first:last], both[1][first:last]


def served(arrival: Floats, cpu: Floats, io: Floats) -> list[Trace]:
    """Return the traces of :func:`serve`, one for each lane."""
    columns = arrival, serve(arrival, cpu, io), cpu.sum(axis=0) + io
    return [trace_of(*rows) for rows in zip(*columns, strict=True)]


def serve(arrival: Floats, cpu: Floats, io: Floats) -> Floats:
    """Return when requests finish on one loop each lane: cpu, io, cpu, first come first served.

    Visits to the loop are served in the order in which they join it, so each step takes, in every
    lane, the next to join: a new request, or the one whose I/O ends first.

    Args:
        arrival: (lanes, n) rising.
        cpu: (2, lanes, n) the first and the second visit.
        io: (lanes, n) between them.

    Returns:
        (lanes, n).

    Raises:
        RuntimeError: more requests are under way at once than there is room for.
    """
    lanes, n = arrival.shape
    lane = np.arange(lanes)
    upcoming = np.concatenate([arrival, np.full((lanes, 1), np.inf)], axis=1)
    position = np.zeros(lanes, np.int64)
    returning = np.full((lanes, ROOM), np.inf)
    owner = np.zeros((lanes, ROOM), np.int64)
    free, finish = np.zeros(lanes), np.empty((lanes, n))
    for _ in range(2 * n):
        slot = returning.argmin(axis=1)
        back, new = returning[lane, slot], upcoming[lane, position]
        first = new < back
        request = np.where(first, position, owner[lane, slot])
        visit = np.where(first, 0, 1)
        free = np.maximum(np.minimum(new, back), free) + cpu[visit, lane, request]
        empty = np.isinf(returning).argmax(axis=1)
        place = np.where(first, empty, slot)
        if not np.isinf(returning[lane, empty]).all():
            raise RuntimeError(f"more than {ROOM} requests are under way at once")
        returning[lane, place] = np.where(first, free + io[lane, request], np.inf)
        owner[lane, place] = request
        finish[lane[~first], request[~first]] = free[~first]
        position += first
    return finish


def covered(truth: dict[str, float], slow: list[Trace], fast: list[Trace]) -> dict[str, bool]:
    """Return which intervals of one experiment cover the truth."""
    method = Method(warmup="auto", quantiles=(0.95,))
    found = [warmup.cuts(traces, "auto") for traces in (slow, fast)]
    cuts = warmup.together(found, [slow, fast])
    one = summarize_by(method, "slow", slow, cuts[0])
    other = summarize_by(method, "fast", fast, cuts[1])
    differences = {each.metric: each.difference for each in compare(one, [other])}
    intervals = {
        "mean": one.estimates[MEAN],
        "p95": one.estimates[P95],
        "paired difference": differences[MEAN],
    }
    return {
        name: each.low is not None
        and each.high is not None
        and each.low <= truth[name] <= each.high
        for name, each in intervals.items()
    }


def coverage(model: Model, experiments: int, seed: int = 1) -> dict[str, float]:
    """Return the share of *experiments* in which each interval covers the truth."""
    truth, hits = model.truth(), Counter[str]()
    for slow, fast in model.experiments(experiments, seed):
        hits.update(name for name, hit in covered(truth, slow, fast).items() if hit)
    return {name: hits[name] / experiments for name in truth}


def binomial_error(experiments: int, share: float = 0.95) -> float:
    """Return half of the 95 % interval of a share that is seen in *experiments*."""
    return 1.96 * math.sqrt(share * (1 - share) / experiments)


MODELS: tuple[Model, ...] = (
    MM1(0.5, 5_000),
    MM1(0.8, 20_000),
    MM1(0.9, 50_000),
    Network(),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=1000)
    experiments = parser.parse_args().experiments
    print(
        f"{experiments} experiments of each kind; shares are known to about "
        f"±{100 * binomial_error(experiments):.1f} %\n"
    )
    print("| model | mean | p95 | paired difference |")
    print("| --- | --- | --- | --- |")
    for model in MODELS:
        shares = coverage(model, experiments)
        cells = " | ".join(f"{100 * share:.1f} %" for share in shares.values())
        print(f"| {model.name} | {cells} |", flush=True)
    value, error = Network().reference_p95()
    print(f"\nThe network's p95 is {value:.6f} s by a long run (standard error {error:.1e} s).")


if __name__ == "__main__":
    main()
