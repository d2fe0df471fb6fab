"""The store of simulated points: what is finished is kept, whatever ends the program.

A point's file is named by a hash of all that its figures depend on: the resolved scenario with its
seed, the data that it reads while it is simulated, and the code that simulates it. So a file never
changes: two sweeps that share points share files, and whoever writes one writes the same bytes. A
file appears by a rename, whole or not at all, and is on the disk before it counts as kept.

Of a point that is not finished there may be replications, each in a file beside it. They go when
the point is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simsched.experiment import packed
from simsched.experiment.store_record import DamagedError, Record, unpack

if TYPE_CHECKING:
    from simsched.scenario import Scenario

FOLDER = ".simsched-store"
"""What the store is called in the folder of reports."""

SEARCH = ".search"
"""How files end with what a search has found that is not at its end."""

_CODE = ("scenario", "workload", "engine", "statistics", "experiment")
_UNFINISHED = ".part-"
_PART = ".replication"
_STALE_S = 3600.0
_FORGOTTEN_S = 30 * 24 * 3600.0


@cache
def engine_version() -> str:
    """Return what tells one version of the simulating code from another.

    A hash of the code itself, with the version of simsched, and those of numpy, which draws, and
    scipy, which has the distributions of statistics: figures are never taken from a store that
    other code filled.
    """
    root = Path(__file__).parents[1]
    parts = sorted(path for part in _CODE for path in (root / part).rglob("*.py"))
    files = [root / "__init__.py", *parts]
    code = hashlib.sha256()
    for path in files:
        code.update(path.relative_to(root).as_posix().encode())
        code.update(path.read_bytes())
    return f"simsched {code.hexdigest()[:16]}, numpy {np.__version__}, scipy {version('scipy')}"


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


def part_name(name: str, number: int) -> str:
    """Return the name of the replication of that *number* of the point that is called *name*."""
    return f"{name}-{number}"


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
            return unpack(path.read_bytes(), name)
        except FileNotFoundError:
            return None
        except DamagedError as error:
            self.damaged[path] = str(error)
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*, in place of the replications that it was made of.

        Raises:
            OSError: it cannot be written; then nothing has changed.
        """
        path = self.path(name)
        _write(path, data)
        for part in path.parent.glob(f"{name}-*{_PART}"):
            part.unlink(missing_ok=True)

    def begun(self) -> Mapping[str, Sequence[int]]:
        """Return, by name, which replications there are of points that are not finished."""
        found: dict[str, list[int]] = defaultdict(list)
        for path in self.root.glob(f"*/*{_PART}"):
            name, _, number = path.stem.rpartition("-")
            if self.path(name).exists():  # another program finished it meanwhile
                path.unlink(missing_ok=True)
            elif number.isdecimal():
                found[name].append(int(number))
        return found

    def part(self, name: str, number: int) -> bytes | None:
        """Return the replication of that *number*; None if there is none, or it is damaged.

        Raises:
            OSError: it cannot be read.
        """
        path = self._part_path(name, number)
        try:
            data = path.read_bytes()
            packed.check(data, part_name(name, number))
        except FileNotFoundError:
            return None
        except DamagedError as error:
            self.damaged[path] = str(error)
            return None
        return data

    def put_part(self, name: str, number: int, data: bytes) -> None:
        """Keep the replication of that *number* of the point that is called *name*.

        Raises:
            OSError: it cannot be written; then nothing has changed.
        """
        _write(self._part_path(name, number), data)

    def sweep_out(self) -> None:
        """Remove what killed programs have left half written, and searches long broken off."""
        for pattern, most_s in ((f"{_UNFINISHED}*", _STALE_S), (f"*{SEARCH}", _FORGOTTEN_S)):
            for path in self.root.glob(f"*/{pattern}"):
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime > most_s:
                        path.unlink()

    def _part_path(self, name: str, number: int) -> Path:
        return self.root / name[:2] / f"{part_name(name, number)}{_PART}"


def _write(path: Path, data: bytes) -> None:
    """Have *data* on the disk as the file *path*, whole or not at all."""
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
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the names in *folder* on the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
