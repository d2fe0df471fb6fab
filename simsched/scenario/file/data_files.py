"""The data files beside a scenario: observed durations, and the columns of recordings."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.problems import Problem, Unknown, complaint
from simsched.scenario.file.tables import column_names, rows
from simsched.scenario.file.text import MOST_BYTES, UnreadableError
from simsched.scenario.file.tree import dotted
from simsched.scenario.file.wording import quote
from simsched.units import recorded_nanoseconds

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
