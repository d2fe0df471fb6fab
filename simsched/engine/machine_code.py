"""Machine code of the compiled functions: shipped with the package, kept on disk, or compiled.

A wheel for a platform ships all of it, as a shared object that needs no other library. Elsewhere a
function is compiled when it is first needed, by Numba, and its object file is kept. Loading that
needs LLVM (llvmlite), but not Numba, whose import alone takes longer than a small run.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from simsched import interrupt
from simsched.engine import kept_code, object_files

FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "plain": "simsched.engine.compiled.kernel:plain",
        "general": "simsched.engine.compiled.kernel:general",
        "inversions": "simsched.statistics.merge_count:sort",
    }
)
"""The kinds of compiled functions, and where each is written, as "module:name".

They take whole numbers and addresses, as int64, and return one.
"""

SHIPPED = Path(__file__).with_name("shipped")
"""The folder for what is shipped, which only wheels have."""

_LOG = logging.getLogger(__name__)


@cache
def compiled(kind: str, note: str | None = None) -> Callable[..., int]:
    """Return the function of a *kind*, one of :data:`FUNCTIONS`, compiled.

    If several processes must compile it at once, one does and the others wait.

    Args:
        kind: also the name on disk.
        note: logged before it is compiled.
    """
    library = _shipped()
    if library is not None:
        return object_files.called(library[kind], kind)
    return object_files.loaded(object_file(kind, note), kind)


def is_at_hand(kind: str) -> bool:
    """Return whether the function of a *kind* need not be compiled first."""
    return _shipped() is not None or kept_code.is_kept(kind)


def is_available() -> bool:
    """Return whether functions are at hand or can be compiled."""
    return find_spec("numba") is not None or _shipped() is not None


def is_shipped() -> bool:
    """Return whether all functions came with the package."""
    return _shipped() is not None


def shipped_name() -> str:
    """Return the name of the shared object, in :data:`SHIPPED`, that fits these sources."""
    return f"engine_{kept_code.hash_of_sources()}.so"


@cache
def _shipped() -> ctypes.CDLL | None:
    """Return the shared object that was shipped; None, with a note, if it cannot be used."""
    if not any(SHIPPED.glob("*.so")):
        return None
    found = SHIPPED / shipped_name()
    if not found.exists():
        _LOG.warning("The compiled engine in %s is of other sources, and not used.", SHIPPED)
        return None
    try:
        return ctypes.CDLL(str(found))
    except OSError as error:
        _LOG.warning("The compiled engine that came with simsched cannot be loaded: %s.", error)
        return None


def object_file(kind: str, note: str | None = None) -> bytes:
    """Return the object file of a *kind*, from disk or compiled, after the *note*, and kept."""
    with kept_code.alone(kind):
        code = kept_code.read(kind)
        if code is None:
            if note is not None:
                _LOG.warning(note)
            code = _compile(kind)
            kept_code.keep(kind, code)
    return code


def _compile(kind: str) -> bytes:
    module, name = FUNCTIONS[kind].split(":")
    with interrupt.ended_at_once():
        from simsched.engine.jit import object_code

        return object_code(getattr(import_module(module), name), kind)
