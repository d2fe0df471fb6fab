"""How much do common random numbers help?

Every server of a scenario meets the same requests, so what chance does to both cancels in their
difference. This prints by what factor that shrinks the variance of the difference, against servers
that each meet requests of their own: (variance of one + variance of the other) / variance of the
paired differences. Without common random numbers as many times the replications would be needed.

    python benchmarks/variance_reduction.py
    python benchmarks/variance_reduction.py scenarios/lecture.yaml --replications 200
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simsched import experiment
from simsched.experiment import Result
from simsched.scenario import load, loads

SCENARIO = """
name: serial and cooperative
requests:
  page: [{cpu: {exponential: 4ms}}, {io: {exponential: 50ms}}, {cpu: {exponential: 4ms}}]
workload: {open: {rate: 80/s}, requests: 2000}
servers:
  serial: {model: serial, workers: 6}
  cooperative: {model: cooperative}
"""

METRICS = ("response_time_s.mean", "response_time_s.p95", "throughput_per_s")


def factors(result: Result) -> Iterator[tuple[str, str, float]]:
    """Yield the server, the metric, and the factor, for every server but the baseline."""
    baseline, *others = result.servers.values()
    for other in others:
        for metric in METRICS:
            ours = other.measurements[metric].influence
            theirs = baseline.measurements[metric].influence
            if ours is None or theirs is None:
                continue
            paired = float(np.sum((ours - theirs) ** 2))
            yield other.server, metric, float(np.sum(ours**2) + np.sum(theirs**2)) / paired


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--replications", type=int, default=100)
    options = parser.parse_args()
    scenario = load(options.file) if options.file else loads(SCENARIO)
    result = experiment.run(experiment.prepare([scenario], replications=options.replications))
    print(f"{scenario.name}: {options.replications} replications\n")
    print("| server | metric | variance of the difference falls by |")
    print("| --- | --- | --- |")
    for server, metric, factor in factors(result):
        print(f"| {server} | {metric} | {factor:.1f} times |")


if __name__ == "__main__":
    main()
