"""Do 95 % intervals cover the truth in 95 % of experiments?

Each experiment is a run with a seed of its own, just as ``simsched run`` does it: drawn, simulated,
its warm-up cut, its figures compared with those of a server that is a tenth faster. The answers are
known. Whether an interval covers the truth is then one toss of a coin, and the share of those that
do is told with its own (binomial) 95 % interval.

    python benchmarks/interval_coverage.py           # 1,000 experiments of each kind: some minutes
    python benchmarks/interval_coverage.py --experiments 100
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from this_machine import machine

from simsched import experiment
from simsched.engine import simulate
from simsched.experiment import Result
from simsched.scenario import Scenario, loads
from simsched.statistics.estimate import Estimate
from simsched.statistics.theory import networks, queues
from simsched.workload import draw

SCENARIO = """
name: {name}
requests:
  page: [{phases}]
workload: {{open: {{rate: {rate}/s}}, requests: {requests}}}
servers:
  server: {{model: {server}}}
run: {{replications: {replications}, quantiles: [p95, p99], engine: compiled}}
"""

FASTER = 1.1
"""How much faster the second server is."""

MEAN, P95, P99 = (f"response_time_s.{name}" for name in ("mean", "p95", "p99"))

Truth = Mapping[str, float | None]
"""What is to be covered, by the title of its column; None where nobody knows it."""


class Model(Protocol):
    """A server whose figures are known."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    @property
    def size(self) -> Size:
        """How much of it is simulated in an experiment."""

    def scenario(self, name: str, speed: float) -> Scenario:
        """Return the scenario of a server that is *speed* times as fast."""

    def truth(self) -> Truth:
        """Return the response times, in seconds, and their change when :data:`FASTER`."""


@dataclass(frozen=True)
class Size:
    """How much is simulated in an experiment."""

    replications: int
    requests: int

    def __str__(self) -> str:
        """Return it as the table tells it."""
        if self.replications == 1:
            return f"one run of {self.requests:,}"
        return f"{self.replications} x {self.requests:,}"


@dataclass(frozen=True)
class MM1:
    """M/M/1 with a mean service of one second."""

    load: float
    size: Size

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"M/M/1 at load {self.load:g}"

    def scenario(self, name: str, speed: float) -> Scenario:
        """Return the scenario of a server that is *speed* times as fast."""
        phases = f"{{cpu: {{exponential: {1 / speed:.9f}s}}}}"
        return scenario(name, phases, self.load, "serial", self.size)

    def truth(self) -> Truth:
        """Return what formulas tell."""
        mean = queues.mm1_mean_response(self.load, 1.0)
        return {
            "mean": mean,
            "p95": queues.mm1_response_quantile(0.95, self.load, 1.0),
            "p99": queues.mm1_response_quantile(0.99, self.load, 1.0),
            "paired difference": queues.mm1_mean_response(self.load, FASTER) - mean,
        }


