"""What benchmarks say of the machine, and how they tell figures that vary."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import simsched


def machine() -> str:
    """Return what this is run on."""
    return (
        f"simsched {simsched.__version__}, {platform.python_implementation()} "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}"
        f"{processor()}, {os.cpu_count()} cores"
    )


def processor() -> str:
    """Return the name of the processor, where the system tells it."""
    if sys.platform != "linux":
        return ""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((f" {line.split(': ')[1]}" for line in lines if line.startswith("model name")), "")


def use_one_core() -> None:
    """Keep this process, and those it starts, on one core, where that can be done."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Return the median, and the least and the largest."""
    if not values:
        return "—"
    middle, low, high = (
        f"{each:{form}}" for each in (statistics.median(values), min(values), max(values))
    )
    return f"{middle} ({low} to {high})"
