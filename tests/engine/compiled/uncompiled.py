"""Runs the rules of the compiled engine as they are written, in Python, and compares engines.

Called with NUMBA_DISABLE_JIT=1, so that coverage and debuggers see every line. It prints the
scenarios for which the engines differ.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import simsched
from simsched.engine.compiled import memory
from simsched.engine.machine_code import FUNCTIONS

Array = np.ndarray[Any, np.dtype[Any]]
REQUESTS = 30


class View:
    """A record of an array of length 1, whose fields are attributes, as in compiled rules."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        object.__setattr__(self, "array", array)

    def __getattr__(self, name: str) -> Any:
        field = self.array[name]
        return View(field) if field.dtype.names else field[0].item()

    def __setattr__(self, name: str, value: object) -> None:
        self.array[name][0] = value


def array_at(address: int, index: int, kind: Any) -> Array:
    size = np.dtype(kind).itemsize
    place = (ctypes.c_char * size).from_address(int(address) + int(index) * size)
    return np.frombuffer(place, kind)


def record_at(address: int, index: int, kind: Any) -> View:
    return View(array_at(address, index, kind))


def read(address: int, index: int, kind: Any) -> Any:
    return array_at(address, index, kind)[0].item()


def write(address: int, index: int, kind: Any, value: Any) -> None:
    array_at(address, index, kind)[0] = value


def uncompiled(kind: str, _: str | None = None) -> Callable[..., int]:
    module, name = FUNCTIONS[kind].split(":")
    function: Callable[..., int] = getattr(import_module(module), name)
    return function


def shortened(file: Path) -> simsched.Scenario:
    """Return the scenario in a file, with few requests where it does not list them."""
    always = ["run.replications=1", "run.warmup=none"]
    for less in ([f"workload.requests={REQUESTS}", "workload.duration=null"], []):
        try:
            return simsched.load(file, [*less, *always])
        except simsched.ScenarioError:
            pass
    return simsched.load(file)


def agree(scenario: simsched.Scenario) -> bool:
    """Return whether both engines say the same of each request."""
    found = [
        simsched.run(scenario, overrides=[f"run.engine={engine}"]).requests
        for engine in ("compiled", "simpy")
    ]
    return found[0].equals(found[1])


def main() -> None:
    memory.record_at, memory.read, memory.write = record_at, read, write
    simulation = import_module("simsched.engine.compiled.simulation")
    simulation.compiled = uncompiled  # type: ignore[attr-defined]
    print([name for name in sys.argv[1:] if not agree(shortened(Path(name)))])  # noqa: T201


if __name__ == "__main__":
    main()
