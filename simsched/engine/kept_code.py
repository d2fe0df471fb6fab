"""The folder of compiled code: where it is, what is in it, and for how long."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from filelock import FileLock
from numba.core import config as _config

from simsched import interrupt

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""The options of everything that is compiled."""

UNUSED_S = 24 * 3600.0
"""Code of another version is removed when it was not used for so long."""

_OURS_ALONE = 0o700
"""The mode of the folder: only its owner may read, write and enter it."""

_njit: Any = numba.njit
_settings: Any = _config

_LOG = logging.getLogger(__name__)


def kernel(function: F) -> F:
    """Return *function*, which is compiled when it is first called, and kept on disk.

    Numba looks at one source file to decide whether compiled code is up to date, but a kernel is
    made of rules from many: so each version of them has its own folder. Without a folder to write
    to, each process compiles again.
    """
    if FOLDER is None:
        return cast("F", _njit(**OPTIONS)(function))
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = str(FOLDER)
    try:
        return cast("F", _njit(**OPTIONS, cache=True)(function))
    finally:
        _settings.CACHE_DIR = before


@contextmanager
def compiled_once(kind: str) -> Iterator[None]:
    """Announce that the kernels for a *kind* of run are compiled, unless they are on disk.

    If several processes need them at once, one compiles and the others wait. Afterwards, unused
    code of other versions is removed.
    """
    with _alone(kind):
        known = is_kept(kind)
        if not known:
            _LOG.warning("Compiling the engine for %s runs; it is kept for the next time.", kind)
        with nullcontext() if known else interrupt.ended_at_once():
            yield
        if FOLDER is None:
            return
        with suppress(OSError):  # another process removed it, or the disk is full
            (FOLDER / kind).touch()
        if not known:
            _remove_others(FOLDER)


@contextmanager
def _alone(kind: str) -> Iterator[None]:
    """Lock out other processes that would compile the same, if it is not on disk."""
    with ExitStack() as stack:
        if FOLDER is not None and not is_kept(kind):
            with suppress(OSError):  # without a lock both compile
                stack.enter_context(FileLock(FOLDER / f"{kind}.lock"))
        yield


def is_kept(kind: str) -> bool:
    """Return whether the kernels for a *kind* of run are on disk."""
    return FOLDER is not None and (FOLDER / kind).exists()


def _remove_others(folder: Path) -> None:
    """Remove the unused code of other versions; another process may be doing the same."""
    for other in folder.parent.glob(_name_of("*")):
        if other != folder and time.time() - _last_used(other) > UNUSED_S:
            shutil.rmtree(other, ignore_errors=True)


def _last_used(folder: Path) -> float:
    """Return when a *folder* was last used, by its newest file; now if it is being removed."""
    try:
        return max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
    except OSError:
        return time.time()


def _folder() -> Path | None:
    """Return the folder for compiled code: in the user's cache, or under ``NUMBA_CACHE_DIR``.

    Numba unpickles its index and loads machine code, so anyone who can write there could run code.
    So the folder belongs to the user and is closed to others; None if there is no such folder.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    kept = Path(_settings.CACHE_DIR) if _settings.CACHE_DIR else Path(home) / "simsched"
    folder = kept / _name_of(_version())
    try:
        folder.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        is_safe = _is_ours_alone(folder) and os.access(folder, os.W_OK)
    except OSError:
        return None
    return folder if is_safe else None


def _is_ours_alone(folder: Path) -> bool:
    """Return whether no other user can write to *folder*, or put another in its place."""
    if not hasattr(os, "geteuid"):  # a cache on Windows is in the user's profile
        return True
    own = folder.lstat()
    is_closed = stat.S_ISDIR(own.st_mode) and not own.st_mode & ~_OURS_ALONE & 0o777
    above = [each.stat() for each in folder.absolute().parents]
    return is_closed and own.st_uid == os.geteuid() and not any(map(_others_replace_in, above))


def _others_replace_in(folder: os.stat_result) -> bool:
    """Return whether another user may rename what is in *folder*.

    In a sticky folder such as ``/tmp`` they may not. The user's primary group counts as private.
    """
    if folder.st_uid not in {0, os.geteuid()}:
        return True
    others = stat.S_IWOTH | (0 if folder.st_gid == os.getegid() else stat.S_IWGRP)
    return bool(folder.st_mode & others) and not folder.st_mode & stat.S_ISVTX


def _name_of(version: str) -> str:
    return f"engine-{version}"


def _version() -> str:
    """Return a hash of the sources, their path, and the version of Numba.

    Numba finds code by the path of its source, so each copy of a version needs its own folder.
    """
    engine = Path(__file__).parent
    digest = hashlib.sha256(f"{numba.__version__} {engine.resolve()}".encode())
    for source in sorted((*engine.glob("*.py"), *engine.glob("compiled/*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


FOLDER = _folder()
"""Where compiled code is kept; None if it cannot be."""
