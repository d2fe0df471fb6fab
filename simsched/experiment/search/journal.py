"""What a search has found so far: one that was broken off goes on from there.

A search does the same each time, so what it finds can be told by what it looked for. It is written
to a file at once, one finding behind the other, each with a digest: what a program wrote half when
it was killed is cut off, and found again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from typing import TypeVar

from simsched.errors import RunError
from simsched.experiment.packed import pack, unpack
from simsched.experiment.store import SEARCH, key, sync
from simsched.experiment.store_record import DamagedError
from simsched.scenario import Scenario
from simsched.statistics.wording import counted

T = TypeVar("T")

_SIZE = 8
_SYNCED_S = 1.0
"""So much work may be lost when a machine fails: many findings are too quick to sync each."""
_ENTRY = "entry"


class Journal:
    """The findings of one search, by name; without a *path* they are not kept.

    Attributes:
        damaged: a sentence on the file if it is not what was written, or was written half.

    Raises:
        RunError: the file cannot be read, or what is damaged cannot be cut off.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.damaged = ""
        self._synced_s = -math.inf
        self._found: dict[str, object] = {}
        if path is not None:
            self._read(path)

    @property
    def count(self) -> int:
        """How many findings are kept."""
        return len(self._found)

    def find(self, name: str, kind: type[T]) -> T | None:
        """Return what was found under *name*; None if nothing of that *kind* was."""
        found = self._found.get(name)
        return found if isinstance(found, kind) else None

    def recall(self, name: str, kind: type[T], search: Callable[[], T]) -> T:
        """Return what was found under *name*, or what *search* finds now, which is kept.

        Raises:
            RunError: the disk failed or is full.
        """
        found = self.find(name, kind)
        return self.keep(name, search()) if found is None else found

    def keep(self, name: str, found: T) -> T:
        """Keep what was *found* under *name*, and return it.

        Raises:
            RunError: the disk failed or is full.
        """
        if self._path is not None:
            is_due = time.monotonic() - self._synced_s > _SYNCED_S
            _append(self._path, pack((name, found), _ENTRY), sure=is_due)
            self._synced_s = time.monotonic() if is_due else self._synced_s
            self._found[name] = found
        return found

    def forget(self) -> None:
        """Keep nothing any more: the search is at its end.

        A file that cannot be removed does no harm: the same search finds the same in it.
        """
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _read(self, path: Path) -> None:
        """Read the findings in *path*, and cut off what comes after the last that is whole."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(f"{path}: cannot be read: {error.strerror}") from None
        end = self._take(content)
        if end < len(content):
            _cut(path, end)
            kept = counted(self.count, "result")
            self.damaged = f"{path}: it is damaged after {kept}: what comes then is found again"

    def _take(self, content: bytes) -> int:
        """Take the findings in *content*, and return where the last one ends that is whole."""
        end = 0
        while (start := end + _SIZE) <= len(content):
            size = int.from_bytes(content[end:start])
            data = content[start : start + size]
            if len(data) < size:
                break
            try:
                name, found = unpack(data, _ENTRY, tuple)
            except DamagedError:
                break
            self._found[name] = found
            end = start + len(data)
        return end


def _cut(path: Path, end: int) -> None:
    try:
        os.truncate(path, end)
    except OSError as error:
        raise RunError(
            f"{path}: it is damaged and cannot be mended: {error.strerror}; let it be written, or "
            "remove it"
        ) from None


def _append(path: Path, entry: bytes, *, sure: bool) -> None:
    """Write *entry* at the end of the file *path*, or leave that as it was.

    All of the file is on the disk then if that is to be *sure*.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileIO(path, "ab") as file:  # a buffer would be written once more after a failure
            begin = file.tell()
            try:
                _write(file, len(entry).to_bytes(_SIZE) + entry)
                if sure:
                    os.fsync(file.fileno())
            except BaseException:
                with contextlib.suppress(OSError):
                    file.truncate(begin)
                raise
        if not begin:
            sync(path.parent)
    except OSError as error:
        raise RunError(
            f"{path}: {error.strerror}; what was found before is kept; make room and run the same "
            "command again to go on"
        ) from None


def _write(file: FileIO, data: bytes) -> None:
    """Write all of *data*: a disk that is nearly full takes a part before it fails."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def path(store: Path, scenarios: Iterable[Scenario], *more: str) -> Path:
    """Return the file in the *store* of a search among *scenarios*; *more* tells what it is for.

    As with points of a sweep, other scenarios, recordings or code make another file.
    """
    asked = [*map(key, scenarios), *more]
    name = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:40]
    return store / name[:2] / f"{name}{SEARCH}"
