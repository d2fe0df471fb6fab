"""Requests that were recorded: one row of a file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from simsched.scenario.file.data_files import DataFiles
from simsched.scenario.file.problems import Problem, Unknown
from simsched.scenario.file.text import UnreadableError
from simsched.scenario.file.wording import quote
from simsched.scenario.model.base import Part, complaint
from simsched.scenario.model.quantities import FileName, Name


def _file(file: str, info: ValidationInfo) -> str:
    """Return the absolute path of *file*, of which the columns can be read."""
    path = _files(info).path(file)
    if path.suffix.lower() not in {".csv", ".parquet"}:
        message = f"{quote(path.name)} cannot be used: it is neither CSV nor Parquet"
        raise complaint(Problem((), message, "its name ends in .csv or .parquet"))
    try:
        _files(info).trace_columns(path)
    except UnreadableError as error:
        message = f"{quote(path.name)} cannot be used: {error.message}"
        raise complaint(Problem((), message, error.hint)) from None
    return str(path)


def _column(name: str, info: ValidationInfo) -> str:
    """Return *name*, which the file has as a column."""
    file = info.data.get("file")
    columns = _files(info).trace_columns(Path(file)) if file else (name,)
    if name not in columns:
        unknown = Unknown(name, columns, "columns")
        raise complaint(Problem((), "the file has no such column", unknown=unknown))
    if columns.count(name) > 1:
        raise complaint(Problem((), "the file has several columns of this name"))
    return name


def _files(info: ValidationInfo) -> DataFiles:
    return info.context if isinstance(info.context, DataFiles) else DataFiles()


ColumnName = Annotated[Name, AfterValidator(_column)]


class Trace(Part):
    """The requests of a CSV or Parquet file, one a row.

    In a scenario file ``file`` is relative to it; here it is absolute. It is checked that the file
    has the columns, which are read later: they may have millions of rows.
    """

    file: Annotated[FileName, AfterValidator(_file)] = Field(
        description="A CSV or Parquet file, relative to the scenario file.", examples=["runs.csv"]
    )
    arrival: ColumnName = Field(
        description="The column that tells when each request arrives.", examples=["arrival_s"]
    )
    request: ColumnName | None = Field(
        default=None,
        description="The column that names each request's class; without it, mix decides.",
        examples=["endpoint"],
    )
    unit: Literal["ns", "us", "µs", "ms", "s", "min", "h"] = Field(
        default="s", description="The unit of the columns of times."
    )
