"""Numba, behind types; and where on disk compiled code is kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config as _config

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_njit: Any = numba.njit
_settings: Any = _config

ENGINE = Path(__file__).parent.parent
"""The folder of the sources that are compiled."""


def rule(function: F) -> F:
    """Return *function*, to be compiled into whatever calls it: most rules are a few lines."""
    return cast("F", _njit(**_OPTIONS, **_INNER, forceinline=True)(function))


def apart(function: F) -> F:
    """Return *function*, to be compiled on its own: it is rarely called, or in many places."""
    return cast("F", _njit(**_OPTIONS, **_INNER)(function))


def kernel(function: F) -> F:
    """Return *function*, to be compiled when it is first called, and kept on disk.

    Numba looks at one source file to tell whether what it kept is still good, but a kernel is made
    of rules from many: each version of them has a folder of its own.
    """
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = str(cache_folder())
    try:
        return cast("F", _njit(**_OPTIONS, cache=True)(function))
    finally:
        _settings.CACHE_DIR = before


def cache_folder() -> Path:
    """Return where compiled code is kept: in the user's cache, or where ``NUMBA_CACHE_DIR`` says.

    Where there is no writing there, it is kept until the machine is tidied up.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    kept = Path(_settings.CACHE_DIR) if _settings.CACHE_DIR else Path(home) / "simsched"
    folder = kept / f"engine-{_version()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"simsched-{os.getuid()}" / folder.name
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir()) / folder.name


def _version() -> str:
    """Return what tells this version of the sources, and of Numba, from others."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted((*ENGINE.glob("*.py"), *ENGINE.glob("compiled/*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
