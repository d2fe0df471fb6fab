"""The names of a data file's columns."""

from __future__ import annotations

import csv
from pathlib import Path

from simsched.scenario.reading import UnreadableError, read_start

LONGEST_HEADER = 2**20
"""The most bytes of a CSV file's first line."""


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a CSV or Parquet file.

    Raises:
        UnreadableError: it cannot be read, or is neither.
    """
    readers = {".csv": _csv, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        raise UnreadableError("it is neither CSV nor Parquet", "its name ends in .csv or .parquet")
    return readers[path.suffix.lower()](path)


def _csv(path: Path) -> tuple[str, ...]:
    line, end, _ = read_start(path, LONGEST_HEADER).partition("\n")
    try:
        names = next(csv.reader([line + end], strict=True), [])
    except csv.Error as error:
        raise UnreadableError(f"its first line is not CSV: {error}") from None
    if not names:
        raise UnreadableError("its first line names no columns")
    return tuple(name.strip() for name in names)


def _parquet(path: Path) -> tuple[str, ...]:
    read_start(path, 1)  # says in words why a file cannot be opened
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types
    from pyarrow import parquet

    try:
        return tuple(parquet.read_schema(path).names)
    except (pa.ArrowException, OSError):
        raise UnreadableError("it is not a Parquet file") from None
