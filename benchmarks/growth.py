"""How does the time of a simulation grow with what is simulated?

One thing at a time is made larger: requests, users, workers, phases, resources, utilisation and
more. Each run is measured in the seconds that the process computed, per request; to each line a
power is fitted by least squares on logarithms. The time per request should not grow, but for the
logarithm of a calendar or a queue, where a request has no more to do; so an exponent near 0 is
right, and near 1 where each request has that much more to do (phases, branches).

    python benchmarks/growth.py --engine compiled --figure docs/growth.svg
    python benchmarks/growth.py --engine simpy --requests 10000 --seconds 20
    python benchmarks/growth.py --only users workers

A line ends before the value that would take more than ``--seconds``.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from math import isnan, nan
from pathlib import Path

import numpy as np
from growth_dimensions import DIMENSIONS, Dimension, Line
from growth_figure import figure
from this_machine import machine, use_one_core

from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.scenario import Scenario, loads
from simsched.statistics.appraisal import appraise
from simsched.statistics.contender import contenders_of
from simsched.workload import draw

ENGINES = {"simpy": "simsched.engine.reference", "compiled": "simsched.engine.compiled"}

SHORT = 10_000
"""Numbers below are written as short as can be."""

SLACK = 0.25
"""How far above what is allowed an exponent may be: so looks a logarithm that begins at 1."""

END_SLACK = 0.4
"""The same between the last two values, where the state no longer fits a cache all of a sudden."""

LONG_S = 5.0
"""What takes longer is measured once, and else three times."""

Simulate = Callable[..., Trace]


@dataclass(frozen=True)
class Found:
    """One line: microseconds per request over what grows."""

    dimension: Dimension
    name: str
    values: tuple[float, ...]
    microseconds: tuple[float, ...]

    @property
    def panel(self) -> str:
        """The panel of the figure that it is in."""
        return self.dimension.name

    @property
    def power(self) -> tuple[float, float]:
        """The exponent of the time per request, and its standard error."""
        return fitted_power(self.values, self.microseconds)

    @property
    def last_power(self) -> float:
        """The exponent between the last two values: what is small at first may grow faster."""
        return fitted_power(self.values[-2:], self.microseconds[-2:])[0]

    @property
    def grows_too_fast(self) -> bool:
        """Whether an exponent is beyond what is allowed, and not by chance or only at first."""
        exponent, error = self.power
        fitted = exponent - 2 * error - self.dimension.allowed
        last = self.last_power - self.dimension.allowed
        return last > END_SLACK or min(fitted, last) > SLACK


def fitted_power(values: tuple[float, ...], times: tuple[float, ...]) -> tuple[float, float]:
    """Return the exponent of a power of *values* fitted to *times*, and its standard error.

    Least squares on logarithms (Draper & Smith, Applied Regression Analysis, 3rd ed., 1998, 1.2 and
    1.4); NaN with fewer points than that takes.
    """
    freedom = len(values) - 2
    if freedom < 0:
        return nan, nan
    x, y = np.log(values), np.log(times)
    spread = float(np.sum((x - x.mean()) ** 2))
    slope = float(np.sum((x - x.mean()) * y)) / spread
    rest = float(np.sum((y - y.mean() - slope * (x - x.mean())) ** 2))
    return slope, float(np.sqrt(rest / freedom / spread)) if freedom else nan


def seconds(run: Callable[[], object]) -> float:
    """Return the seconds that this process computed for *run*: the median of three if few."""

    def once() -> float:
        began = time.process_time()
        run()
        return time.process_time() - began

    gc.collect()
    first = once()
    return first if first > LONG_S else statistics.median([first, once(), once()])


def measured(stage: str, scenario: Scenario, simulate: Simulate) -> float:
    """Return the seconds that one stage of a run takes."""
    if stage == "draw":
        return seconds(lambda: draw(scenario, 1))
    workload, server = draw(scenario, 1), scenario.servers["server"]
    conditions = Conditions.of(scenario, "server")

    def run() -> Trace:
        return simulate(workload, server, conditions, timeline=0)

    if stage == "engine":
        return seconds(run)
    contenders, traces = contenders_of([scenario]), {"server": [run()]}
    return seconds(lambda: appraise(contenders, traces))


def points(
    dimension: Dimension, line: Line, simulate: Simulate, asked: argparse.Namespace
) -> Iterator[tuple[float, float]]:
    """Yield the values, and the microseconds per request, as far as there is time for."""
    each = 0.0
    for value in dimension.values:
        count = int(value) if dimension.requests else asked.requests
        count = max(count, int(dimension.per * value))
        if each * count > asked.seconds:
            return
        # What has to be compiled is compiled by a run of few requests.
        measured(line.stage, loads(line.text(value, min(count, asked.first))), simulate)
        began = time.process_time()
        found = measured(line.stage, loads(line.text(value, count)), simulate)
        each = (time.process_time() - began) / count
        yield value, 1e6 * found / count


def lines(dimension: Dimension, simulate: Simulate, asked: argparse.Namespace) -> Iterator[Found]:
    """Yield what was found for each line of a dimension."""
    for line in dimension.lines:
        found = list(points(dimension, line, simulate, asked))
        if found:
            values, microseconds = zip(*found, strict=True)
            yield Found(dimension, line.name, values, microseconds)


def row(found: Found) -> str:
    """Return a line as a row of a table."""
    exponent, error = ("—" if isnan(each) else f"{each:.2f}" for each in found.power)
    times = dict(zip(found.values, found.microseconds, strict=True))
    cells = [f"{times[value]:.3g}" if value in times else "—" for value in found.dimension.values]
    last = f"{found.last_power:.2f}" + (" **too fast**" if found.grows_too_fast else "")
    return f"| {found.name} | {' | '.join(cells)} | {exponent} ± {error} | {last} |"


def header(dimension: Dimension) -> str:
    """Return the head of a dimension's table."""
    values = [f"{value:,.4g}" if value < SHORT else f"{value:,.0f}" for value in dimension.values]
    rule = " | ".join(["---"] * (len(values) + 3))
    return f"\n| {dimension.name} | {' | '.join(values)} | exponent | at the end |\n| {rule} |"


def options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=ENGINES, default="compiled")
    parser.add_argument("--requests", type=int, default=200_000, help="where they do not grow")
    parser.add_argument("--seconds", type=float, default=30.0, help="the most that a run may take")
    parser.add_argument("--first", type=int, default=200, help="requests of the run that compiles")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of what grows")
    parser.add_argument("--figure", type=Path, help="where to write the figure (SVG)")
    return parser.parse_args()


def main() -> None:
    """Print the tables, and draw the figure."""
    asked = options()
    use_one_core()
    simulate = import_module(ENGINES[asked.engine]).simulate
    print(f"{machine()}\n{asked.engine} engine, microseconds per request by the CPU clock")
    everything = []
    for dimension in DIMENSIONS:
        if asked.only and not any(part in dimension.name for part in asked.only):
            continue
        print(header(dimension), flush=True)
        for found in lines(dimension, simulate, asked):
            print(row(found), flush=True)
            everything.append(found)
    if asked.figure:
        title = f"Microseconds per request as one thing grows, {asked.engine} engine"
        asked.figure.write_text(figure(everything, title), encoding="utf-8")


if __name__ == "__main__":
    main()
