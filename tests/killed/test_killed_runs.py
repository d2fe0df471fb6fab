"""Runs that are killed at any moment and continued: the same bytes."""

from __future__ import annotations

import random
import re
import signal
import time
from pathlib import Path

import pytest
from killed_sweeps import LONG, alive, kill, started, workers

SCENARIO = LONG.partition("sweep:")[0].replace("requests: 1000", "requests: 2000")
"""Ten replications, each of half a second."""


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("run") / "run.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def begin(file: Path, out: Path, jobs: int):
    return started(
        *("run", file, "--out", out, "--jobs", f"{jobs}", "--format", "json"), keeping=True
    )


def finish(file: Path, out: Path, jobs: int) -> tuple[dict[str, bytes], str, str]:
    """Run to the end; return the files, and what was printed."""
    process = begin(file, out, jobs)
    printed, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    (folder,) = out.glob("killed/2*")
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.stem != "timing"}
    found["report.html"] = re.sub(rb"It took [^<]*?\.", b"", found["report.html"])
    return found, printed, told


def batches(out: Path) -> list[Path]:
    return list(out.glob(".simsched-store/*/*.run/*.replications"))


def wait_for_a_batch(out: Path, before: int, process) -> None:
    while len(batches(out)) <= before and process.poll() is None:
        time.sleep(0.005)


@pytest.fixture(scope="module")
def whole(file, tmp_path_factory) -> tuple[dict[str, bytes], str]:
    found, printed, told = finish(file, tmp_path_factory.mktemp("whole"), 2)
    assert "continuing" not in told
    return found, printed


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_killed_continues_from_its_finished_replications(file, whole, tmp_path, jobs):
    chance = random.Random(4)  # noqa: S311  moments, not secrets
    for _ in range(2):
        before = len(batches(tmp_path))
        process = begin(file, tmp_path, jobs)
        wait_for_a_batch(tmp_path, before, process)
        time.sleep(chance.random() * 0.1)
        children = workers(process.pid)
        kill(process.pid)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert not list(tmp_path.glob("killed/*"))
        while any(map(alive, children)):
            time.sleep(0.01)
    found, printed, told = finish(file, tmp_path, jobs)
    assert (found, printed) == whole
    assert re.search(r"^continuing an interrupted run: \d+ replications? of it stored", told)
    assert batches(tmp_path) == []


def test_a_run_that_is_terminated_says_how_to_continue(file, whole, tmp_path):
    process = begin(file, tmp_path, 2)
    wait_for_a_batch(tmp_path, 0, process)
    process.terminate()
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    last = told.splitlines()[-1]
    assert re.fullmatch(
        r"simsched: interrupted; \d+ replications? stored: run the same command to continue", last
    )
    found, printed, _ = finish(file, tmp_path, 1)
    assert (found, printed) == whole