@dataclass(frozen=True)
class Network:
    """A cooperative server: cpu exp 4 ms, io exp 50 ms, cpu exp 4 ms, at 80/s on one loop."""

    size: Size
    long_runs: int = 500
    rate: float = 80.0
    cpu_s: float = 0.004
    io_s: float = 0.050

    @property
    def name(self) -> str:
        """What the table calls it."""
        return "cooperative network"

    def scenario(self, name: str, speed: float) -> Scenario:
        """Return the scenario of a server that is *speed* times as fast at computing."""
        cpu = f"{{cpu: {{exponential: {self.cpu_s / speed * 1000:.9f}ms}}}}"
        phases = f"{cpu}, {{io: {{exponential: {self.io_s}s}}}}, {cpu}"
        return scenario(name, phases, self.rate, "cooperative", self.size)

    def truth(self) -> Truth:
        """Return what formulas tell; for the p95 there is none, so long runs of its own do."""
        mean = networks.feedback_mean_response(self.rate, 2, self.cpu_s, self.io_s)
        faster = networks.feedback_mean_response(self.rate, 2, self.cpu_s / FASTER, self.io_s)
        p95, _ = self.long_p95()
        return {"mean": mean, "p95": p95, "p99": None, "paired difference": faster - mean}

    def long_p95(self) -> tuple[float, float]:
        """Return the p95 of long runs, apart from those of experiments, and its standard error."""
        runs, requests = self.long_runs, 20_000
        long = replace(self, size=Size(runs, requests)).scenario("long", 1.0)
        server = long.servers["server"]
        found = []
        for replication in range(1, runs + 1):
            trace = simulate(draw(long, replication), server, timeline=0, engine="compiled")
            response_s = (trace.finish_ns - trace.arrival_ns)[requests // 40 :] / 1e9
            found.append(np.quantile(response_s, 0.95))
        return float(np.mean(found)), float(np.std(found, ddof=1) / math.sqrt(runs))


def scenario(name: str, phases: str, rate: float, server: str, size: Size) -> Scenario:
    """Return a scenario with seed 0, which no experiment has."""
    text = SCENARIO.format(
        name=name,
        phases=phases,
        rate=rate,
        server=server,
        requests=size.requests,
        replications=size.replications,
    )
    return loads(text)


def seeded(scenarios: Sequence[Scenario], seed: int) -> Result:
    """Return the outcome of an experiment."""
    return experiment.run(experiment.prepare(scenarios, seed))


def intervals(result: Result) -> dict[str, Estimate]:
    """Return the intervals of an experiment by the titles of their columns."""
    slow, _ = result.servers.values()
    (difference,) = (each.difference for each in result.comparisons if each.metric == MEAN)
    return {
        "mean": slow.estimates[MEAN],
        "p95": slow.estimates[P95],
        "p99": slow.estimates[P99],
        "paired difference": difference,
    }


def covers(interval: Estimate, truth: float) -> bool:
    """Return whether *truth* lies in *interval*."""
    low, high = interval.low, interval.high
    return low is not None and high is not None and low <= truth <= high


@dataclass(frozen=True)
class Share:
    """How many of the intervals that were given cover the truth."""

    given: int
    covering: int

    def __str__(self) -> str:
        """Return it in per cent, with how many there are where some were refused."""
        return f"{100 * self.covering / self.given:.1f} %" if self.given else "refused"


def coverage(model: Model, experiments: int) -> dict[str, Share]:
    """Return by column which share of *experiments* with seeds of their own cover the truth."""
    truth = {name: value for name, value in model.truth().items() if value is not None}
    scenarios = [model.scenario("slow", 1.0), model.scenario("fast", FASTER)]
    given, covering = Counter[str](), Counter[str]()
    for seed in range(1, experiments + 1):
        found = intervals(seeded(scenarios, seed))
        given.update(name for name in truth if found[name].low is not None)
        covering.update(name for name in truth if covers(found[name], truth[name]))
    return {name: Share(given[name], covering[name]) for name in truth}


def binomial_error(experiments: int, share: float = 0.95) -> float:
    """Return half of the 95 % interval of a share that is seen in *experiments*."""
    return 1.96 * math.sqrt(share * (1 - share) / experiments)


MODELS: tuple[Model, ...] = (
    MM1(0.5, Size(10, 5_000)),
    MM1(0.8, Size(10, 20_000)),
    MM1(0.9, Size(10, 20_000)),
    MM1(0.9, Size(10, 50_000)),
    Network(Size(10, 4_000)),
    MM1(0.5, Size(1, 50_000)),
    MM1(0.8, Size(1, 200_000)),
    MM1(0.9, Size(1, 500_000)),
    Network(Size(1, 40_000)),
)

COLUMNS = ("mean", "p95", "p99", "paired difference")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=1000)
    experiments = parser.parse_args().experiments
    print(machine())
    print(
        f"{experiments} experiments of each kind; shares are known to about "
        f"±{100 * binomial_error(experiments):.1f} %\n"
    )
    print(f"| model | size | {' | '.join(COLUMNS)} |")
    print(f"| --- | --- | {' | '.join('---' for _ in COLUMNS)} |")
    for model in MODELS:
        shares = coverage(model, experiments)
        cells = " | ".join(str(shares.get(name, "")) for name in COLUMNS)
        print(f"| {model.name} | {model.size} | {cells} |", flush=True)
        few = [f"{name} {each.given}" for name, each in shares.items() if each.given < experiments]
        if few:
            print(f"Intervals given: {', '.join(few)}.")
    value, error = Network(Size(10, 4_000)).long_p95()
    print(f"\nThe network's p95 is {value:.6f} s by long runs (standard error {error:.1e} s).")


if __name__ == "__main__":
    main()
