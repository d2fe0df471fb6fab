"""What a killed command leaves in the temporary directory: nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from killed_sweeps import ENDLESS, alive, started, workers, write

BEST = ("best", "--metric", "response_time.mean", "--indifference", "0.01%")
"""A comparison that takes long enough for processes to be started."""


@pytest.mark.parametrize("command", [("sweep",), BEST], ids=["sweep", "best"])
@pytest.mark.parametrize("kill", [os.kill, os.killpg], ids=["alone", "with its group"])
def test_a_killed_command_leaves_no_temporary_files(
    tmp_path: Path, command: tuple[str, ...], kill: Callable[[int, int], None]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    file = write(tmp_path, ENDLESS)
    name, *options = command
    process = started(
        name, file, "--out", tmp_path / "reports", "--jobs", "2", *options, TMPDIR=f"{temporary}"
    )
    while not _are_working(process.pid) and process.poll() is None:
        time.sleep(0.1)  # looking takes a while
    children = workers(process.pid)
    kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    while any(map(alive, children)):
        time.sleep(0.01)
    assert list(temporary.iterdir()) == []


def _are_working(parent: int) -> bool:
    """Say whether processes below *parent* have started to simulate."""
    return any(_cpu_ticks(child) > 100 for child in workers(parent))


def _cpu_ticks(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])
