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
import time
from dataclasses import dataclass

import numpy as np
from recursions import kiefer_wolfowitz

from simsched.experiment.search.best import Selection, select
from simsched.experiment.search.designs import Criterion, Design, of_points
from simsched.scenario import Scenario, loads
from simsched.scenario.metrics import parse_metric
from simsched.statistics.theory import queues
from simsched.units import write_duration

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
        over = not stable or queues.mmc_mean_response(RATE, 1 / middle, workers) > response_s
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


def selection(seed: int, requests: int = 1000, confidence: float = CONFIDENCE) -> Selection:
    """Return what one selection comes to."""
    metric = parse_metric("response_time.mean")
    criterion = Criterion(metric, "minimize", confidence, ZONE * BEST_S, is_relative=False)
    return select(designs(seed, requests), criterion, kiefer_wolfowitz)


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
