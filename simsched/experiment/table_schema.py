"""The tables of a run by one schema each: which columns they have, and of which types.

Files may be damaged, or come from anyone, so a table is checked before any of it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsched.experiment.untrusted import DamagedError

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

_PLACE = {"server": "dictionary<values=string, indices=int32, ordered=0>", "replication": "int32"}
_WORD = "dictionary<values=string, indices=int32, ordered=0>"
PARTS = ("queue_ns", "cpu_ns", "cpu_wait_ns", "io_ns", "io_wait_ns")

REQUESTS = {
    **_PLACE,
    "request": "int64",
    "class": _WORD,
    "user": "int32",
    "attempt": "int32",
    "worker": "int32",
    **dict.fromkeys(("arrival_ns", "start_ns", "finish_ns", *PARTS), "int64"),
    "status": _WORD,
    "late_cpu_ns": "int64",
    "late_until_ns": "int64",
    "demand_ns": "int64",
}
"""The columns of ``requests.parquet`` and their types."""

SEGMENTS = {
    **_PLACE,
    "request": "int64",
    "attempt": "int32",
    "activity": _WORD,
    "start_ns": "int64",
    "finish_ns": "int64",
    "worker": "int32",
    "label": "string",
}
"""The columns of ``segments.parquet`` and their types."""

VISITS = {
    **_PLACE,
    "resource": _WORD,
    "request": "int64",
    "attempt": "int32",
    "asked_ns": "int64",
    "granted_ns": "int64",
    "released_ns": "int64",
}
"""The columns of ``resources.parquet`` and their types."""

_MAY_BE_NULL = frozenset(
    {"user", "worker", "start_ns", "finish_ns", "late_until_ns", "granted_ns", "released_ns"}
)


def check(name: str, table: pa.Table, columns: Mapping[str, str]) -> None:
    """Check that the table *name* has those *columns*, of those types, without surprising nulls.

    Raises:
        DamagedError: it has not.
    """
    import pyarrow as pa

    found = {field.name: str(field.type) for field in table.schema}
    for column, kind in columns.items():
        require(column in found, f"column {column} is missing", name)
        require(found[column] == kind, f"column {column} is {found[column]}, not {kind}", name)
        nulls = table[column].null_count and column not in _MAY_BE_NULL
        require(not nulls, f"column {column} has empty cells", name)
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise DamagedError(first_line(error), name) from None


def numbers_of(rows: pa.Table, name: str, kind: Any, missing: int = 0) -> NDArray[Any]:
    """Return a column of numbers, with *missing* for null."""
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it carries no types

    column = rows[name]
    filled = pc.fill_null(column, missing) if column.null_count else column
    return np.asarray(filled.to_numpy()).astype(kind)


def codes_of(rows: pa.Table, name: str, codes: Mapping[str, int], kind: Any) -> NDArray[Any]:
    """Return a column of words as the numbers that stand for them, -1 for an unknown word."""
    column = rows[name].unify_dictionaries().combine_chunks()
    if not len(column):
        return np.empty(0, dtype=kind)
    words = column.dictionary.to_pylist()
    table = np.array([codes.get(word, -1) for word in words], dtype=kind)
    return np.asarray(table[column.indices.to_numpy(zero_copy_only=False)])


def require(holds: Any, message: str, table: str = "requests") -> None:
    """Check that *holds* is true, or all of it.

    Raises:
        DamagedError: it is not; *table* is the one that is damaged, *message* says how.
    """
    if not np.all(holds):
        raise DamagedError(message, table)


def first_line(error: BaseException) -> str:
    """Return what *error* says, without the details that follow."""
    return str(error).partition("\n")[0]
