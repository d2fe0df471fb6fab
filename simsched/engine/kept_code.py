"""Where on disk compiled code is kept, and for how long."""

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
"""How everything is compiled."""

UNUSED_S = 24 * 3600.0
"""After what time the code of another version, which nobody used since then, is thrown away."""

_OURS_ALONE = 0o700
"""The mode of the folder: read, written and entered by its owner alone."""

_njit: Any = numba.njit
_settings: Any = _config

_LOG = logging.getLogger(__name__)


def kernel(function: F) -> F:
    """Return *function*, to be compiled when it is first called, and kept on disk.

    Numba looks at one source file to tell whether what it kept is still good, but a kernel is made
    of rules from many: each version of them has a folder of its own. Where there is no folder to
    write to, it is compiled again by each process.
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
    """Say that the kernels are compiled for a *kind* of run, unless that was done and kept.

    Where several processes need them at once, one compiles and the others wait for it. What is kept
    of other versions, and was not used for a day, is thrown away.
    """
    with _alone(kind):
        known = is_kept(kind)
        if not known:
            _LOG.warning("Compiling the engine for %s runs; it is kept for the next time.", kind)
        with nullcontext() if known else interrupt.ended_at_once():
            yield
        if FOLDER is None:
            return
        with suppress(OSError):  # another process threw it away, or the disk is full
            (FOLDER / kind).touch()
        if not known:
            _throw_away_others(FOLDER)


@contextmanager
def _alone(kind: str) -> Iterator[None]:
    """Keep other processes from compiling the same, where something is to be compiled and kept."""
    with ExitStack() as stack:
        if FOLDER is not None and not is_kept(kind):
            with suppress(OSError):  # without a lock both compile
                stack.enter_context(FileLock(FOLDER / f"{kind}.lock"))
        yield


def is_kept(kind: str) -> bool:
    """Return whether the kernels for a *kind* of run were compiled before."""
    return FOLDER is not None and (FOLDER / kind).exists()


def _throw_away_others(folder: Path) -> None:
    """Throw away what other versions kept; another process may be doing the same."""
    for other in folder.parent.glob(_name_of("*")):
        if other != folder and time.time() - _last_used(other) > UNUSED_S:
            shutil.rmtree(other, ignore_errors=True)


def _last_used(folder: Path) -> float:
    """Return when a *folder* was last used, which its marks tell; now if it is being removed."""
    try:
        return max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
    except OSError:
        return time.time()


def _folder() -> Path | None:
    """Return where compiled code is kept: in the user's cache, or where ``NUMBA_CACHE_DIR`` says.

    Whoever can write there can have code run: Numba unpickles its index, and loads machine code.
    So the folder is the user's own, closed to everyone else.

    None where nothing can be kept.
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
    """Return whether nobody else can have put anything into *folder*, or another in its place."""
    if not hasattr(os, "geteuid"):  # a cache on Windows is in the user's profile
        return True
    own = folder.lstat()
    is_closed = stat.S_ISDIR(own.st_mode) and not own.st_mode & ~_OURS_ALONE & 0o777
    above = [each.stat() for each in folder.absolute().parents]
    return is_closed and own.st_uid == os.geteuid() and not any(map(_others_replace_in, above))


def _others_replace_in(folder: os.stat_result) -> bool:
    """Return whether another user may rename what is in *folder*.

    They may not where it is sticky, as ``/tmp`` is. The user's primary group is taken for private.
    """
    if folder.st_uid not in {0, os.geteuid()}:
        return True
    others = stat.S_IWOTH | (0 if folder.st_gid == os.getegid() else stat.S_IWGRP)
    return bool(folder.st_mode & others) and not folder.st_mode & stat.S_ISVTX


def _name_of(version: str) -> str:
    return f"engine-{version}"


def _version() -> str:
    """Return what tells this version of the sources, and of Numba, from others.

    Numba keeps code by the path of its source, so another copy of the same version is another one.
    """
    engine = Path(__file__).parent
    digest = hashlib.sha256(f"{numba.__version__} {engine.resolve()}".encode())
    for source in sorted((*engine.glob("*.py"), *engine.glob("compiled/*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


FOLDER = _folder()
"""Where compiled code is kept; None where nothing can be."""
