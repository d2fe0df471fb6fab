"""The rows of a recorded file, CSV or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from simsched.errors import Fault, ScenarioError
from simsched.scenario.wording import closest, listed

Row = tuple[int, tuple[object, ...]]
"""The number of a row, and its cells in the columns that were asked for; None where there is none.

The number is that of the line in a CSV file, whose first line is 1, and counts the rows of a
Parquet file from 1.
"""

_PARQUET = b"PAR1"


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of the file at *path*.

    Raises:
        ScenarioError: it cannot be read, or does not have each of the columns once.
    """
    try:
        with path.open("rb") as file:
            parquet = file.read(len(_PARQUET)) == _PARQUET
        yield from (_parquet_rows if parquet else _csv_rows)(path, columns)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ScenarioError((Fault(str(path), f"cannot be read: {reason}"),)) from None


def _csv_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            positions = _positions(columns, header, path)
            for cells in filter(None, rows):
                row = [cells[at].strip() if at < len(cells) else None for at in positions]
                yield rows.line_num, tuple(row)
        except csv.Error as error:
            fault = Fault(str(path), f"not CSV: {error}", rows.line_num)
            raise ScenarioError((fault,)) from None


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        _positions(columns, file.schema_arrow.names, path)
        first = 1
        for batch in file.iter_batches(columns=list(dict.fromkeys(columns))):
            cells = [batch.column(name).to_pylist() for name in columns]
            yield from enumerate(zip(*cells, strict=True), first)
            first += batch.num_rows
    except pa.ArrowException as error:
        raise ScenarioError((Fault(str(path), f"not Parquet: {error}"),)) from None


def _positions(columns: Sequence[str], present: Sequence[str], path: Path) -> list[int]:
    missing = [name for name in dict.fromkeys(columns) if present.count(name) != 1]
    if missing:
        raise ScenarioError(tuple(_absent(name, present, path) for name in missing))
    return [present.index(name) for name in columns]


def _absent(name: str, present: Sequence[str], path: Path) -> Fault:
    if name in present:
        return Fault(str(path), f"there are several columns {name!r}")
    near = closest(name, present)
    hint = f"did you mean {near!r}?" if near else f"its columns are {listed(present) or 'none'}"
    return Fault(str(path), f"there is no column {name!r}", hint=hint)


def about_rows(path: Path) -> float:
    """Return about how many rows the file at *path* has: its lines if it is CSV; 0 if unknown."""
    try:
        with path.open("rb") as file:
            if file.read(len(_PARQUET)) != _PARQUET:
                file.seek(0)
                return float(sum(1 for _ in file))
        from pyarrow import parquet

        return float(parquet.ParquetFile(path).metadata.num_rows)
    except (OSError, ValueError):  # what is wrong with it, reading it will say
        return 0.0
