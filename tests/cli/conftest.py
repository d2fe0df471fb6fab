"""The command line as a process of its own, and what it is called with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_command import SIMSCHED

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scenarios() -> Path:
    """The scenarios that come with simsched."""
    return ROOT / "scenarios"


@pytest.fixture
def lecture(scenarios: Path) -> Path:
    return scenarios / "lecture.yaml"


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call the command line as a process of its own in an empty directory."""

    def call(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        streams = {"capture_output": True} if "stdout" not in options else {}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            [*SIMSCHED, *map(str, arguments)],
            cwd=tmp_path,
            text=True,
            timeout=60,
            check=False,
            **(streams | options),
        )

    return call
