"""Sweeps in processes of their own, which the tests of this folder kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simsched import cli

SWEEP = """
name: killed
requests:
  page: [{cpu: {exponential: 2ms}}, {io: {exponential: 9ms}}, {cpu: 1ms}]
workload:
  open: {rate: 50/s}
  requests: 150
servers:
  serial: {model: serial}
  cooperative: {model: cooperative}
run: {replications: 4}
sweep:
  matrix:
    workload.open.rate: {from: 20/s, to: 200/s, steps: 4}
    servers.serial.workers: [1, 2, 3]
"""
"""Twelve points, each of a few tenths of a second."""

LONG = """
name: killed
requests:
  page: [{cpu: {exponential: 2ms}}, {io: {exponential: 9ms}}, {cpu: 1ms}]
workload:
  open: {rate: 50/s}
  requests: 1000
servers:
  serial: {model: serial}
  cooperative: {model: cooperative}
run: {replications: 10, engine: simpy}
sweep:
  matrix:
    servers.serial.workers: [1, 2]
"""
"""Two points, whose replications are simulated side by side, each for a fraction of a second."""

ENDLESS = LONG.replace("requests: 1000", "requests: 20000")
"""The same, for more seconds than it is let run."""

KEEPING = (
    "import sys; from simsched.__main__ import main; from simsched.experiment import checkpoint\n"
    "checkpoint.EVERY_S = 0; sys.argv[0] = 'simsched'; main()"
)
"""The command line, which here stores each replication at once and not every two seconds."""

TABLES = ("sweep.parquet", "sweep.csv", "sweep.yaml", "scenario.yaml", "summary.json")


def write(folder: Path, sweep: str = SWEEP) -> Path:
    """Write the *sweep*, and return its file."""
    file = folder / "killed.yaml"
    file.write_text(sweep, encoding="utf-8")
    return file


def start(file: Path, out: Path, *options: str, keeping: bool = False) -> subprocess.Popen[str]:
    """Begin to sweep *file* in a process, whose children are in a group with it."""
    return started(*_sweeping(file, out), *options, keeping=keeping)


def _sweeping(file: Path, out: Path) -> list[str]:
    return ["sweep", str(file), "--out", str(out), "--plotlyjs", "directory"]


def started(
    *arguments: str | Path, keeping: bool = False, **environment: str
) -> subprocess.Popen[str]:
    """Start simsched in a process, whose children are in a group with it."""
    plain = [Path(sys.executable).parent / "simsched"]
    return subprocess.Popen(
        [*([sys.executable, "-c", KEEPING] if keeping else plain), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )


def finish(file: Path, out: Path, *options: str) -> Path:
    """Sweep *file* to its end, and return the folder of the sweep."""
    process = start(file, out, *options)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return sorted(out.glob("killed/2*"))[-1]


def finish_here(file: Path, out: Path) -> Path:
    """Sweep *file* to its end in this process, which has imported all that others have to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["simsched", *_sweeping(file, out), "--jobs", "1"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert not ended.value.code
    return sorted(out.glob("killed/2*"))[-1]


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of the files in a sweep's folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def kept(out: Path, what: str = "json") -> int:
    """Return how many points the store has, or of *what* else there are files."""
    return len(list((out / ".simsched-store").glob(f"??/**/*.{what}")))


def wait_until_kept(
    out: Path, wanted: int, process: subprocess.Popen[str], what: str = "json"
) -> None:
    """Wait until the store has as many files as are *wanted*, or *process* is at its end."""
    while kept(out, what) < wanted and process.poll() is None:
        time.sleep(0.005)


def workers(parent: int) -> list[int]:
    """Return the processes below *parent* that simulate: those with no child of their own."""
    below = _below(parent)
    return [child for child in below if not _below(child)]


def _below(parent: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            child = int(stat.parent.name)
            found += [child, *_below(child)]
    return found


def kill(process: int) -> bool:
    """Kill *process* with a signal that it cannot handle; return whether it was there."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def alive(process: int) -> bool:
    """Say whether *process* is there, and is not only waiting to be buried."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}
