"""Does simsched tell what real servers did?

Each file of ``tests/data/measured`` is a run of a real server. Its arrivals and durations are
replayed, row by row, through a scenario. One number is fitted for each file: the server's overhead
per request, such that the mean response time over the first half of the arrivals is the measured
one. Everything else is prediction, and is held against the second half.

    python benchmarks/real_servers.py
"""

from __future__ import annotations

import argparse
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

import simsched
from simsched.engine import simulate
from simsched.scenario import Scenario, loads
from simsched.statistics.order import completion_order, kendall_tau
from simsched.workload import draw

DATA = Path(__file__).parents[1] / "tests" / "data" / "measured"

SERVERS = {
    "quart_r40": "{model: cooperative}",
    "flask1_r8": "{model: serial}",
    "flask4_r40": "{model: serial, workers: 4, cores: 1}",
}
"""The server of each file, as a scenario writes it."""

MOST_OVERHEAD_US = 6000
"""The largest overhead per request that is tried."""

SCENARIO = """
name: {file}
requests:
  recorded: [{{cpu: {{column: cpu1_s}}}}, {{io: {{column: io_s}}}}, {{cpu: {{column: cpu2_s}}}}]
workload: {{trace: {{file: {file}.csv, arrival: arrival_s}}}}
servers: {{server: {server}}}
run: {{warmup: none}}
"""

HEADER = (
    "| run | overhead | mean, measured | simulated | error | p95, measured | simulated | error "
    "| Kendall's tau |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Replay:
    """A measured run and its replay; times in seconds, one for each request of the second half.

    ``overhead_us`` is what was fitted.
    """

    file: str
    overhead_us: int
    arrival: Floats
    measured: Floats
    simulated: Floats

    @property
    def mean_error(self) -> float:
        """How far the simulated mean response is above the measured one, as a ratio."""
        return float(self.simulated.mean() / self.measured.mean()) - 1

    @property
    def p95_error(self) -> float:
        """How far the simulated p95 is above the measured one, as a ratio."""
        return float(np.quantile(self.simulated, 0.95) / np.quantile(self.measured, 0.95)) - 1

    @property
    def kendall_tau(self) -> float:
        """Kendall's tau between the simulated and the measured order of completion."""
        measured, simulated = (
            np.rint((self.arrival + response) * 1e9).astype(np.int64)
            for response in (self.measured, self.simulated)
        )
        tau = kendall_tau(simulated[completion_order(measured)])
        assert tau is not None  # noqa: S101 - there are two requests at least
        return tau


def scenario(file: str, overhead_us: float = 0) -> Scenario:
    """Return the scenario that replays *file*, with so many microseconds before each request."""
    override = f"servers.server.overhead={{request: {round(overhead_us)}us}}"
    text = SCENARIO.format(file=file, server=SERVERS[file])
    return loads(text, f"{file}.yaml", (override,), DATA)


def measured(file: str) -> tuple[Floats, Floats]:
    """Return the arrivals and the response times of *file*, in seconds."""
    rows = np.genfromtxt(DATA / f"{file}.csv", delimiter=",", names=True)
    return rows["arrival_s"], rows["done_s"] - rows["arrival_s"]


def responses(file: str, overhead_us: float) -> Floats:
    """Return the simulated response times of *file*, in seconds."""
    replayed = scenario(file, overhead_us)
    trace = simulate(draw(replayed, 1), replayed.servers["server"], timeline=0)
    return (trace.finish_ns - trace.arrival_ns) / 1e9


def fitted_overhead_us(file: str) -> int:
    """Return the overhead with which the mean over the first half is closest to the measured."""
    arrival, response = measured(file)
    half = len(arrival) // 2
    target = response[:half].mean()

    def distance(overhead_us: float) -> float:
        return float(abs(responses(file, overhead_us)[:half].mean() - target))

    found = minimize_scalar(
        distance, bounds=(0, MOST_OVERHEAD_US), method="bounded", options={"xatol": 0.5}
    )
    return round(found.x)


def replay(file: str) -> Replay:
    """Return *file*, fitted to the first half of the arrivals and told of the second."""
    overhead_us = fitted_overhead_us(file)
    arrival, response = measured(file)
    half = len(arrival) // 2
    simulated = responses(file, overhead_us)
    return Replay(file, overhead_us, arrival[half:], response[half:], simulated[half:])


def line(found: Replay) -> str:
    """Return the figures of a replay as a row of a Markdown table."""
    means = [1e3 * times.mean() for times in (found.measured, found.simulated)]
    tails = [1e3 * np.quantile(times, 0.95) for times in (found.measured, found.simulated)]
    return (
        f"| `{found.file}` | {found.overhead_us / 1e3:.3f} ms "
        f"| {means[0]:.1f} ms | {means[1]:.1f} ms | {found.mean_error:+.1%} "
        f"| {tails[0]:.1f} ms | {tails[1]:.1f} ms | {found.p95_error:+.1%} "
        f"| {found.kendall_tau:.4f} |"
    )


def machine() -> str:
    """Return what this is run on."""
    return (
        f"simsched {simsched.__version__}, {platform.python_implementation()} "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores"
    )


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    print(HEADER)
    for file in SERVERS:
        print(line(replay(file)), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
