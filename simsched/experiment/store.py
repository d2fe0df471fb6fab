"""The store: finished work survives, however the program ends.

It holds the points of sweeps, batches of replications of unfinished runs and points, and what
searches have found so far. Each is a file of its own, named by a hash of everything that its
content depends on: the resolved scenario with its seed, the data that it reads, and the code that
simulates it. So a file never changes, and programs that write it at the
same time write the same bytes. A file appears by a rename, complete or not at all.

A folder of results may be shared, so anyone may have written the files. They hold data, never
objects: JSON, or tables of Arrow, checked field by field against a schema. A file that is not as
simsched writes it is reported in one line, ignored, and made again. A digest guards against damage;
it is not a signature, so figures deserve as much trust as the people who can write to the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

import numpy as np

from simsched.errors import RunError
from simsched.experiment.record import Record, unpack
from simsched.experiment.untrusted import DamagedError, read_bytes

if TYPE_CHECKING:
    from simsched.scenario import Scenario

T = TypeVar("T")

FOLDER = ".simsched-store"
"""The folder of the store, in the folder of reports."""

SEARCH = ".search"
"""The ending of folders with the findings of a search."""

RUN = ".run"
"""The ending of folders with the finished replications of a run, or of a point of a sweep."""

_CODE = ("scenario", "workload", "engine", "statistics", "experiment")
_UNFINISHED = ".part-"
_RECORD = ".json"
_STALE_S = 3600.0
_FORGOTTEN_S = 30 * 24 * 3600.0
_LARGEST_RECORD = 1 << 28
LARGEST_BATCH = 1 << 36
"""Bytes; larger files were not written by simsched, and are not read."""

# How often to try to write a file whose folder is removed again and again.
_ATTEMPTS = 100

_LOG = logging.getLogger(__name__)


class NotStoredError(RunError):
    """The disk failed or is full: what is found from now on would be lost."""


@cache
def engine_version() -> str:
    """Return the version of the simulating code: figures of other code are never used.

    It is a hash of the code itself, with the versions of numpy, which draws, and of scipy, which
    has the distributions of statistics.
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
    """Return the name under which the figures of the prepared *scenario* are stored."""
    return _hashed(scenario.model_dump_json(by_alias=True), engine_version(), _data(scenario))


def key_of_search(scenarios: Iterable[Scenario], *more: str) -> str:
    """Return the name of a search or a run of *scenarios*; *more* is what else it depends on."""
    return _hashed(*map(key, scenarios), *more)


def _hashed(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _data(scenario: Scenario) -> str:
    """Return the hashes of the recordings that *scenario* replays, if it does."""
    traces = (one.trace for one in scenario.workload.sources.values())
    return " ".join(_hash(trace.file) for trace in traces if trace is not None)


def _hash(file: str) -> str:
    with contextlib.suppress(OSError), Path(file).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
    return "missing"


class Store:
    """The files in the folder *root*, which is made with the first file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """Return the file of the point *name*, whether or not it exists."""
        return self.root / name[:2] / f"{name}{_RECORD}"

    def search_folder(self, name: str) -> Path:
        """Return the folder of the search *name*."""
        return self.root / name[:2] / f"{name}{SEARCH}"

    def run_folder(self, name: str) -> Path:
        """Return the folder of the run *name*."""
        return self.root / name[:2] / f"{name}{RUN}"

    def runs(self) -> frozenset[str]:
        """Return the names of the runs and points of which there are replications."""
        return frozenset(path.name.removesuffix(RUN) for path in self.root.glob(f"??/*{RUN}"))

    def get(self, name: str) -> Record | None:
        """Return the point *name*; None if it is missing or damaged."""
        return read(self.path(name), unpack)

    def put(self, name: str, data: bytes) -> None:
        """Store *data* as the point *name*.

        Raises:
            OSError: it cannot be written; nothing has changed.
        """
        write(self.path(name), data)

    def sweep_out(self) -> None:
        """Remove what killed programs left half written, and long abandoned runs and searches."""
        for path in self._files(f"{_UNFINISHED}*"):
            _remove_old(path, _STALE_S)
        for ending in (SEARCH, RUN):
            for path in self._files(f"*{ending}"):
                _remove_old(path, _FORGOTTEN_S)

    def _files(self, pattern: str) -> Iterator[Path]:
        """Yield the paths in the store that match, without following links."""
        for folder in self.root.glob("??"):
            # Someone may have made a link there that leads out of the store.
            if not folder.is_symlink():
                yield from folder.glob(pattern)


def read(path: Path, decode: Callable[[bytes], T], most: int = _LARGEST_RECORD) -> T | None:
    """Return the content of the file *path*, decoded, if it has at most *most* bytes.

    None if it does not exist, or if it is damaged, which is reported.
    """
    try:
        return decode(_unsealed(path.name, read_bytes(path, most)))
    except FileNotFoundError:
        return None
    except DamagedError as error:
        why = str(error)
    except OSError as error:
        why = error.strerror or str(error)
    _LOG.warning("%s: %s; it is ignored, and simulated again", path, why)
    return None


def _unsealed(name: str, data: bytes) -> bytes:
    """Return the content of the file *name*, after a line with a digest of both."""
    # The digest covers the name, too: a file that was renamed is not taken for another.
    digest, _, content = data.partition(b"\n")
    found = _digest(name)
    found.update(content)
    if digest != found.hexdigest().encode():
        raise DamagedError("its content is not what was written")
    return content


def _digest(name: str) -> hashlib._Hash:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\n")


def write(path: Path, content: bytes | Callable[[IO[bytes]], None], *, sure: bool = True) -> None:
    """Write *content*, or what it writes when called with the file, to the file *path*.

    The file appears complete or not at all. If *sure*, it is on the disk on return.

    Raises:
        OSError: it cannot be written; nothing has changed.
    """
    for left in reversed(range(_ATTEMPTS)):
        try:
            _write(path, content, sure=sure)
        except (FileNotFoundError, FileExistsError):
            # Another program may end the same search, and remove the folder, at any moment.
            if not left:
                raise
        else:
            return


def _write(path: Path, content: bytes | Callable[[IO[bytes]], None], *, sure: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, so that the rename is atomic on every file system.
    hidden = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
    # The digest stands first, though it is known last: its place is left free.
    start = 2 * _digest(path.name).digest_size + 1  # the digest in hexadecimal, and a newline
    try:
        with hidden.open("xb+") as file:
            file.seek(start)
            if isinstance(content, bytes):
                file.write(content)
            else:
                content(file)
            file.seek(start)
            digest = hashlib.file_digest(file, partial(_digest, path.name)).hexdigest()
            file.seek(0)
            file.write(f"{digest}\n".encode())
            file.flush()
            if sure:
                os.fsync(file.fileno())
        hidden.replace(path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    if sure:
        sync(path.parent)


def _remove_old(path: Path, most_s: float) -> None:
    """Remove a file, or a folder, that has not changed for *most_s* seconds."""
    with contextlib.suppress(OSError):
        if time.time() - path.lstat().st_mtime > most_s:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk, if the system supports it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
