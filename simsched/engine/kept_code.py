"""Object files of compiled functions, kept on disk for the next process."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from simsched import cache_folder

UNUSED_S = 24 * 3600.0
"""Code of another version is removed when it was not used for so long."""

SOURCES = (
    "engine/compiled/*.py",
    *(
        f"engine/{name}.py"
        for name in ("codel", "conditions", "jit", "object_files", "order", "rate_limits")
    ),
    *("engine/slowdowns.py", "engine/standstill.py", "engine/trace.py", "workload/steps.py"),
    "statistics/merge_count.py",
)
"""Where the compiled functions are written, and all that compiled code follows from."""


def is_kept(kind: str) -> bool:
    """Return whether the function of a *kind* is on disk."""
    place = folder()
    return place is not None and (place / _file(kind)).exists()


@contextmanager
def alone(kind: str) -> Iterator[None]:
    """Lock out other processes that would compile the same, if it is not on disk."""
    with ExitStack() as stack:
        place = folder()
        if place is not None and not is_kept(kind):
            from filelock import FileLock

            with suppress(OSError):  # without a lock both compile
                stack.enter_context(FileLock(place / f"{kind}.lock"))
        yield


def read(kind: str) -> bytes | None:
    """Return the object file of a *kind*; None if it is not on disk."""
    place = folder()
    if place is None:
        return None
    try:
        code = (place / _file(kind)).read_bytes()
    except FileNotFoundError:
        return None
    with suppress(OSError):  # another process removed it
        (place / _file(kind)).touch()
    return code


def keep(kind: str, code: bytes) -> None:
    """Write *code* to disk, whole or not at all, and remove the unused code of other versions."""
    place = folder()
    if place is None:
        return
    written = place / f"{kind}.{os.getpid()}"
    with suppress(OSError):  # the disk is full: it will be compiled again
        written.write_bytes(code)
        written.replace(place / _file(kind))
    _remove_others(place)


@cache
def folder() -> Path | None:
    """Return the folder of this version; None if code cannot be kept safely, or not compiled."""
    return _find_folder()


@cache
def hash_of_sources() -> str:
    """Return a hash of all source that is compiled."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for source in sorted(path for pattern in SOURCES for path in package.glob(pattern)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _file(kind: str) -> str:
    return f"{kind}.o"


def _remove_others(own: Path) -> None:
    """Remove the unused code of other versions; another process may be doing the same."""
    for other in own.parent.glob(_name_of("*")):
        if other != own and time.time() - _last_used(other) > UNUSED_S:
            shutil.rmtree(other, ignore_errors=True)


def _last_used(place: Path) -> float:
    """Return when a folder was last used, by its newest file; now if it is being removed."""
    try:
        return max(each.stat().st_mtime for each in (place, *place.iterdir()))
    except OSError:
        return time.time()


def _find_folder() -> Path | None:
    try:
        return cache_folder.closed(_name_of(_version()))
    except PackageNotFoundError:
        return None


def _name_of(version: str) -> str:
    return f"engine-{version}"


def _version() -> str:
    """Return a hash of the sources, the compilers' versions, and the kind of processor."""
    parts = (hash_of_sources(), version("numba"), version("llvmlite"), platform.machine())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
