"""How large the page of a very long run is, and how long it takes to build and to draw.

Run it: python benchmarks/report_size.py [REQUESTS]
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from simsched.engine.trace import Segments, Status, Trace, Visits
from simsched.experiment.result import Result
from simsched.report import html
from simsched.report.html import templates
from simsched.scenario import loads
from simsched.statistics import compare, summarize
from simsched.workload.steps import Resource

MB = 1e6
STORED = 200
SCENARIO = """
name: long
requests: {page: [{cpu: {exponential: 4ms}}, {io: {exponential: 4ms}}]}
workload: {open: {rate: 100/s}, requests: 1000}
servers: {serial: {model: serial}, quick: {model: serial}}
run: {seed: 1, replications: 1}
"""


def trace(count: int, mean_ms: float, seed: int) -> Trace:
    """Return a trace of *count* requests of an M/M/1 queue, by Lindley's recursion.

    Each uses a resource for the second half of its service.
    """
    chance = np.random.default_rng(seed)
    arrival = np.cumsum(chance.exponential(10e6, count)).astype(np.int64)
    service = chance.exponential(mean_ms * 1e6, count).astype(np.int64) + 1
    work = np.cumsum(service)
    finish = work + np.maximum.accumulate(arrival - (work - service))
    queue, cpu = finish - arrival - service, service // 2
    zeros, none = np.zeros(count, np.int64), np.full(count, -1, np.int32)
    first = slice(0, STORED)
    return Trace(
        classes=("page",),
        request=np.arange(1, count + 1),
        class_id=np.zeros(count, np.int32),
        user=none,
        attempt=np.ones(count, np.int32),
        worker=np.zeros(count, np.int32),
        arrival_ns=arrival,
        start_ns=arrival + queue,
        finish_ns=finish,
        queue_ns=queue,
        cpu_ns=cpu,
        cpu_wait_ns=zeros,
        io_ns=service - cpu,
        io_wait_ns=zeros,
        status=np.full(count, Status.COMPLETED, np.int8),
        demand_ns=service,
        workers=1,
        cores=1,
        end_ns=int(finish[-1]),
        segments=Segments(
            request=np.arange(1, STORED + 1),
            activity=np.ones(STORED, np.int8),
            start_ns=(arrival + queue)[first],
            finish_ns=finish[first],
            worker=np.zeros(STORED, np.int32),
            label=("",) * STORED,
            service=("",) * STORED,
        ),
        resources=(Resource("database", 2),),
        visits=Visits(
            resource=np.zeros(count, np.int32),
            row=np.arange(count),
            asked_ns=finish - (service - cpu),
            granted_ns=finish - (service - cpu),
            released_ns=finish,
        ),
    )


def result(count: int) -> Result:
    """Return two servers that share *count* requests between them."""
    traces = {"serial": (trace(count // 2, 9, 1),), "quick": (trace(count // 2, 4, 2),)}
    servers = {name: summarize(name, runs) for name, runs in traces.items()}
    return Result(
        name="long",
        scenarios=(loads(SCENARIO),),
        confidence=0.95,
        servers=servers,
        comparisons=compare(servers["serial"], [servers["quick"]]),
        traces=traces,
        warnings=(),
    )


def drawn_s(page: str) -> float | None:
    """Return the seconds that Chromium takes to load and draw *page*; None without Chromium."""
    path = shutil.which("chromium")
    if path is None:
        return None
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        tab = browser.new_page()
        began = time.perf_counter()
        tab.goto(file.as_uri())
        tab.locator("html[data-drawn=true]").wait_for(state="attached")
        took = time.perf_counter() - began
        browser.close()
    return took


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    found = result(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    page = html.render(found, {"long": SCENARIO})
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size, library = len(page.encode()), len(templates.source().encode())
    drawn = drawn_s(page)
    print(f"requests                    {count:>12,}")
    print(f"page                        {size / MB:>12.2f} MB (bound 5)")
    print(f"  beyond plotly.js          {(size - library) / MB:>12.2f} MB (bound 3)")
    print(f"built in                    {took:>12.2f} s (bound 5)")
    print(f"peak memory, run and page   {after:>12.0f} MB, before the page {before:.0f} MB")
    print(
        "drawn in Chromium           " + ("no Chromium" if drawn is None else f"{drawn:>12.2f} s")
    )


if __name__ == "__main__":
    main()
