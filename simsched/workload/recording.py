"""Recorded requests: when each arrived, of which class it was, and how long its phases took."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from simsched import units
from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.tables import Row, column_names, rows
from simsched.scenario.file.text import UnreadableError
from simsched.scenario.file.wording import closest, listed
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.workload import Trace
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.classes import class_shares, recorded_columns

MOST_FAULTS = 20
"""Reading stops at this number of faults in a file; those found until then are reported."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of recorded requests.

    Attributes:
        path: where it is; a CSV or Parquet file.
        arrival: the column of arrival times.
        request: the column of names of request classes; None if there is none.
        unit: the unit of all times in the file.
    """

    path: Path
    arrival: str
    request: str | None = None
    unit: str = "s"


@dataclass(frozen=True, eq=False)
class Recording:
    """The requests of a file, in order of arrival; those of one instant in the file's order.

    Attributes:
        arrival_ns: (n,) when each arrived.
        class_id: (n,) each one's class, by position; None if the file does not say.
        durations_ns: (n,) each column of durations; 0 for a request whose class has no use for it.
    """

    arrival_ns: Int64s
    class_id: Int32s | None
    durations_ns: Mapping[str, Int64s]


def read_recording(
    source: Source, columns: Mapping[str, Sequence[str]], shares: Mapping[str, float]
) -> Recording:
    """Read the requests of *source*.

    Of each row only those cells are read that its class has a use for.

    Args:
        source: the file.
        columns: the classes, each with the columns that its durations stand in.
        shares: how likely each class is, where the file does not name them.

    Raises:
        ScenarioError: the file cannot be read, or cells in it cannot be used; each fault names the
            file, the line (or row, if it is Parquet) and the column.
    """
    reader = _Reader(source, columns, shares)
    try:
        reader.check_names(column_names(source.path))
        for row in rows(source.path, reader.times, reader.texts):
            reader.take(row)
    except UnreadableError as error:
        raise ScenarioError((Fault(str(source.path), error.message, hint=error.hint),)) from None
    return reader.recording()


class _Reader:
    """Reads row after row, and collects the faults on the way.

    ``times`` and ``texts`` are the columns that it wants of each.
    """

    def __init__(
        self, source: Source, columns: Mapping[str, Sequence[str]], shares: Mapping[str, float]
    ) -> None:
        self._source = source
        self._classes = {name: i for i, name in enumerate(columns)}
        self._columns = list(columns.values())
        possible = [columns[name] for name, share in shares.items() if share > 0]
        self._possible = tuple(dict.fromkeys(chain.from_iterable(possible)))
        self._arrival_ns, self._class_id = array("q"), array("i")
        used = chain.from_iterable(self._columns)
        self._durations_ns = {name: array("q") for name in used}
        self._faults: list[Fault] = []
        self.times = list(dict.fromkeys([source.arrival, *self._durations_ns]))
        self.texts = [] if source.request is None else [source.request]

    def check_names(self, present: Sequence[str]) -> None:
        """Refuse a file that does not have each of the columns once."""
        wanted = [*self.times, *self.texts]
        absent = (_absent(name, present) for name in wanted if present.count(name) != 1)
        if faults := tuple(Fault(str(self._source.path), *each) for each in absent):
            raise ScenarioError(faults)

    def take(self, row: Row) -> None:
        """Read one row."""
        if row.fault:
            self._note(row.number, row.fault)
            return
        times = dict(zip(self.times, row.cells, strict=False))
        self._arrival_ns.append(self._time(row.number, self._source.arrival, times))
        wanted = self._possible if self._source.request is None else self._named(row)
        for name, durations in self._durations_ns.items():
            durations.append(self._time(row.number, name, times) if name in wanted else 0)

    def _time(self, number: int, column: str, times: Mapping[str, object]) -> int:
        try:
            return units.recorded_nanoseconds(times[column], self._source.unit)
        except ValueError as error:
            late = isinstance(error, units.TooLongError) and column == self._source.arrival
            hint = "; count times from the first arrival" if late else ""
            self._note(number, f"{error}{hint}", column)
            return 0

    def _named(self, row: Row) -> Sequence[str]:
        """Read the class that a row names, and return the columns that it has a use for."""
        name = "" if row.cells[-1] is None else str(row.cells[-1])
        position = self._classes.get(name)
        if position is None:
            near = closest(name, self._classes)
            known = f"the classes are {listed([*self._classes])}"
            message = f"there is no class of requests {name!r}"
            hint = f"did you mean {near!r}?" if near else known
            self._note(row.number, f"{message}; {hint}", self._source.request or "")
            return ()
        self._class_id.append(position)
        return self._columns[position]

    def _note(self, number: int, message: str, column: str = "") -> None:
        self._faults.append(Fault(str(self._source.path), message, number, path=column))
        if len(self._faults) == MOST_FAULTS:
            raise ScenarioError(tuple(self._faults))

    def recording(self) -> Recording:
        """Return what was read, in order of arrival."""
        if not self._arrival_ns and not self._faults:
            self._faults.append(Fault(str(self._source.path), "there are no rows"))
        if self._faults:
            raise ScenarioError(tuple(self._faults))
        arrival_ns = np.array(self._arrival_ns, np.int64)
        # Stable: requests of one instant stay in the order of the file.
        order = np.argsort(arrival_ns, kind="stable")
        class_id = np.array(self._class_id, np.int32)[order] if self._class_id else None
        durations = {
            name: np.array(each, np.int64)[order] for name, each in self._durations_ns.items()
        }
        return Recording(arrival_ns[order], class_id, durations)


def _absent(name: str, present: Sequence[str]) -> tuple[str]:
    if name in present:
        return (f"there are several columns {name!r}",)
    near = closest(name, present)
    hint = f"did you mean {near!r}?" if near else f"its columns are {listed(present)}"
    return (f"there is no column {name!r}; {hint}",)


def recording_of(scenario: Scenario, trace: Trace) -> Recording:
    """Return the requests that the file of *trace* holds, all of them.

    Raises:
        ScenarioError: the file cannot be used; it holds every fault.
    """
    source = Source(Path(trace.file), trace.arrival, trace.request, trace.unit)
    return read_recording(source, recorded_columns(scenario), class_shares(scenario))


def check_recording(scenario: Scenario) -> None:
    """Read what *scenario* replays, if anything, only to find what is wrong with it.

    Raises:
        ScenarioError: the file of the trace cannot be used; it holds every fault.
    """
    if scenario.workload.trace is not None:
        recording_of(scenario, scenario.workload.trace)
