"""How long a run takes from YAML to summary.json, and how much memory, stage by stage.

The workload is the cooperative feedback one: Poisson arrivals; cpu, io, cpu; exponential. Each size
is a process of its own, with every column kept and every file written; what is imported and
compiled once is left out. The peak of a stage is what the system counted as resident (``VmHWM``,
which only Linux can begin anew), less what was there before the first stage.

    python benchmarks/end_to_end.py
    taskset -c 0 python benchmarks/end_to_end.py 10000000 --engine compiled
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simsched.scenario import Scenario

SIZES = (100_000, 1_000_000, 10_000_000)

SCENARIO = """
name: feedback
requests:
  page:
    - {{cpu: {{exponential: 4ms}}}}
    - {{io: {{exponential: 50ms}}}}
    - {{cpu: {{exponential: 4ms}}}}
workload: {{open: {{rate: 80/s}}, requests: {requests}}}
servers:
  cooperative: {{model: cooperative}}
run: {{seed: 1, replications: 1, engine: {engine}}}
"""


@dataclass
class Meter:
    """Measures one stage after the other."""

    base: int = field(default_factory=lambda: resident("VmRSS"))
    stages: list[tuple[str, float, float, int]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        forget_peak()
        began, worked = time.perf_counter(), time.process_time()
        yield
        took, computed = time.perf_counter() - began, time.process_time() - worked
        self.stages.append((name, took, computed, resident("VmHWM") - self.base))


def resident(what: str) -> int:
    """Return the bytes that the system tells of this process: ``VmRSS`` now, ``VmHWM`` at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{what}:"))


def forget_peak() -> None:
    """Have the peak begin anew (proc(5), ``clear_refs``)."""
    Path("/proc/self/clear_refs").write_text("5")


def import_all(engine: str) -> None:
    """Import what any run needs, so that it is no part of what a request takes."""
    import pyarrow.parquet
    import scipy.special

    from simsched import experiment
    from simsched.report import files, html
    from simsched.statistics import completion_order

    completion_order.merge_count(np.arange(100))
    experiment.run(experiment.prepare([scenario(500, engine)]))  # loads what is compiled
    del html, files, pyarrow, scipy


def stages(requests: int, engine: str) -> Meter:
    """Return the measures of one run."""
    import_all(engine)
    from simsched import experiment
    from simsched.engine import simulate
    from simsched.engine.conditions import Conditions
    from simsched.experiment.result import Result, made_with
    from simsched.report import files, html, summary
    from simsched.scenario import dump
    from simsched.statistics.appraisal import appraise
    from simsched.statistics.contender import contenders_of
    from simsched.workload import draw

    meter = Meter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with meter.stage("read"):
            scenarios = experiment.prepare([scenario(requests, engine)])
            (one,) = contenders_of(scenarios)
        with meter.stage("draw"):
            workload = draw(scenarios[0], 1)
        with meter.stage("engine"):
            conditions = Conditions.of(scenarios[0], one.name)
            trace = simulate(workload, one.server, conditions, timeline=200, engine=engine)
        del workload
        traces = {one.label: [trace]}
        with meter.stage("statistics"):
            found = appraise([one], traces)
        result = Result.of(scenarios, traces, found, (), made_with([trace.engine]))
        with meter.stage("parquet"):
            files.write_tables(folder, result)
        with meter.stage("html"):
            page = html.render(result, {"feedback": dump(scenarios[0])})
            (folder / "report.html").write_text(page)
        with meter.stage("summary"):
            (folder / "summary.json").write_text(summary.to_json(result))
            (folder / "summary.csv").write_text(summary.to_csv(result))
    return meter


def scenario(requests: int, engine: str) -> Scenario:
    """Return the scenario of so many requests."""
    from simsched.scenario import loads

    return loads(SCENARIO.format(requests=requests, engine=engine))


def machine() -> str:
    """Return what the figures were measured on."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(x.partition(":")[2].strip() for x in info.splitlines() if x.startswith("model n"))
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def show(requests: int, meter: Meter) -> None:
    """Print the table of one size."""
    print(f"\n{requests:,} requests\n")
    print("| stage | s | CPU s | CPU ns/request | peak MB | peak bytes/request |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    _, took, computed, peaks = zip(*meter.stages, strict=True)
    for name, s, cpu, peak in (*meter.stages, ("whole", sum(took), sum(computed), max(peaks))):
        each = f"{cpu / requests * 1e9:.0f} | {peak / 1e6:.1f} | {peak / requests:.0f}"
        print(f"| {name} | {s:.3f} | {cpu:.3f} | {each} |")
    each = f"{requests / sum(took):,.0f} requests a second"
    print(f"\n{each}; {requests / sum(computed):,.0f} per second of CPU time", flush=True)


def main() -> None:
    """Measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--engine", default="compiled", choices=["simpy", "compiled"])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        for size in options.sizes:
            show(size, stages(size, options.engine))
        return
    print(machine())
    others = ["--engine", options.engine, "--here"]
    for size in options.sizes:
        subprocess.run([sys.executable, __file__, str(size), *others], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
