"""Machine code of the compiled functions: shipped with the package, kept on disk, or compiled.

A wheel for a platform ships all of it, as a shared object that needs no other library. Elsewhere a
function is compiled when it is first needed, by Numba, and its object file is kept. Loading that
needs LLVM (llvmlite), but not Numba, whose import alone takes longer than a small run.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from simsched import interrupt
from simsched.engine import kept_code

FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "plain": "simsched.engine.compiled.kernel:plain",
        "general": "simsched.engine.compiled.kernel:general",
        "services": "simsched.engine.compiled.together:services",
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
        return _callable(library[kind], kind)
    return _loaded(object_file(kind, note), kind)


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


def _loaded(code: bytes, name: str) -> Callable[..., int]:
    """Return the function *name* of an object file."""
    llvm = _llvm()
    linker = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
    linker.add_object_file(llvm.ObjectFileRef.from_data(code))
    linker.finalize_object()
    function = _callable(_ENTRY(linker.get_function_address(name)), name)
    function.linker = linker  # type: ignore[attr-defined]  # which owns the code
    return function


_ENTRY = ctypes.CFUNCTYPE(ctypes.c_int32)


def _callable(entry: Any, name: str) -> Callable[..., int]:
    """Return the function at *entry*, which has Numba's calling convention."""

    def function(*values: int) -> int:
        result, fault = ctypes.c_int64(), ctypes.c_void_p()
        status = entry(
            ctypes.byref(result), ctypes.byref(fault), *(ctypes.c_int64(int(v)) for v in values)
        )
        if status:
            raise RuntimeError(f"the compiled function {name} ended with status {status}")
        return result.value

    return function


def target_machine() -> Any:
    """Return what LLVM needs to know to write code for machines such as this, and to place it.

    Code for all processors of the kind is as fast here as code for this one. A linker takes the
    object over, and frees it, so each needs one of its own.
    """
    llvm = _llvm()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    shareable = {"reloc": "pic", "codemodel": "small"}
    in_process = {"reloc": "default", "codemodel": "jitdefault", "jit": True}
    how: dict[str, Any] = shareable if sys.platform == "linux" else in_process
    return llvm.Target.from_default_triple().create_target_machine(opt=3, **how)


def _llvm() -> Any:
    import llvmlite.binding

    return llvmlite.binding
