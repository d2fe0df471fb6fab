"""Numba, behind types; and where on disk compiled code is kept."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config as _config

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_njit: Any = numba.njit
_settings: Any = _config

_LOG = logging.getLogger(__name__)


def rule(function: F) -> F:
    """Return *function*, to be compiled into whatever calls it: most rules are a few lines."""
    return cast("F", _njit(**_OPTIONS, **_INNER, forceinline=True)(function))


def apart(function: F) -> F:
    """Return *function*, to be compiled on its own: it is rarely called, or in many places."""
    return cast("F", _njit(**_OPTIONS, **_INNER)(function))


def kernel(function: F) -> F:
    """Return *function*, to be compiled when it is first called, and kept on disk.

    Numba looks at one source file to tell whether what it kept is still good, but a kernel is made
    of rules from many: each version of them has a folder of its own. Where there is no folder to
    write to, it is compiled again by each process.
    """
    if FOLDER is None:
        return cast("F", _njit(**_OPTIONS)(function))
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = str(FOLDER)
    try:
        return cast("F", _njit(**_OPTIONS, cache=True)(function))
    finally:
        _settings.CACHE_DIR = before


@contextmanager
def compiled_once(kind: str) -> Iterator[None]:
    """Say that the kernels are compiled for a *kind* of run, unless that was done and kept."""
    mark = None if FOLDER is None else FOLDER / kind
    if mark is not None and mark.exists():
        yield
        return
    _LOG.warning("Compiling the engine for %s runs; it is kept for the next time.", kind)
    yield
    if mark is not None:
        mark.touch()


def _folder() -> Path | None:
    """Return where compiled code is kept: in the user's cache, or where ``NUMBA_CACHE_DIR`` says.

    None where nothing can be kept.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    kept = Path(_settings.CACHE_DIR) if _settings.CACHE_DIR else Path(home) / "simsched"
    folder = kept / f"engine-{_version()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _version() -> str:
    """Return what tells this version of the sources, and of Numba, from others."""
    digest = hashlib.sha256(numba.__version__.encode())
    engine = Path(__file__).parent.parent
    for source in sorted((*engine.glob("*.py"), *engine.glob("compiled/*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


FOLDER = _folder()
"""Where compiled code is kept; None where nothing can be."""
