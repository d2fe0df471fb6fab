"""A real Chromium on real reports, with the network blocked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browser_names import HOSTILE

TROUBLED = """
name: troubled
requests:
  page:
    - hold: session
      phases:
        - parallel: [[{io: 5ms, on: pool}], [{io: 5ms, on: pool}], [{cpu: 3ms}]]
        - {io: 20ms, on: session, label: nested}
resources: {session: {capacity: 2}, pool: {capacity: 1}}
workload: {schedule: [{at: 0ms, request: page, times: 4}]}
client: {timeout: 100ms, retries: {max: 1, backoff: {initial: 5ms}}}
events: [{resource: pool, at: 2ms, for: 5ms, slower: 3}]
servers: {framework: {model: cooperative}}
run: {replications: 1}
"""
"""Requests that fork, wait for a session that they have, time out and try again: a deadlock."""

CLASSES = f"""
name: classes
requests: {{page: [{{io: 5ms}}], {"x" * 500}: [{{io: 9ms}}]}}
workload:
  schedule:
    - {{at: 0ms, request: page, times: 30}}
    - {{at: 0ms, request: {"x" * 500}, times: 30}}
servers: {{framework: {{model: cooperative}}}}
"""
"""Classes to pick from, one of a name that is wider than any page."""

ONE_THREAD = """
name: one thread
requests: {page: [{cpu: 1ms}, {io: 30ms, blocking: true, in: thread}, {cpu: 1ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers: {framework: {model: cooperative, thread_pool: 1}}
"""
"""A request that waits for the only thread of a pool."""

_MODELS = [
    *(f"{{model: serial, workers: {n}}}" for n in (1, 2, 3, 4)),
    *(f"{{model: cooperative, workers: {n}}}" for n in (1, 2, 3, 4)),
    *(f"{{model: threaded, threads: {n}}}" for n in (2, 4, 8, 16)),
]
CALLS = """
name: calls
requests:
  page: [{cpu: 5ms}, {call: db, phases: [{cpu: 10ms}], network: 5ms}]
services: {db: {model: serial}}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers: {app: {model: cooperative}}
"""

TWELVE = """
name: twelve servers
requests: {home: [{cpu: 2ms}, {io: 10ms}], search: [{cpu: 4ms}, {io: {exponential: 30ms}}],
  login: [{cpu: 8ms}], image: [{io: 5ms}], checkout: [{cpu: 6ms}, {io: 60ms}], other: [{io: 1ms}]}
workload: {open: {rate: 60/s}, duration: 5s,
  mix: {home: 5, search: 3, login: 1, image: 6, checkout: 4, other: 1}}
slo: {quick: response_time.p95 < 300ms, cool: cpu_utilisation < 70%}
run: {replications: 2, warmup: 1s}
servers:
""" + "".join(f"  a server, number {n}: {each}\n" for n, each in enumerate(_MODELS, start=1))
"""Twelve servers and six classes; the first server cannot keep up."""

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
"""Its names: the first has no windows, and opens a page at half the cost."""

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@dataclass
class Visit:
    """A page that is open, and what went wrong on it."""

    page: Any
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")  # while it runs, nothing else can run an event loop
def chromium() -> Iterator[Any]:
    """Yield a running browser; without one the tests are skipped, except in CI."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        missing = f"Chromium is not installed: apt-get install {CHROMIUM[0]}"
        if "CI" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """Yield a function that opens a page in a fresh context, and closes them all in the end."""
    with _visits(chromium) as go:
        yield go


@pytest.fixture(scope="module")
def look(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """Yield a function that opens a page once, for all tests that change nothing on it."""
    with _visits(chromium) as go:
        yield cache(go)


@contextmanager
def _visits(chromium: Any) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def go(path: Path | str, width: int = 1280, **given: Any) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **given)
        contexts.append(context)
        opened = Visit(context.new_page())
        context.route(_is_outside, lambda route: _refuse(opened, route))
        opened.page.on("pageerror", lambda error: opened.faults.append(f"error: {error}"))
        opened.page.on(
            "console",
            lambda told: (
                opened.faults.append(f"{told.type}: {told.text}")
                if told.type in {"error", "warning"}
                else None
            ),
        )
        opened.page.goto(path if isinstance(path, str) else path.as_uri())
        if opened.page.locator("#figures").count():
            opened.page.locator("html[data-drawn=true]").wait_for(state="attached", timeout=120_000)
        return opened

    yield go
    for context in contexts:
        context.close()


def _is_outside(address: str) -> bool:
    return not address.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))


def _refuse(opened: Visit, route: Any) -> None:
    opened.faults.append(f"asked for {route.request.url}")
    route.abort()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages of real runs: the lecture, a random load, and hostile names."""
    import simsched
    from simsched.report import files
    from simsched.scenario import dump, loads

    root = tmp_path_factory.mktemp("reports")
    lecture = simsched.load(SCENARIOS / "lecture.yaml")
    load = simsched.load(
        SCENARIOS / "flask-vs-quart.yaml", ["run.replications=3", "workload.duration=40s"]
    )
    hostile = lecture.model_copy(
        update={
            "name": HOSTILE,
            "description": HOSTILE,
            "servers": {HOSTILE: lecture.servers["serial"], **lecture.servers},
        }
    )
    troubled = loads(TROUBLED)
    pages = {}
    scenarios = {
        "lecture": lecture,
        "load": load,
        "hostile": hostile,
        "troubled": troubled,
        "classes": loads(CLASSES),
        "one thread": loads(ONE_THREAD),
        "twelve": loads(TWELVE),
        "stuck": simsched.load(SCENARIOS / "deadlock.yaml"),
        "calls": loads(CALLS),
    }
    for name, scenario in scenarios.items():
        result = simsched.run(scenario)
        folder = files.write_run(result, root, {name: dump(result.scenarios[0])})
        pages[name] = folder / "report.html"
    return pages
