"""The store of simulated points: what is finished is kept, whatever ends the program.

A point's file is named by a hash of all that its figures depend on: the resolved scenario with its
seed, the data that it reads while it is simulated, and the code that simulates it. So a file never
changes: two sweeps that share points share files, and whoever writes one writes the same bytes. A
file appears by a rename, whole or not at all, and is on the disk before it counts as kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simsched.experiment.store_record import DamagedError, Record, unpack

if TYPE_CHECKING:
    from simsched.scenario import Scenario

FOLDER = ".simsched-store"
"""What the store is called in the folder of reports."""

_CODE = ("scenario", "workload", "engine", "statistics", "experiment")
_UNFINISHED = ".part-"
_STALE_S = 3600.0


@cache
def engine_version() -> str:
    """Return what tells one version of the simulating code from another.

    A hash of the code itself, with the version of simsched, and that of numpy, which draws: figures
    are never taken from a store that other code filled.
    """
    root = Path(__file__).parents[1]
    parts = sorted(path for part in _CODE for path in (root / part).rglob("*.py"))
    files = [root / "__init__.py", *parts]
    code = hashlib.sha256()
    for path in files:
        code.update(path.relative_to(root).as_posix().encode())
        code.update(path.read_bytes())
    return f"simsched {code.hexdigest()[:16]}, numpy {np.__version__}"


def key(scenario: Scenario) -> str:
    """Return the name under which the figures of *scenario*, which is prepared, are kept."""
    parts = [scenario.model_dump_json(by_alias=True), engine_version(), _data(scenario)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _data(scenario: Scenario) -> str:
    """Return the hash of the recording that *scenario* is simulated from, if it is."""
    trace = scenario.workload.trace
    if trace is None:
        return ""
    with contextlib.suppress(OSError), Path(trace.file).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return "missing"


class Store:
    """The files of simulated points in the folder *root*, which is made when the first is kept.

    Attributes:
        damaged: the files that turned out not to be what was written, with the reason.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged: dict[Path, str] = {}

    def path(self, name: str) -> Path:
        """Return the file of the point that is called *name*, whether or not it is there."""
        return self.root / name[:2] / f"{name}.parquet"

    def get(self, name: str) -> Record | None:
        """Return what is kept under *name*; None if that is nothing, or is damaged.

        Raises:
            OSError: it cannot be read.
        """
        path = self.path(name)
        try:
            return unpack(path.read_bytes())
        except FileNotFoundError:
            return None
        except DamagedError as error:
            self.damaged[path] = str(error)
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*.

        Raises:
            OSError: it cannot be written; then nothing has changed.
        """
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        try:
            with hidden.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            hidden.replace(path)
        except BaseException:
            hidden.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def sweep_out(self) -> None:
        """Remove what programs that were killed while they wrote have left behind."""
        for path in self._unfinished():
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_S:
                    path.unlink()

    def _unfinished(self) -> Iterator[Path]:
        return self.root.glob(f"*/{_UNFINISHED}*")


def _sync(folder: Path) -> None:
    """Have the names in *folder* on the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
