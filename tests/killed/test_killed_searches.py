"""Searches that are killed at any moment and gone on with: the same answer."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from killed_sweeps import SWEEP, kill

LIMIT = "response_time.mean < 40ms"


def begin(out: Path, *arguments: object) -> subprocess.Popen[str]:
    command = Path(sys.executable).parent / "simsched"
    return subprocess.Popen(
        [command, *map(str, arguments), "--out", out, "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kept(out: Path) -> int:
    """Return how many findings there are."""
    return len(list(out.glob(".simsched-store/*/*.search/*.json")))


@pytest.fixture(scope="module", params=["capacity", "best"])
def searched(request, tmp_path_factory) -> tuple[tuple[object, ...], str]:
    """Return what a search is called with, and what it prints if it is left alone."""
    folder = tmp_path_factory.mktemp("search")
    file = folder / "searched.yaml"
    scenario, _, _ = SWEEP.partition("sweep:")
    is_capacity = request.param == "capacity"
    file.write_text(scenario if is_capacity else SWEEP, encoding="utf-8")
    limits = ("--slo", LIMIT, "--relative", "5%") if is_capacity else ()
    arguments = (request.param, file, *limits)
    whole, _ = begin(folder / "whole", *arguments, "--jobs", "2").communicate(timeout=300)
    assert whole.startswith("{")
    return arguments, whole


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_search_that_is_killed_continues(tmp_path, searched, jobs):
    arguments, whole = searched
    chance = random.Random(3)  # noqa: S311  moments, not secrets
    killed, before = 0, 0
    while killed < 3:
        process = begin(tmp_path / "killed", *arguments, "--jobs", jobs)
        while kept(tmp_path / "killed") <= before and process.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.1)
        before = kept(tmp_path / "killed")
        kill(process.pid)
        _, said = process.communicate(timeout=60)
        if process.returncode != -signal.SIGKILL:
            break  # it was sooner at its end
        killed += 1
    assert killed > 0
    found, said = begin(tmp_path / "killed", *arguments, "--jobs", jobs).communicate(timeout=300)
    assert found == whole
    assert killed < 3 or "continuing an interrupted search" in said
    assert kept(tmp_path / "killed") == 0
