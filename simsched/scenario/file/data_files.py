"""The tables beside a scenario, CSV or Parquet: recordings and observed durations."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.problems import Problem, Unknown, complaint
from simsched.scenario.file.text import MOST_BYTES, UnreadableError, open_file, read_start
from simsched.scenario.file.tree import dotted
from simsched.scenario.file.wording import counted, quote
from simsched.units import recorded_nanoseconds

LONGEST_HEADER = 2**20
"""The most bytes of a CSV file's first line."""

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
                return float(sum(1 for _ in file))
        from pyarrow import parquet  # type: ignore[import-untyped]  # it carries no types

        return float(parquet.ParquetFile(path).metadata.num_rows)
    except (UnreadableError, OSError, ValueError):  # what is wrong with it, reading it will say
        return 0.0


def _is_parquet(path: Path) -> bool:
    with open_file(path) as file:
        return file.read(len(_PARQUET)) == _PARQUET or path.suffix.lower() == ".parquet"


def _header(path: Path) -> tuple[str, ...]:
    line, end, _ = read_start(path, LONGEST_HEADER).partition("\n")
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
        lines = csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline=""), strict=True)
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
            batches = parquet.ParquetFile(file).iter_batches(columns=list(dict.fromkeys(columns)))
            for batch in batches:
                cells = [batch.column(name).to_pylist() for name in columns]
                yield from map(Row, range(first, first + batch.num_rows), zip(*cells, strict=True))
                first += batch.num_rows
        except (pa.ArrowException, OSError):
            raise UnreadableError("it is not a Parquet file") from None


def _not_numbers(path: Path, field: Any) -> Fault | None:
    """Return the fault of a column of times whose type is not numeric, or None."""
    from pyarrow import types

    kind = field.type.value_type if types.is_dictionary(field.type) else field.type
    kinds = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    if any(is_kind(kind) for is_kind in kinds):
        return None
    message, hint = f"the column is of type {kind}, which is no time", "store numbers of the unit"
    return Fault(str(path), message, path=field.name, hint=hint)


MOST_ROWS = 100_000
"""The most values that are observed, and the most rows that the files of a scenario have."""

MOST_COLUMNS = 100
"""The most columns that a scenario reads, counting one again for each unit."""


class DataFiles:
    """The data files of one scenario, kept while it is read.

    ``directory`` is what the names of files are relative to.
    """

    def __init__(self, directory: Path = Path()) -> None:
        self._directory = directory
        self._outcomes: dict[tuple[str, str, str], tuple[int, ...] | PydanticCustomError] = {}
        self._rows_left = MOST_ROWS
        self._columns: dict[Path, tuple[str, ...]] = {}

    @classmethod
    def of(cls, info: ValidationInfo) -> DataFiles:
        """Return the files of the scenario that is being validated."""
        return info.context if isinstance(info.context, cls) else cls()

    def path(self, file: str) -> Path:
        """Return the absolute path of *file*."""
        return Path(os.path.abspath(self._directory / file))  # noqa: PTH100  keeps symbolic links

    def trace_columns(self, path: Path) -> tuple[str, ...]:
        """Return the names of the columns of the trace in the file *path*.

        Raises:
            UnreadableError: it cannot be read, or is neither CSV nor Parquet.
        """
        # Every class that refers to a column asks for the names again.
        if path not in self._columns:
            self._columns[path] = column_names(path)
        return self._columns[path]

    def columns_of_trace(self) -> tuple[str, ...] | None:
        """Return the columns of the trace of the scenario, or None where none has been read."""
        return next(iter(self._columns.values()), None)

    def durations(self, file: str, column: str, unit: str) -> tuple[int, ...]:
        """Return the durations in a column, in nanoseconds.

        Raises:
            PydanticCustomError: the complaint about the file or what stands in it.
        """
        key = (file, column, unit)
        # A fault is remembered like a value: a file that cannot be read is not tried again.
        if key not in self._outcomes:
            self._outcomes[key] = self._outcome(file, column, unit)
        outcome = self._outcomes[key]
        if isinstance(outcome, PydanticCustomError):
            raise outcome
        return outcome

    def _outcome(self, file: str, column: str, unit: str) -> tuple[int, ...] | PydanticCustomError:
        if len(self._outcomes) >= MOST_COLUMNS:
            return complaint(Problem((), f"more than {MOST_COLUMNS} columns of files are too many"))
        try:
            durations = _read(self._directory / file, column, unit, self._rows_left)
        except PydanticCustomError as error:
            return error
        self._rows_left -= len(durations)
        return durations


def _read(path: Path, column: str, unit: str, most: int) -> tuple[int, ...]:
    try:
        check_column(column_names(path), column, ("column",))
        return _durations(path, column, unit, most)
    except UnreadableError as error:
        message = f"{quote(str(path))} cannot be used: {error.message}"
        raise complaint(Problem(("file",), message, error.hint)) from None
    except ScenarioError as error:
        raise _elsewhere(*error.faults) from None


def check_column(names: tuple[str, ...], column: str, path: tuple[str, ...] = ()) -> None:
    """Raise the complaint, at *path*, of a *column* that is not once among *names*."""
    if column not in names:
        unknown = Unknown(column, names, "columns")
        raise complaint(Problem(path, "the file has no such column", unknown=unknown))
    if names.count(column) > 1:
        raise complaint(Problem(path, "the file has several columns of this name"))


def _durations(path: Path, column: str, unit: str, most: int) -> tuple[int, ...]:
    durations: list[int] = []
    faults: list[Fault] = []
    for number, cells, misfit in rows(path, [column], most_bytes=MOST_BYTES):
        # Checked row by row: a file of any size is refused before it fills the memory.
        if len(durations) + len(faults) == most:
            raise complaint(Problem(("file",), f"more than {most} rows are too many"))
        if misfit:
            faults.append(Fault(str(path), misfit, number))
            continue
        try:
            durations.append(recorded_nanoseconds(cells[0], unit))
        except ValueError as error:
            faults.append(Fault(str(path), str(error), number, path=dotted((column,))))
    if faults:
        raise _elsewhere(*faults)
    if not durations:
        raise complaint(Problem(("file",), "the file has no rows under its header"))
    return tuple(durations)


def _elsewhere(*faults: Fault) -> PydanticCustomError:
    return complaint(Problem(("file",), "\n".join(map(str, faults)), elsewhere=faults))
