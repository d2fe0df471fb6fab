"""Measure real servers, for ``real_servers.py`` to replay.

Each case starts a real server on one core, loads it from another core with Poisson arrivals, and
writes a row for each request: what it was made of, when it was to be sent, when it was sent, and
when its answer was there. Intended arrivals are the clock, and each request has a connection of its
own, so that a slow server delays nobody's sending (no coordinated omission).

    python -m venv /tmp/measure
    /tmp/measure/bin/pip install -r benchmarks/measure-requirements.txt
    sudo /tmp/measure/bin/python benchmarks/measure_servers.py --into runs [CASE ...]

Linux only, with two cores. For root, the load has real-time priority, and so has a server that is a
single thread: other programs then hardly disturb them. Servers of several threads or processes stay
with the ordinary scheduler, whose slices are part of what is measured, in a scheduling group of the
greatest weight.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from measured_cases import CASES, Case, Row, requests

PORT = 8765
SERVER_CORE, LOAD_CORE = 0, 1
SPIN_S = 0.0015
"""The last part of the wait for an arrival is spent looking at the clock: timers of the loop are up
to a millisecond late."""
WARM_UPS = 40


class Exchange(asyncio.Protocol):
    """One request and its answer, on a connection of its own."""

    def __init__(self, target: str) -> None:
        self.request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        self.received = b""
        self.answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        transport.write(self.request.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Note when the answer's last byte is there."""
        self.received += data
        if self.received.endswith(b"done") and not self.answered.done():
            self.answered.set_result(time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Note when there will be no more of an answer that is not as expected."""
        if not self.answered.done():
            self.answered.set_result(time.perf_counter())

    @property
    def status(self) -> int:
        """The answer's HTTP status, or 0 where there was none."""
        head = self.received.split(b" ", 2)
        return int(head[1]) if len(head) > 1 else 0


async def exchange(row: Row, case: Case, epoch: float) -> Row:
    """Send a request; return its row with the times at which it was sent and answered."""
    kind = case.kinds[str(row["class"])]
    query = urlencode({name: row[name] for name in kind.means})
    sent = time.perf_counter()
    _, protocol = await asyncio.get_running_loop().create_connection(
        lambda: Exchange(f"/{kind.route}?{query}"), "127.0.0.1", PORT
    )
    done = await protocol.answered
    times: Row = {"sent_s": round(sent - epoch, 6), "done_s": round(done - epoch, 6)}
    return row | times | {"status": protocol.status}


async def load(rows: list[Row], case: Case) -> list[Row]:
    """Send each request when it is to arrive, whatever became of the others."""
    epoch = time.perf_counter() + 0.1
    pending = []
    for row in rows:
        due = epoch + float(row["arrival_s"])
        await asyncio.sleep(max(0, due - SPIN_S - time.perf_counter()))
        while time.perf_counter() < due:
            await asyncio.sleep(0)
        pending.append(asyncio.create_task(exchange(row, case, epoch)))
    return await asyncio.gather(*pending)


async def warm_up(rows: list[Row], case: Case) -> None:
    """Send the first requests one after another, before they count."""
    for row in rows[:WARM_UPS]:
        await exchange(row, case, 0)


@contextmanager
def served(case: Case) -> Iterator[int]:
    """Run the server of *case*; yield its process."""
    command = [*case.command.split(), "-b", f"127.0.0.1:{PORT}"]
    prefix = ["taskset", "-c", str(SERVER_CORE)]
    if case.alone and os.geteuid() == 0:
        prefix += ["chrt", "-f", "10"]
    scripts = Path(sys.executable).parent
    server = subprocess.Popen(  # noqa: S603 - a command of this file
        [*prefix, str(scripts / command[0]), *command[1:]],
        cwd=Path(__file__).parent,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if os.geteuid() == 0:
            Path(f"/proc/{server.pid}/autogroup").write_text("-20")
        wait_for_port()
        yield server.pid
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def wait_for_port() -> None:
    """Wait until somebody listens, for at most 20 seconds."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                time.sleep(1.0)  # the other workers start, too
                return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {PORT}")


def cpu_seconds(session: int) -> float:
    """Return the CPU time that the processes of a *session* have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def core_seconds() -> float:
    """Return for how long the server's core has been busy."""
    line = Path("/proc/stat").read_text().splitlines()[1 + SERVER_CORE].split()
    return (sum(map(int, line[1:9])) - int(line[4]) - int(line[5])) / os.sysconf("SC_CLK_TCK")


def measure(case: Case, duration: float, seed: int) -> tuple[list[Row], str]:
    """Run *case*; return its rows, and a line on how it went."""
    rows = requests(case, duration, seed)
    with served(case) as session:
        asyncio.run(warm_up(rows, case))
        before = cpu_seconds(session), core_seconds()
        measured = asyncio.run(load(rows, case))
        cpu, busy = cpu_seconds(session) - before[0], core_seconds() - before[1]
    lag = np.array([float(row["sent_s"]) - float(row["arrival_s"]) for row in measured])
    response = np.array([float(row["done_s"]) - float(row["arrival_s"]) for row in measured])
    span = float(measured[-1]["arrival_s"])
    return measured, (
        f"{len(rows)} requests, mean {1e3 * response.mean():.1f} ms, "
        f"p95 {1e3 * np.quantile(response, 0.95):.1f} ms; CPU {cpu / span:.1%}, "
        f"others on its core {(busy - cpu) / span:.1%}; sent late by {1e6 * lag.mean():.0f} us, "
        f"at most {1e3 * lag.max():.1f} ms"
    )


def write(rows: list[Row], path: Path) -> None:
    """Write *rows* to a CSV file."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["i", *rows[0]], lineterminator="\n")
        writer.writeheader()
        for i, row in enumerate(rows):
            texts = {k: f"{v:.6f}" if isinstance(v, float) else v for k, v in row.items()}
            writer.writerow({"i": i} | texts)


def main() -> None:
    """Measure the cases that are named, or all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--into", type=Path, default=Path("runs"))
    parser.add_argument("--duration", type=float, default=40, help="seconds of arrivals")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, {LOAD_CORE})
    for name in options.cases or CASES:
        if os.geteuid() == 0:
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(10))
        rows, how = measure(CASES[name], options.duration, options.seed)
        write(rows, options.into / f"{name}.csv")
        print(f"{name}: {how}", flush=True)
        time.sleep(2)


if __name__ == "__main__":
    main()
