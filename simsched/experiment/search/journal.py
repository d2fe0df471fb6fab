"""The findings of a search, so that one that was interrupted continues from there.

A search takes the same steps each time, so a finding is identified by what was looked for. Each is
stored at once, as a file in the folder of its search.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from simsched.experiment import store
from simsched.experiment.untrusted import from_json, to_json

T = TypeVar("T")

# How much work may be lost when a machine fails: most findings take less time than a sync.
_SYNCED_S = 1.0
_FINDING = ".json"


class Journal:
    """The findings of one search, by name; without a *folder* they are not stored."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._unsynced: list[Path] = []
        self._synced_s = time.monotonic()

    @property
    def count(self) -> int:
        """How many findings are stored."""
        return 0 if self._folder is None else sum(1 for _ in self._folder.glob(f"*{_FINDING}"))

    def find(self, name: str, kind: type[T]) -> T | None:
        """Return the finding *name*; None if there is none of that *kind*."""
        if self._folder is None:
            return None
        return store.read(self._path(self._folder, name), lambda d: from_json(kind, d))

    def recall(self, name: str, kind: type[T], search: Callable[[], T]) -> T:
        """Return the finding *name*, or else the result of *search*, which is stored.

        Raises:
            NotStoredError: the disk failed or is full.
        """
        found = self.find(name, kind)
        return self.keep(name, search()) if found is None else found

    def keep(self, name: str, found: T) -> T:
        """Store *found*, a dataclass of plain data, under *name*, and return it.

        Raises:
            NotStoredError: the disk failed or is full.
        """
        if self._folder is not None:
            path = self._path(self._folder, name)
            try:
                store.write(path, to_json(type(found), found), sure=False)
                self._sync(path)
            except OSError as error:
                raise store.NotStoredError(
                    f"{path}: {error.strerror or error}; earlier findings are stored; make room "
                    "and run the same command again to continue"
                ) from None
        return found

    def forget(self) -> None:
        """Delete the findings: the search is complete.

        A folder that cannot be removed does no harm: the same search would store the same in it.
        """
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _sync(self, path: Path) -> None:
        self._unsynced.append(path)
        # A sync takes longer than most findings, so several share one.
        if time.monotonic() - self._synced_s > _SYNCED_S:
            for each in (*self._unsynced, path.parent):
                store.sync(each)
            self._unsynced.clear()
            self._synced_s = time.monotonic()

    @staticmethod
    def _path(folder: Path, name: str) -> Path:
        """Return the file of the finding *name*, which may be any text."""
        return folder / f"{hashlib.sha256(name.encode()).hexdigest()[:40]}{_FINDING}"
