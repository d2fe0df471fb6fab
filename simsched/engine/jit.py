"""Numba's decorators with types: how the rules of the compiled engine are compiled."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import llvmlite.binding as _binding
import numba
from numba.core import types as _types

from simsched.engine.machine_code import target_machine

F = TypeVar("F", bound=Callable[..., Any])

_INNER: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}

_njit: Any = numba.njit
_int64: Any = numba.int64
_llvm: Any = _binding

# LLVM 22 fails on some loops of the rules in this pass, which gains nothing measurable here.
_llvm.set_option("simsched", "-disable-lsr")

# Numba names a function by the types of its arguments, and a record by all of its fields. That
# makes a hundred megabytes of names, and longer ones than LLVM reads; a number will do.
_kinds: Any = (_types.Record, _types.NamedTuple)
for _kind in _kinds:
    _kind.mangling_args = property(lambda self: (f"{type(self).__name__}{self._code}", ()))


def rule(function: F) -> F:
    """Return *function*, compiled into every caller: most rules are a few lines."""
    return cast("F", _njit(**_INNER, forceinline=True)(function))


def apart(function: F) -> F:
    """Return *function*, compiled on its own: it is called rarely, or from many places."""
    # Without the explicit option, Numba hands down the caller's: a function that a rule calls would
    # be compiled into it, and the general kernel takes four times as long to compile.
    return cast("F", _njit(**_INNER, forceinline=False)(function))


def object_code(function: Callable[..., int], name: str) -> bytes:
    """Return machine code for *function* of int64 values, under *name*, as an object file.

    It refers to nothing outside itself: neither to Numba nor to Python. By Numba's calling
    convention it returns a status, and takes two more arguments first: the address of its result,
    and one for an exception.
    """
    dispatcher = _njit(**_INNER)(function)
    dispatcher.compile(_int64(*[_int64] * len(inspect.signature(function).parameters)))
    (signature,) = dispatcher.signatures
    module = _llvm.parse_assembly(dispatcher.inspect_llvm(signature))
    entry = module.get_function(dispatcher.overloads[signature].fndesc.llvm_func_name)
    for each in (*module.functions, *module.global_variables):
        if not each.is_declaration and each != entry:
            each.linkage = "internal"  # names are numbered anew by each process
    entry.name = name
    return cast("bytes", target_machine().emit_object(module))
