"""Does simsched tell what real servers did?

Each file of ``tests/data/measured`` is a run of a real server. Its arrivals and durations are
replayed, row by row, through a scenario. One number is fitted for each file: the server's overhead
per request, such that the mean response time over the first half of the arrivals is the measured
one. Everything else is prediction, and is held against the second half.

    python benchmarks/real_servers.py [FILE ...] [--data RUNS] [--again RUNS]

``measure_servers.py`` measures such runs. With ``--again`` a second run of the same requests is
held against the first, in the same figures: the noise, below which an error tells nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from this_machine import machine

from simsched.engine import simulate
from simsched.scenario import Scenario, loads
from simsched.statistics.completion_order import completion_order, kendall_tau
from simsched.workload import draw

DATA = Path(__file__).parents[1] / "tests" / "data" / "measured"

PLAIN = "[{cpu: {column: cpu1_s}}, {io: {column: io_s}}, {cpu: {column: cpu2_s}}]"
BLOCKING = PLAIN.replace("{column: io_s}", "{column: io_s}, blocking: true")
POOLED = PLAIN.replace("{io: {column: io_s}}", "{hold: pool, phases: [{io: {column: io_s}}]}")
GATHERED = (
    "[{cpu: {column: cpu1_s}}, "
    "{parallel: [[{io: {column: io1_s}}], [{io: {column: io2_s}}], [{io: {column: io3_s}}]]}, "
    "{cpu: {column: cpu2_s}}]"
)
MIXED = f"{{page: {PLAIN}, report: {PLAIN}}}"


@dataclass(frozen=True)
class Run:
    """How a scenario writes a measured server, what its requests do, and its resources."""

    server: str
    requests: str = f"{{recorded: {PLAIN}}}"
    resources: str = "{}"


ONE_LOOP = "{model: cooperative}"
ONE_WORKER = "{model: serial}"
FOUR_WORKERS = "{model: serial, workers: 4, cores: 1}"

RUNS = MappingProxyType(
    {
        "quart_r40": Run(ONE_LOOP),
        "flask1_r8": Run(ONE_WORKER),
        "flask4_r40": Run(FOUR_WORKERS),
        "flask1_r24": Run(ONE_WORKER),
        "flask1_r36": Run(ONE_WORKER),
        "flask4_r85": Run(FOUR_WORKERS),
        "flask4_mixed_r70": Run(FOUR_WORKERS, MIXED),
        "flask4_mixed_r90": Run(FOUR_WORKERS, MIXED),
        "gthread8_r35": Run("{model: threaded, threads: 8}"),
        "gthread8_r80": Run("{model: threaded, threads: 8}"),
        "gthread4_r50": Run("{model: threaded, threads: 4}"),
        "gthread8_mixed_r70": Run("{model: threaded, threads: 8}", MIXED),
        "gthread8_mixed_r90": Run("{model: threaded, threads: 8}", MIXED),
        "quart_r45": Run(ONE_LOOP),
        "quart_r80": Run(ONE_LOOP),
        "quart_mixed_r90": Run(ONE_LOOP, MIXED),
        "quart_pool_r80": Run(ONE_LOOP, f"{{recorded: {POOLED}}}", "{pool: {capacity: 5}}"),
        "quart_gather_r50": Run(ONE_LOOP, f"{{recorded: {GATHERED}}}"),
        "quart_blocking_r50": Run(ONE_LOOP, f"{{modern: {PLAIN}, legacy: {BLOCKING}}}"),
        "quart2_r80": Run("{model: cooperative, workers: 2, cores: 1, dispatch: shared}"),
    }
)
"""The run of each file. Loops that share a listening socket take from one accept queue."""

MORE_TURNS = Run(
    "{model: threaded, threads: 8}",
    MIXED.replace(
        "[{cpu: {column: cpu1_s}}", "[{cpu: 100us}, {io: 0s}, {cpu: {column: cpu1_s}}"
    ).replace("{cpu: {column: cpu2_s}}]", "{cpu: {column: cpu2_s}}, {io: 0s}, {cpu: 50us}]"),
)
"""What gunicorn's threads do besides the handler: the main thread accepts a request and gives it to
another, and an answer is sent in two parts. Each lets the lock go, and wants it again."""

MOST_OVERHEAD_US = 6000
"""The largest overhead per request that is tried."""

SCENARIO = """
name: {file}
requests: {run.requests}
workload: {{trace: {{file: {file}.csv, arrival: arrival_s{classes}}}}}
resources: {run.resources}
servers: {{server: {run.server}}}
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

    ``overhead_us`` is what was fitted, if anything was.
    """

    file: str
    overhead_us: int | None
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


def scenario(file: str, run: Run, overhead_us: int = 0, data: Path = DATA) -> Scenario:
    """Return the scenario that replays *file*, with so many microseconds before each request."""
    override = f"servers.server.overhead={{request: {overhead_us}us}}"
    classes = "" if "recorded" in run.requests else ", request: class"
    text = SCENARIO.format(file=file, run=run, classes=classes)
    return loads(text, f"{file}.yaml", (override,), data)


def measured(file: str, data: Path = DATA) -> tuple[Floats, Floats]:
    """Return the arrivals and the response times of *file*, in seconds."""
    rows = np.genfromtxt(data / f"{file}.csv", delimiter=",", names=True)
    return rows["arrival_s"], rows["done_s"] - rows["arrival_s"]


def responses(file: str, run: Run, overhead_us: int, data: Path = DATA) -> Floats:
    """Return the simulated response times of *file*, in seconds."""
    replayed = scenario(file, run, overhead_us, data)
    trace = simulate(draw(replayed, 1), replayed.servers["server"], timeline=0)
    return (trace.finish_ns - trace.arrival_ns) / 1e9


def fitted_overhead_us(file: str, run: Run, data: Path = DATA) -> int:
    """Return the overhead with which the mean over the first half is the measured one.

    Or the end of what is tried that is closer to it.
    """
    arrival, response = measured(file, data)
    half = len(arrival) // 2
    target = response[:half].mean()

    def excess(overhead_us: float) -> float:
        return float(responses(file, run, round(overhead_us), data)[:half].mean() - target)

    if excess(0) >= 0:
        return 0
    if excess(MOST_OVERHEAD_US) <= 0:
        return MOST_OVERHEAD_US
    return round(brentq(excess, 0, MOST_OVERHEAD_US, xtol=2))


def replay(file: str, run: Run | None = None, data: Path = DATA) -> Replay:
    """Return *file*, fitted to the first half of the arrivals and told of the second."""
    run = run or RUNS[file]
    overhead_us = fitted_overhead_us(file, run, data)
    arrival, response = measured(file, data)
    half = len(arrival) // 2
    simulated = responses(file, run, overhead_us, data)
    return Replay(file, overhead_us, arrival[half:], response[half:], simulated[half:])


def repeated(file: str, data: Path, again: Path) -> Replay:
    """Return *file* with a second run of the same requests in the place of the simulation."""
    (arrival, first), (same, second) = measured(file, data), measured(file, again)
    if not np.array_equal(arrival, same):
        raise SystemExit(f"{again / file}.csv is not of the same requests as in {data}")
    half = len(arrival) // 2
    return Replay(file, None, arrival[half:], first[half:], second[half:])


def line(found: Replay) -> str:
    """Return the figures of a replay as a row of a Markdown table."""
    overhead = "" if found.overhead_us is None else f"{found.overhead_us / 1e3:.3f} ms"
    means = [1e3 * times.mean() for times in (found.measured, found.simulated)]
    tails = [1e3 * np.quantile(times, 0.95) for times in (found.measured, found.simulated)]
    return (
        f"| `{found.file}` | {overhead} "
        f"| {means[0]:.1f} ms | {means[1]:.1f} ms | {found.mean_error:+.1%} "
        f"| {tails[0]:.1f} ms | {tails[1]:.1f} ms | {found.p95_error:+.1%} "
        f"| {found.kendall_tau:.4f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="one of: " + ", ".join(RUNS))
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the runs")
    parser.add_argument("--again", type=Path, help="a folder of second runs")
    options = parser.parse_args()
    print(HEADER)
    for file in options.files or [name for name in RUNS if (options.data / f"{name}.csv").exists()]:
        if options.again:
            print(line(repeated(file, options.data, options.again)), flush=True)
        else:
            print(line(replay(file, data=options.data)), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
