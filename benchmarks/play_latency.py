"""How long does it take from the release of a slider to the new picture?

`simsched play` is opened in Chromium. A slider is moved and released again and again, to a value
that it did not have just before; the clock runs in the page, from the release until the frame after
the answer is drawn. Everything is within it: the request, the simulation in full beside the
unchanged scenario, the texts, the table and the figures in sight.

    python benchmarks/play_latency.py
    python benchmarks/play_latency.py --times 100 --only lecture

Other work on the machine shows in the figures; so its load is printed, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from this_machine import machine

SCENARIOS = Path(__file__).parents[1] / "scenarios"

CASES = {
    "lecture": ("workload.schedule[1].at", 150.0),
    "flask-vs-quart": ("requests.page[3].io.exponential", 1000.0),
}
"""The slider that is moved in each scenario, and the p95 in milliseconds that is aimed at."""

_FIRST = 5
"""So many first releases are not counted: modules are imported, and engines loaded."""

_RELEASE = """
async ([path, step]) => {
  const slider = document.querySelector(`[data-path="${path}"] input[type=range]`);
  const main = document.querySelector("main");
  const middle = Math.floor(Number(slider.max) / 2);
  slider.value = String(middle + 1 + (step % 5));
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const began = performance.now();
  slider.dispatchEvent(new Event("change", { bubbles: true }));
  while (main.getAttribute("aria-busy") === "true") await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}
"""


@contextmanager
def played(scenario: Path) -> Iterator[str]:
    """Yield the address at which *scenario* is played."""
    command = [sys.executable, "-m", "simsched", "play", str(scenario), "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603  # this program
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        try:
            yield next(word for word in process.stdout.readline().split() if "http:" in word)
        finally:
            process.terminate()


def released(address: str, path: str, times: int) -> list[float]:
    """Return the milliseconds of each release of the slider at *path*."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.locator("html[data-drawn=true]").wait_for(state="attached", timeout=120_000)
        found = [page.evaluate(_RELEASE, [path, step]) for step in range(_FIRST + times)]
        browser.close()
    return found[_FIRST:]


def main() -> None:
    """Print the latency of each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--only", choices=CASES, nargs="+", default=[*CASES])
    asked = parser.parse_args()
    print(machine())
    print("scenario          p50      p95      aim   load")
    for name in asked.only:
        path, aim = CASES[name]
        with played(SCENARIOS / f"{name}.yaml") as address:
            found = released(address, path, asked.times)
        p95 = statistics.quantiles(found, n=20)[-1]
        middle = statistics.median(found)
        print(
            f"{name:14s} {middle:5.0f} ms {p95:5.0f} ms {aim:5.0f} ms   {os.getloadavg()[0]:.1f}"
            f"{'' if p95 <= aim else '   missed'}"
        )


if __name__ == "__main__":
    main()
