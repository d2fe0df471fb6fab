"""Numba's decorators with types: how the rules of the compiled engine are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from simsched.engine.kept_code import OPTIONS

F = TypeVar("F", bound=Callable[..., Any])

_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_njit: Any = numba.njit


def rule(function: F) -> F:
    """Return *function*, compiled into every caller: most rules are a few lines."""
    return cast("F", _njit(**OPTIONS, **_INNER, forceinline=True)(function))


def apart(function: F) -> F:
    """Return *function*, compiled on its own: it is called rarely, or from many places."""
    # Without the explicit option, Numba hands down the caller's: a function that a rule calls would
    # be compiled into it, and the general kernel takes four times as long to compile.
    return cast("F", _njit(**OPTIONS, **_INNER, forceinline=False)(function))
