"""Recorded requests: when each arrived, of which class it was, and how long its phases took."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

import numpy as np

from simsched import units
from simsched.errors import Fault, ScenarioError
from simsched.scenario.wording import closest, listed
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.rows import rows_of

MOST_FAULTS = 20
"""How many faults of a file are told before reading stops."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of recorded requests.

    Attributes:
        path: where it is; a CSV or Parquet file.
        arrival: the column of arrival times.
        request: the column of names of request classes; None if there is none.
        unit: the unit of all times in the file.
        durations: the columns of durations that are wanted.
    """

    path: Path
    arrival: str
    request: str | None = None
    unit: str = "s"
    durations: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Recording:
    """The requests of a file, in order of arrival; those of one instant in the file's order.

    Attributes:
        arrival_ns: (n,) when each arrived.
        class_id: (n,) each one's class, by position; None if the file does not say.
        durations_ns: (n,) each column of durations.
    """

    arrival_ns: Int64s
    class_id: Int32s | None
    durations_ns: Mapping[str, Int64s]


def read_recording(source: Source, classes: Sequence[str]) -> Recording:
    """Read the requests of *source*, whose classes are among *classes*.

    Raises:
        ScenarioError: the file cannot be read, or cells in it cannot be used; each fault names the
            file, the line (or row, if it is Parquet) and the column.
    """
    reader = _Reader(source, {name: i for i, name in enumerate(classes)})
    for number, cells in rows_of(source.path, reader.columns):
        reader.take(number, cells)
    return reader.recording()


@dataclass
class _Reader:
    """Reads row after row, and collects the faults on the way."""

    source: Source
    classes: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._times = {name: array("d") for name in (self.source.arrival, *self.source.durations)}
        self._class_id = array("i")

    @property
    def columns(self) -> list[str]:
        """The columns of times, and last the one of classes."""
        return [*self._times, *([self.source.request] if self.source.request is not None else [])]

    def take(self, number: int, cells: Sequence[object]) -> None:
        """Read the cells of one row."""
        try:
            for (name, times), cell in zip(self._times.items(), cells, strict=False):
                column = name
                times.append(_time_ns(cell, self.source.unit))
            if self.source.request is not None:
                column = self.source.request
                self._class_id.append(self._class(cells[-1]))
        except ValueError as error:
            self._note(str(error), column, number)

    def _class(self, cell: object) -> int:
        name = "" if cell is None else str(cell)
        if name in self.classes:
            return self.classes[name]
        near = closest(name, self.classes)
        mend = f"did you mean {near!r}?" if near else f"the classes are {listed([*self.classes])}"
        raise ValueError(f"there is no class of requests {name!r}; {mend}")

    def _note(self, message: str, column: str, number: int) -> None:
        self.faults.append(Fault(str(self.source.path), message, number, path=column))
        if len(self.faults) == MOST_FAULTS:
            raise ScenarioError(tuple(self.faults))

    def recording(self) -> Recording:
        """Return what was read, in order of arrival."""
        times = {
            name: np.rint(np.array(each)).astype(np.int64) for name, each in self._times.items()
        }
        arrival_ns = times[self.source.arrival]
        if not len(arrival_ns) and not self.faults:
            self.faults.append(Fault(str(self.source.path), "there are no rows"))
        if self.faults:
            raise ScenarioError(tuple(self.faults))
        order = np.argsort(arrival_ns, kind="stable")
        class_id = np.array(self._class_id, np.int32)[order] if self._class_id else None
        durations = {name: times[name][order] for name in self.source.durations}
        return Recording(arrival_ns[order], class_id, durations)


def _time_ns(cell: object, unit: str) -> float:
    """Return the nanoseconds in a cell.

    Raises:
        ValueError: there is no time in it that a scenario could name.
    """
    try:
        value = float(cell)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        shown = "the cell is empty" if cell in ("", None) else f"{str(cell)!r} is not a number"
        raise ValueError(shown) from None
    nanoseconds = value * units.DURATION_UNITS[unit]
    if 0 <= nanoseconds <= units.LONGEST:
        return nanoseconds
    if not isfinite(value) or value < 0:
        raise ValueError(f"{value:g} is not a time; it must be a number of at least 0")
    raise ValueError(f"{value:g} {unit} is longer than a year; count times from the first arrival")
