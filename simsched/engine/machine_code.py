"""Machine code of the compiled functions: loaded from disk, or compiled once and kept there.

Only compiling needs Numba, whose import alone takes longer than a small run.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding as _binding
from filelock import FileLock

from simsched import interrupt

UNUSED_S = 24 * 3600.0
"""Code of another version is removed when it was not used for so long."""

_OURS_ALONE = 0o700
"""The mode of the folder: only its owner may read, write and enter it."""

_SOURCES = ("engine/*.py", "engine/compiled/*.py", "statistics/merge_count.py")
"""Where the compiled functions, and the rules that they are made of, are written."""

_llvm: Any = _binding

_LOG = logging.getLogger(__name__)


@cache
def compiled(kind: str, source: str, note: str | None = None) -> Callable[..., int]:
    """Return the function *source* ("module:name") of whole numbers and addresses, compiled.

    It is loaded from disk, under the name of its *kind*, or else compiled and kept there. If
    several processes need it at once, one compiles and the others wait.

    Args:
        kind: the name on disk.
        source: a function of int64 values that returns one; see :mod:`simsched.engine.jit`.
        note: logged before it is compiled.
    """
    with _alone(kind):
        code = _read(kind)
        if code is None:
            if note is not None:
                _LOG.warning(note)
            code = _compile(kind, source)
            _keep(kind, code)
    return _callable(code, kind)


def is_kept(kind: str) -> bool:
    """Return whether the function of a *kind* is on disk."""
    return FOLDER is not None and (FOLDER / _file(kind)).exists()


@contextmanager
def _alone(kind: str) -> Iterator[None]:
    """Lock out other processes that would compile the same, if it is not on disk."""
    with ExitStack() as stack:
        if FOLDER is not None and not is_kept(kind):
            with suppress(OSError):  # without a lock both compile
                stack.enter_context(FileLock(FOLDER / f"{kind}.lock"))
        yield


def _read(kind: str) -> bytes | None:
    if FOLDER is None:
        return None
    try:
        code = (FOLDER / _file(kind)).read_bytes()
    except FileNotFoundError:
        return None
    with suppress(OSError):  # another process removed it
        (FOLDER / _file(kind)).touch()
    return code


def _keep(kind: str, code: bytes) -> None:
    """Write *code* to disk, whole or not at all, and remove the unused code of other versions."""
    if FOLDER is None:
        return
    written = FOLDER / f"{kind}.{os.getpid()}"
    with suppress(OSError):  # the disk is full: it will be compiled again
        written.write_bytes(code)
        written.replace(FOLDER / _file(kind))
    _remove_others(FOLDER)


def _compile(kind: str, source: str) -> bytes:
    module, name = source.split(":")
    with interrupt.ended_at_once():
        from simsched.engine.jit import object_code

        return object_code(getattr(import_module(module), name), kind)


def _callable(code: bytes, name: str) -> Callable[..., int]:
    """Return the function *name* of an object file, which has Numba's calling convention."""
    linker = _llvm.create_mcjit_compiler(_llvm.parse_assembly(""), target_machine())
    linker.add_object_file(_llvm.ObjectFileRef.from_data(code))
    linker.finalize_object()
    call = ctypes.CFUNCTYPE(ctypes.c_int32)(linker.get_function_address(name))

    def function(*values: int) -> int:
        result, fault = ctypes.c_int64(), ctypes.c_void_p()
        status = call(
            ctypes.byref(result), ctypes.byref(fault), *(ctypes.c_int64(int(v)) for v in values)
        )
        if status:
            raise RuntimeError(f"the compiled function {name} ended with status {status}")
        return result.value

    function.linker = linker  # type: ignore[attr-defined]  # which owns the code
    return function


def target_machine() -> Any:
    """Return what LLVM needs to know of this machine to write and to place code for it.

    A linker takes it over, and frees it, so each needs one of its own.
    """
    _llvm.initialize_native_target()
    _llvm.initialize_native_asmprinter()
    return _llvm.Target.from_default_triple().create_target_machine(
        cpu=_llvm.get_host_cpu_name(),
        features=_llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def _file(kind: str) -> str:
    return f"{kind}.o"


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

    What is there is run, so the folder belongs to the user and is closed to others; None if there
    is no such folder.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    kept = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(home) / "simsched")
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
    """Return a hash of the sources, the compilers' versions, and the processor."""
    host = (_llvm.get_host_cpu_name(), _llvm.get_host_cpu_features().flatten())
    digest = hashlib.sha256(repr((version("numba"), version("llvmlite"), *host)).encode())
    package = Path(__file__).parents[1]
    for source in sorted(path for pattern in _SOURCES for path in package.glob(pattern)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


FOLDER = _folder()
"""Where compiled code is kept; None if it cannot be."""
