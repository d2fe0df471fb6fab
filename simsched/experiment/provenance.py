"""What made a result: the engine that simulated, and the versions of what figures rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from simsched.engine import ENGINES


def made_with(engines: Iterable[str | None]) -> dict[str, str]:
    """Return what a run was made with, of whose simulations these were the *engines*.

    ``engine`` is ``simpy`` or ``compiled`` (or both, where scenarios differ in size); the other
    keys are packages, each with its version: NumPy, which draws, and what the engine is made with.
    """
    used = sorted({engine for engine in engines if engine is not None})
    packages = ["numpy", *(ENGINES[engine] for engine in used)]
    return {"engine": _joined(used), **{package: version(package) for package in packages}}


def merged(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Return what two runs were made with; where they differ both are told."""
    return {
        name: _joined(dict.fromkeys(made[name] for made in (one, other) if name in made))
        for name in dict.fromkeys([*one, *other])
    }


def _joined(values: Iterable[str]) -> str:
    return " and ".join(values)
