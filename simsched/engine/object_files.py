"""Object files: the machine they are written for, and how a process loads one."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any


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


def loaded(code: bytes, name: str) -> Callable[..., int]:
    """Return the function *name* of an object file."""
    llvm = _llvm()
    linker = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
    linker.add_object_file(llvm.ObjectFileRef.from_data(code))
    linker.finalize_object()
    function = called(_ENTRY(linker.get_function_address(name)), name)
    function.linker = linker  # type: ignore[attr-defined]  # which owns the code
    return function


_ENTRY = ctypes.CFUNCTYPE(ctypes.c_int32)


def called(entry: Any, name: str) -> Callable[..., int]:
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


def _llvm() -> Any:
    import llvmlite.binding

    return llvmlite.binding
