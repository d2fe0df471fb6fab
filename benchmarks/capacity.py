"""Does the interval of a capacity cover the truth as often as it says?

For M/M/1 the largest arrival rate that keeps a limit is known: with service rate mu, a mean
response below x is kept below mu - 1/x, and a p99 below x below mu - ln(100)/x. Each experiment
searches for it from a seed of its own, as ``simsched capacity`` does: the drawing of requests, the
warm-up, the intervals and the search are simsched's own, and only the queue is computed by
Lindley's recursion instead of an engine, which gives the same trace.

    python benchmarks/capacity.py                    # 100 searches of each kind: some minutes
    python benchmarks/capacity.py --experiments 400
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from recursions import lindley

from simsched.experiment.search.capacity import capacities
from simsched.experiment.search.question import Answer, ask
from simsched.scenario import Scenario, loads

SERVICE_RATE = 100.0
"""Requests a second that the server can do."""

SCENARIO = """
name: mm1
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 50/s}, requests: 2000}
servers: {serial: {model: serial}}
"""


@dataclass(frozen=True)
class Case:
    """A limit, and the rate from which M/M/1 does not keep it."""

    limit: str
    truth: float


def of_mean(limit_s: float) -> Case:
    """Return the case of a mean response below *limit_s*."""
    return Case(f"response_time.mean < {limit_s * 1000:g}ms", SERVICE_RATE - 1 / limit_s)


def of_p99(limit_s: float) -> Case:
    """Return the case of a p99 below *limit_s*."""
    return Case(f"response_time.p99 < {limit_s * 1000:g}ms", SERVICE_RATE - math.log(100) / limit_s)


CASES = (of_mean(0.02), of_mean(0.05), of_mean(0.1), of_p99(0.1), of_p99(0.25))


def search(case: Case, seed: int, relative: float = 0.02) -> Answer:
    """Return the answer of one search."""

    def load(overrides: Sequence[str]) -> Scenario:
        return loads(SCENARIO, overrides=(f"run={{seed: {json.dumps(seed)}}}", *overrides))

    (answer,) = capacities(ask(load, (case.limit,), relative=relative), lindley)
    return answer


@dataclass(frozen=True)
class Coverage:
    """What became of the searches of one case.

    Attributes:
        case: what was searched for.
        covered: the share of intervals that hold the truth.
        precise: the share of searches that became as narrow as asked.
        half_width: half an interval over its value, on average.
        error: how far the values are off, on average, over the truth.
        requests: how many requests a search simulates, on average.
    """

    case: Case
    covered: float
    precise: float
    half_width: float
    error: float
    requests: float


def coverage(case: Case, experiments: int, first_seed: int = 1) -> Coverage:
    """Return what becomes of *experiments* searches."""
    answers = [search(case, first_seed + n) for n in range(experiments)]
    ends = [(each.boundary.value, each.boundary.low, each.boundary.high) for each in answers]
    whole = [(v, low, high) for v, low, high in ends if v and low is not None and high is not None]
    return Coverage(
        case,
        sum(low <= case.truth <= high for _, low, high in whole) / experiments,
        sum(each.status == "found" for each in answers) / experiments,
        float(np.mean([(high - low) / 2 / value for value, low, high in whole])),
        float(np.mean([value / case.truth - 1 for value, *_ in whole])),
        float(np.mean([each.requests for each in answers])),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=100)
    experiments = parser.parse_args().experiments
    error = 1.96 * math.sqrt(0.95 * 0.05 / experiments)
    print(f"{experiments} searches of each kind; shares are known to about ±{100 * error:.1f} %\n")
    print("| limit | truth | covered | precise | half width | bias | requests | time |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        began = time.perf_counter()
        found = coverage(case, experiments)
        seconds = (time.perf_counter() - began) / experiments
        print(
            f"| {case.limit} | {case.truth:.2f}/s | {found.covered:.0%} | {found.precise:.0%} | "
            f"{found.half_width:.1%} | {found.error:+.2%} | {found.requests:,.0f} | "
            f"{seconds:.2f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
