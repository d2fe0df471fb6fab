"""Tables, CSV or Parquet, read row by row in bounded memory."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.text import UnreadableError, open_file, read_start
from simsched.scenario.file.wording import counted

LONGEST_LINE = 2**20
"""The most characters of a line of a CSV file, and bytes of its first."""

LONGEST_CHUNK = 2**30
"""The most bytes, unpacked, of a column in a row group of a Parquet file."""

_PARQUET = b"PAR1"
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_WHOLE = re.compile(r"-?[0-9]+")
_DIGITS = re.compile(r"[0-9]+")


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        number: its line in a CSV file, where the header is line 1; in a Parquet file it counts the
            rows from 1.
        cells: one for each column that was asked for; None where Parquet has no value.
        fault: what is wrong with the row as a whole, in which case it has no cells.
    """

    number: int
    cells: tuple[object, ...]
    fault: str = ""


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of the table in the file *path*.

    Raises:
        UnreadableError: it cannot be read, or is neither CSV nor Parquet.
    """
    return tuple(_schema(path).names) if _is_parquet(path) else _header(path)


def rows(
    path: Path, times: Sequence[str], texts: Sequence[str] = (), most_bytes: int | None = None
) -> Iterator[Row]:
    """Yield the rows of a table, each with its cells in the columns *times* and then *texts*.

    The table has each of these columns once.

    Raises:
        UnreadableError: the file cannot be read, or is larger than *most_bytes*.
        ScenarioError: it is not CSV in some line, or a column of times does not hold numbers.
    """
    if _is_parquet(path):
        yield from _parquet_rows(path, times, texts, most_bytes)
    else:
        yield from _csv_rows(path, [*times, *texts], most_bytes)


def about_rows(path: Path) -> float:
    """Return about how many rows the file at *path* has: its lines if it is CSV; 0 if unknown."""
    try:
        if not _is_parquet(path):
            with open_file(path) as file:
                return float(
                    sum(part.count(b"\n") for part in iter(partial(file.read, 2**20), b""))
                )
        from pyarrow import parquet  # type: ignore[import-untyped]  # it carries no types

        return float(parquet.ParquetFile(path).metadata.num_rows)
    except (UnreadableError, OSError, ValueError):  # what is wrong with it, reading it will say
        return 0.0


def _is_parquet(path: Path) -> bool:
    with open_file(path) as file:
        return file.read(len(_PARQUET)) == _PARQUET or path.suffix.lower() == ".parquet"


def _header(path: Path) -> tuple[str, ...]:
    line, end, _ = read_start(path, LONGEST_LINE).partition("\n")
    try:
        names = next(csv.reader([line + end], strict=True), [])
    except csv.Error as error:
        raise UnreadableError(f"its first line is not CSV: {error}") from None
    if not names:
        raise UnreadableError("its first line names no columns")
    for separator, plural in _SEPARATORS.items():
        if len(line.split(separator)) > len(names):
            raise UnreadableError(f"its cells are separated by {plural}", "separate them by commas")
    return tuple(name.strip() for name in names)


def _csv_rows(path: Path, columns: Sequence[str], most_bytes: int | None) -> Iterator[Row]:
    names = _header(path)
    positions = [names.index(name) for name in columns]
    with open_file(path, most_bytes) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        lines = csv.reader(_bounded_lines(text), strict=True)
        try:
            next(lines)
            for cells in filter(None, lines):
                if len(cells) == len(names):
                    yield Row(lines.line_num, tuple(cells[at].strip() for at in positions))
                else:
                    yield Row(lines.line_num, (), _misfit(cells, len(names)))
        except csv.Error as error:
            fault = Fault(str(path), f"not CSV: {error}", lines.line_num)
            raise ScenarioError((fault,)) from None
        except UnicodeDecodeError:
            message = f"not UTF-8 text behind line {lines.line_num}"
            raise UnreadableError(message, "save the file with the encoding UTF-8") from None


def _bounded_lines(file: TextIO) -> Iterator[str]:
    """Yield line after line; one without an end would fill the memory."""
    for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE + 1), ""), 1):
        if len(line) > LONGEST_LINE:
            raise UnreadableError(
                f"line {number} is longer than {LONGEST_LINE // 2**20} MiB",
                "end each row with a line break",
            )
        yield line


def _misfit(cells: Sequence[str], columns: int) -> str:
    """Say that a row has more or fewer cells than there are columns, and why that may be."""
    count, header = counted(len(cells), "cell"), counted(columns, "column")
    return f"the row has {count}, but the header {header}{_reason(cells, columns)}"


def _reason(cells: Sequence[str], columns: int) -> str:
    if len(cells) > columns:
        # A decimal comma makes two cells of one number: the usual reason for a cell too many.
        for whole, part in zip(map(str.strip, cells), map(str.strip, cells[1:]), strict=False):
            if _WHOLE.fullmatch(whole) and _DIGITS.fullmatch(part):
                return f"; if {whole},{part} is one number, write {whole}.{part}"
        return "; put text that holds a comma in quotes"
    for separator, plural in _SEPARATORS.items():
        if any(separator in cell for cell in cells):
            return f"; if {plural} separate its cells, write commas"
    return "; an empty cell needs its comma, too"


def _schema(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_schema(path)
    except (pa.ArrowException, OSError):
        raise UnreadableError("it is not a Parquet file") from None


def _parquet_rows(
    path: Path, times: Sequence[str], texts: Sequence[str], most_bytes: int | None
) -> Iterator[Row]:
    schema = _schema(path)
    faults = [_not_numbers(path, schema.field(name)) for name in dict.fromkeys(times)]
    if found := tuple(fault for fault in faults if fault is not None):
        raise ScenarioError(found)
    import pyarrow as pa
    from pyarrow import parquet

    columns, first = [*times, *texts], 1
    with open_file(path, most_bytes) as file:
        try:
            wanted = list(dict.fromkeys(columns))
            # Text stays in dictionaries: few bytes may stand for the same long text many times.
            table = parquet.ParquetFile(file, read_dictionary=list(texts))
            _check_chunks(table.metadata, wanted)
            for batch in table.iter_batches(columns=wanted):
                cells = [_values(batch.column(name)) for name in columns]
                yield from map(Row, range(first, first + batch.num_rows), zip(*cells, strict=True))
                first += batch.num_rows
        except (pa.ArrowException, OSError):
            raise UnreadableError("it is not a Parquet file") from None


def _check_chunks(metadata: Any, wanted: Sequence[str]) -> None:
    groups = (metadata.row_group(at) for at in range(metadata.num_row_groups))
    chunks = (group.column(at) for group in groups for at in range(group.num_columns))
    for chunk in chunks:
        if chunk.path_in_schema in wanted and chunk.total_uncompressed_size > LONGEST_CHUNK:
            raise UnreadableError(
                f"its column {chunk.path_in_schema!r} unpacks to more than "
                f"{LONGEST_CHUNK // 2**30} GiB in one row group",
                "write smaller row groups",
            )


def _values(column: Any) -> list[object]:
    """Return the values of a column, which share what a dictionary has of them."""
    from pyarrow import types

    if not types.is_dictionary(column.type):
        return list(column.to_pylist())
    known = column.dictionary.to_pylist()
    return [None if at is None else known[at] for at in column.indices.to_pylist()]


def _not_numbers(path: Path, field: Any) -> Fault | None:
    """Return the fault of a column of times whose type is not numeric, or None."""
    from pyarrow import types

    kind = field.type.value_type if types.is_dictionary(field.type) else field.type
    kinds = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    if any(is_kind(kind) for is_kind in kinds):
        return None
    message, hint = f"the column is of type {kind}, which is no time", "store numbers of the unit"
    return Fault(str(path), message, path=field.name, hint=hint)
