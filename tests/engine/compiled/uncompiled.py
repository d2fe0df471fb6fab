"""Runs the rules of the compiled engine as they are written, in Python, and compares engines.

Called with NUMBA_DISABLE_JIT=1, so that coverage and debuggers see every line. It prints the
scenarios for which the engines differ. Compiled rules read and write whatever is at an address;
here what is outside of its array is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import simsched
from simsched.engine.compiled import memory
from simsched.engine.compiled.arena import Part
from simsched.engine.machine_code import FUNCTIONS

Array = np.ndarray[Any, np.dtype[Any]]
REQUESTS = 30

ARRAYS: dict[int, Array] = {}
"""The arrays of a run, by their addresses."""

PUBLISH = Part.publish


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


def publish(part: Part) -> None:
    """Write down where the arrays are, here too, and where the array is that has the record."""
    PUBLISH(part)
    for array in (part.record.base, *part.arrays.values()):
        ARRAYS[array.ctypes.data] = array


def array_at(address: int, index: int) -> Array:
    array = ARRAYS[address]
    if array.ctypes.data != address:
        raise IndexError("the array has moved")
    if not 0 <= index < array.size:
        raise IndexError(f"{index} of {array.size}")
    return array.reshape(-1)[index : index + 1]


def record_at(address: int, index: int, kind: Any) -> View:
    del kind
    return View(array_at(address, index))


def read(address: int, index: int, kind: Any) -> Any:
    del kind
    return array_at(address, index)[0].item()


def write(address: int, index: int, kind: Any, value: Any) -> None:
    del kind
    array_at(address, index)[0] = value


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
    ARRAYS.clear()
    found = [
        simsched.run(scenario, overrides=[f"run.engine={engine}"]).requests
        for engine in ("compiled", "simpy")
    ]
    return found[0].equals(found[1])


def compile_nothing() -> None:
    """Let what follows run uncompiled; no module of rules is imported yet."""
    Part.publish = publish  # type: ignore[method-assign]
    memory.record_at, memory.read, memory.write = record_at, read, write
    simulation = import_module("simsched.engine.compiled.simulation")
    simulation.compiled = uncompiled  # type: ignore[attr-defined]


def main() -> None:
    compile_nothing()
    print([name for name in sys.argv[1:] if not agree(shortened(Path(name)))])  # noqa: T201


if __name__ == "__main__":
    main()
