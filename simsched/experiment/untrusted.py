"""Data from untrusted files: checked field by field against a schema, or refused.

Kinds of data are dataclasses and typed dictionaries of strings, numbers, tuples and each other.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class DamagedError(Exception):
    """Stored data are not what was written; ``table`` names the damaged one of several."""

    def __init__(self, message: str, table: str = "") -> None:
        super().__init__(message)
        self.table = table


def require(holds: Any, message: str, table: str = "requests") -> None:
    """Check that *holds* is true, or all of it; else *table* is damaged, as *message* says."""
    if not np.all(holds):
        raise DamagedError(message, table)


def first_line(error: BaseException) -> str:
    """Return the message of *error*, without the details that follow."""
    return str(error).partition("\n")[0]


def to_json(kind: type[T], value: T) -> bytes:
    """Return *value*, of type *kind*, as JSON, which :func:`from_json` reads back."""
    # Pydantic itself would write NaN and infinity as null.
    return json.dumps(_schema(kind).dump_python(value), ensure_ascii=False).encode()


def from_json(kind: type[T], data: bytes | str) -> T:
    """Return the value of type *kind* in the JSON *data*.

    Raises:
        DamagedError: it is something else; the message names the field.
    """
    try:
        # Strict: the text "1" is not a number, nor is 1 a truth value.
        return _schema(kind).validate_json(data, strict=True)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise DamagedError(f"{place}: {wrong['msg']}" if place else wrong["msg"]) from None


def read_bytes(path: Path, most: int) -> bytes:
    """Return the content of the file *path*, whose size is checked first.

    Raises:
        DamagedError: it is not a regular file, or has more than *most* bytes.
        OSError: it cannot be read.
    """
    # The opened file is examined, not the path: that may be another one by then.
    with open(path, "rb", opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise DamagedError("it is not a regular file")
        if status.st_size > most:
            raise DamagedError(f"its size, {status.st_size:,} bytes, is not plausible")
        try:
            return file.read()
        except MemoryError:
            raise DamagedError("it does not fit into memory") from None


def _without_waiting(path: str, flags: int) -> int:
    """Open *path*; if it is a pipe, do not wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _schema(kind: type[T]) -> TypeAdapter[T]:
    return cast("TypeAdapter[T]", _made(cast("Hashable", kind)))


@cache
def _made(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", kind))
