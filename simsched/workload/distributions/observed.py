"""Observed durations in a column of a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import numpy as np

from simsched import units
from simsched.errors import InputError
from simsched.workload.columns import Floats


def read_column(file: str, column: str, unit: str) -> Floats:
    """Return the durations in *column* of the CSV *file*, in nanoseconds.

    Raises:
        InputError: the file cannot be read or has no such column, or a cell is not a duration; the
            message names the file and the line.
    """
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as lines:
            seconds = list(_cells(csv.DictReader(lines), file, column))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{file}: cannot be read as CSV: {reason}") from error
    if not seconds:
        raise InputError(f"{file}: has no rows under its header")
    return np.array(seconds) * units.DURATION_UNITS[unit]


def _cells(rows: csv.DictReader[str], file: str, column: str) -> Iterator[float]:
    if column not in (rows.fieldnames or ()):
        columns = ", ".join(rows.fieldnames or ()) or "none"
        raise InputError(f"{file}: has no column {column!r}; its columns are {columns}")
    for row in rows:
        yield _duration(row[column], f"{file}:{rows.line_num}: {column}")


def _duration(cell: str | None, place: str) -> float:
    try:
        value = float(cell or "")
    except ValueError:
        raise InputError(f"{place}: {cell!r} is not a number") from None
    if not (isfinite(value) and value >= 0):
        raise InputError(f"{place}: {cell!r} is not a duration; it must be 0 or more, and finite")
    return value
