"""What benchmarks say of the machine, and how they tell figures that vary."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

import simsched

BENCHMARKS = Path(__file__).parent


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


def run(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> tuple[str, dict[str, float]]:
    """Return what a process printed, and the seconds that it took by each clock.

    ``wall`` is what passed, ``cpu`` what the process computed.

    Raises:
        RuntimeError: it failed; what it said last.
    """
    began = perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(  # noqa: S603 - the benchmarks' own commands
            command,
            cwd=BENCHMARKS,
            stdout=output,
            stderr=errors,
            env={**os.environ, **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = perf_counter() - began
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError((errors.read().strip() or "it failed").splitlines()[-1])
        return output.read(), {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime}


def simsched_program() -> str:
    """Return the path of the ``simsched`` command."""
    return str(Path(sys.executable).with_name("simsched"))
