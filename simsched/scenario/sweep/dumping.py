"""A sweep's scenario as YAML that stands alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def resolved(base: Mapping[str, Any], directory: Path, run: Mapping[str, int]) -> dict[str, Any]:
    """Return the scenario *base*, as it is written, so that it means the same anywhere.

    Files that it names relative to *directory* get their absolute paths, and its section ``run``
    the seed, and what else is given by *run*.
    """
    written = {key: _located(value, key, directory) for key, value in base.items()}
    own = written.get("run")
    return {**written, "run": {"seed": 1, **(own if isinstance(own, dict) else {}), **run}}


def _located(value: Any, key: object, directory: Path) -> Any:
    """Return *value*, which stands under *key*, with absolute names of data files in it."""
    if isinstance(value, list):
        return [_located(each, key, directory) for each in value]
    if not isinstance(value, dict):
        return value
    within = {name: _located(each, name, directory) for name, each in value.items()}
    if key in {"trace", "empirical"} and isinstance(within.get("file"), str):
        within["file"] = os.path.abspath(directory / within["file"])  # noqa: PTH100  keeps links
    return within
