"""How long a run takes from YAML to summary.json, and how much memory, stage by stage.

The workload is the cooperative feedback one: Poisson arrivals; cpu, io, cpu; exponential. Each size
is a process of its own, on one core, with every column kept and every file written. The peak of a
stage is what the system counted as resident (``VmHWM``, which only Linux can begin anew), less what
was there before the first stage.

    python benchmarks/end_to_end.py
    python benchmarks/end_to_end.py 100000 1000000 --engine compiled
    taskset -c 0 python benchmarks/end_to_end.py 10000000
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

import numpy as np

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
run: {{seed: 1, replications: 1}}
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


def import_all() -> None:
    """Import what any run needs, so that it is no part of what a request takes."""
    import pyarrow.parquet
    import scipy.special

    from simsched.report import html, rundir
    from simsched.statistics import merge_count

    merge_count.merge_count(np.arange(100))
    del html, rundir, pyarrow, scipy


def stages(requests: int, engine: str) -> Meter:
    """Return the measures of one run."""
    import_all()
    from simsched import experiment
    from simsched.engine.conditions import Conditions
    from simsched.experiment.runner import conclude, contenders_of
    from simsched.report import files, html, summary
    from simsched.scenario import dump, loads
    from simsched.statistics.appraisal import appraise
    from simsched.workload import draw

    meter = Meter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with meter.stage("read"):
            scenarios = experiment.prepare([loads(SCENARIO.format(requests=requests))])
            (one,) = contenders_of(scenarios)
        with meter.stage("draw"):
            workload = draw(scenarios[0], 1)
        with meter.stage("engine"):
            conditions = Conditions.of(scenarios[0], one.name)
            trace = engine_of(engine)(workload, one.server, conditions, timeline=200)
        del workload
        traces = {one.label: [trace]}
        with meter.stage("statistics"):
            found = appraise([one], traces)
        result = conclude(scenarios, traces, found, ())
        with meter.stage("parquet"):
            files.write_tables(folder, result)
        with meter.stage("html"):
            page = html.render(result, {"feedback": dump(scenarios[0])})
            (folder / "report.html").write_text(page)
        with meter.stage("summary"):
            (folder / "summary.json").write_text(summary.to_json(result))
            (folder / "summary.csv").write_text(summary.to_csv(result))
    return meter


def engine_of(name: str):
    """Return the engine called *name*."""
    if name == "tandem":
        return tandem
    from simsched.engine import simulate

    return simulate


def tandem(workload, server, conditions, timeline):  # noqa: ARG001
    """Return a trace much like the real one, without an engine: a CPU for each of the two turns."""
    from simsched.engine.trace import Segments, Status, Trace

    n = len(workload)
    first, io, second = workload.duration_ns.reshape(n, 3).T
    arrival = workload.arrival_ns
    begun = lindley(arrival, first)
    queue = begun - arrival
    ready = begun + first + io
    order = np.argsort(ready)
    again = np.empty_like(ready)
    again[order] = lindley(ready[order], second[order])
    nothing = np.empty(0, np.int64)
    no_int = nothing.astype(np.int32)
    finish = again + second
    return Trace(
        classes=workload.classes,
        request=np.arange(1, n + 1),
        class_id=workload.class_id,
        user=np.broadcast_to(np.int32(-1), n),
        attempt=np.broadcast_to(np.int32(1), n),
        worker=np.zeros(n, np.int32),
        arrival_ns=arrival,
        start_ns=begun,
        finish_ns=finish,
        queue_ns=queue,
        cpu_ns=first + second,
        cpu_wait_ns=again - ready,
        io_ns=io.copy(),
        io_wait_ns=np.zeros(n, np.int64),
        status=np.full(n, Status.COMPLETED, np.int8),
        demand_ns=workload.demand_ns(),
        workers=1,
        cores=1,
        end_ns=int(finish.max()),
        segments=Segments(nothing, nothing.astype(np.int8), nothing, nothing, no_int, ()),
    )


def lindley(ready, service):
    """Return when each begins that is *ready* in this order and takes so long."""
    work = np.cumsum(service)
    work -= service
    return np.maximum.accumulate(ready - work) + work


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
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        for size in options.sizes:
            show(size, stages(size, options.engine))
        return
    print(machine())
    for size in options.sizes:
        subprocess.run(  # noqa: S603
            [sys.executable, __file__, str(size), "--engine", options.engine, "--here"], check=True
        )


if __name__ == "__main__":
    main()
