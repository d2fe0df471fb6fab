"""Numba, behind types: what rules are compiled into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from simsched.engine.kept_code import OPTIONS

F = TypeVar("F", bound=Callable[..., Any])

_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_njit: Any = numba.njit


def rule(function: F) -> F:
    """Return *function*, to be compiled into whatever calls it: most rules are a few lines."""
    return cast("F", _njit(**OPTIONS, **_INNER, forceinline=True)(function))


def apart(function: F) -> F:
    """Return *function*, to be compiled on its own: it is rarely called, or in many places."""
    return cast("F", _njit(**OPTIONS, **_INNER)(function))
