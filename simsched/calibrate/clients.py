"""The clients' times of the requests that the spans are of."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simsched.calibrate.mode import half_sample_mode
from simsched.calibrate.reading import printable
from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.tables import Row, column_names, rows
from simsched.scenario.file.text import UnreadableError
from simsched.scenario.file.wording import listed
from simsched.statistics.words import calibration as words
from simsched.units import LONGEST, recorded_nanoseconds
from simsched.workload.arrays import Int64s

ARRIVALS = ("arrival", "intended", "sent", "start", "begin")
"""What a column of arrivals is called, the best first."""

ANSWERS = ("done", "finished", "end", "answered")
CLASSES = ("class", "route", "endpoint", "request", "path", "name", "url")
MOST_REQUESTS = 2_000_000
"""The most requests that are read."""

_UNITS = ("s", "ms", "us", "ns")
_MS = 1_000_000
_ALIGNED_BY = 400
_BIN_NS = 2 * _MS
_LATEST_NS = 2**62
"""Times may count from 1970, and leave room for differences."""


@dataclass(frozen=True, eq=False)
class Clients:
    """Requests as their clients saw them, in order of arrival.

    Attributes:
        arrival_ns: (n,) when each was to be sent.
        done_ns: (n,) when its answer was there.
        request: (n,) its class; None if the file does not say.
    """

    arrival_ns: Int64s
    done_ns: Int64s
    request: Sequence[str] | None

    def __len__(self) -> int:
        return len(self.arrival_ns)

    @property
    def response_ns(self) -> Int64s:
        """(n,) how long each took."""
        return self.done_ns - self.arrival_ns

    def until(self, end_ns: int) -> Clients:
        """Return those that arrive before *end_ns*."""
        n = int(np.searchsorted(self.arrival_ns, end_ns))
        names = None if self.request is None else self.request[:n]
        return Clients(self.arrival_ns[:n], self.done_ns[:n], names)

    def of(self, classes: Container[str]) -> Clients:
        """Return those of *classes*; all if their classes are not known."""
        if self.request is None:
            return self
        rows = np.array([name in classes for name in self.request], np.bool_)
        names = [name for name in self.request if name in classes]
        return Clients(self.arrival_ns[rows], self.done_ns[rows], names)


def read_clients(path: Path) -> Clients:
    """Read the clients' times from a CSV or Parquet file.

    The columns are found by their names: a time of arrival and one of the answer, such as
    ``arrival_s`` and ``done_s``, whose ending is the unit (seconds if it has none), and the class.
    Where they count from long ago, such as 1970, they are counted from the first arrival instead.

    Raises:
        ScenarioError: a column is missing or there twice, a cell cannot be used, or the requests
            take longer than a year.
    """
    try:
        present = column_names(path)
        arrival, done = (_column(path, present, names) for names in (ARRIVALS, ANSWERS))
        request = next((_once(path, present, want) for want in CLASSES if want in present), None)
        columns, names = _read(path, arrival, done, request)
    except UnreadableError as error:
        raise ScenarioError((Fault(str(path), error.message, hint=error.hint),)) from None
    if columns.max() > LONGEST:
        columns -= columns[:, 0].min()
        _check_length(path, columns)
    order = np.argsort(columns[:, 0], kind="stable")
    kinds = [names[i] for i in order] if request else None
    return Clients(columns[order, 0], columns[order, 1], kinds)


def _check_length(path: Path, times_ns: Int64s) -> None:
    if times_ns.max() > LONGEST:
        raise ScenarioError((Fault(str(path), words.TOO_LONG, hint=words.TOO_LONG_CURE),))


def _read(path: Path, arrival: str, done: str, request: str | None) -> tuple[Int64s, list[str]]:
    """Return (n, 2) when each request arrived and was answered, and the classes if they are there.

    Raises:
        UnreadableError: the file cannot be read, or has more rows than :data:`MOST_REQUESTS`.
        ScenarioError: a cell cannot be used, or there are no rows.
    """
    times, names, known = array("q"), list[str](), dict[str, str]()
    for row in rows(path, [arrival, done], [request] if request else []):
        if len(times) == 2 * MOST_REQUESTS:
            raise UnreadableError(f"more than {MOST_REQUESTS:,} rows are too many", "give a part")
        try:
            times.extend(_pair(row, (arrival, done)))
        except ValueError as error:
            raise ScenarioError((Fault(str(path), str(error), row.number),)) from None
        if request:
            name = printable(str(row.cells[2]))
            names.append(known.setdefault(name, name))
    if not times:
        raise ScenarioError((Fault(str(path), "there are no rows"),))
    return np.array(times, np.int64).reshape(-1, 2), names


def _pair(row: Row, columns: tuple[str, str]) -> tuple[int, int]:
    if row.fault:
        raise ValueError(row.fault)
    arrival, done = (
        recorded_nanoseconds(cell, _unit(name), _LATEST_NS)
        for cell, name in zip(row.cells, columns, strict=False)
    )
    if done < arrival:
        message = "it was done before it arrived"
        raise ValueError(message)
    return arrival, done


def _column(path: Path, present: Sequence[str], wanted: Sequence[str]) -> str:
    for want in wanted:
        for unit in ("", *(f"_{unit}" for unit in _UNITS)):
            if want + unit in present:
                return _once(path, present, want + unit)
    message = f"there is no column {wanted[0]}_s; its columns are {listed(present)}"
    raise ScenarioError((Fault(str(path), message, hint=f"call it {wanted[0]}_s"),))


def _once(path: Path, present: Sequence[str], name: str) -> str:
    if present.count(name) > 1:
        message = f"it has several columns {name}"
        raise ScenarioError((Fault(str(path), message, hint="give each a name of its own"),))
    return name


def _unit(name: str) -> str:
    ending = name.rpartition("_")[2]
    return ending if "_" in name and ending in _UNITS else "s"


def matched(
    clients: Clients, start_ns: Int64s, end_ns: Int64s, kind: Sequence[str]
) -> tuple[Int64s, int]:
    """Return which span of the server each client's request was, and the difference of the clocks.

    The spans are those of requests at the server, by their start. The clocks differ by what most
    pairs of nearby times have in common; then each request gets the first span of its class that is
    within it and not yet taken.

    Returns:
        (n,) the position of the span, -1 where there is none, and the server's time at the clients'
        time 0.
    """
    offset = _offset(clients.arrival_ns, start_ns)
    found = _paired(clients, start_ns - offset, end_ns - offset, None)
    if clients.request is not None:
        pairs = Counter(
            (name, kind[at]) for name, at in zip(clients.request, found, strict=True) if at >= 0
        )
        known: dict[str, str] = {}
        for (name, of), _ in pairs.most_common():
            known.setdefault(name, of)
        wanted = [known.get(name) for name in clients.request]
        found = _paired(clients, start_ns - offset, end_ns - offset, (wanted, kind))
    return found, offset


def renamed(kind: Sequence[str], names: Sequence[str], at: Int64s) -> list[str]:
    """Return the classes of all requests as their clients call them, if that is one to one.

    Args:
        kind: (n,) the classes as the server has them.
        names: (k,) the classes of some requests as their clients have them.
        at: (k,) which requests these are.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, position in zip(names, at.tolist(), strict=True):
        counts[kind[position]][name] += 1
    called = {each: found.most_common(1)[0][0] for each, found in counts.items()}
    if len(set(called.values())) < len(called):
        return list(kind)
    return [called.get(each, each) for each in kind]


def _offset(arrival_ns: Int64s, start_ns: Int64s) -> int:
    """Return the server's time at the clients' time 0, a request's usual way there included.

    It is the most common of the differences between the clients' and the server's times.
    """
    some = arrival_ns[:: max(1, len(arrival_ns) // _ALIGNED_BY)]
    others = start_ns[:: max(1, len(start_ns) // 20_000)] if len(start_ns) > 20_000 else start_ns  # noqa: PLR2004
    differences = (others[None, :] - some[:, None]).ravel()
    bins = (differences - differences.min()) // _BIN_NS
    values, counts = np.unique(bins, return_counts=True)
    best = differences.min() + int(values[counts.argmax()]) * _BIN_NS
    near = differences[(differences >= best - _BIN_NS) & (differences < best + 2 * _BIN_NS)]
    return round(half_sample_mode(near))


def _paired(
    clients: Clients,
    start_ns: Int64s,
    end_ns: Int64s,
    classes: tuple[Sequence[str | None], Sequence[str]] | None,
) -> Int64s:
    found = np.full(len(clients), -1, np.int64)
    slack = 2 * _MS
    taken: set[int] = set()
    first = 0
    for i, (arrival, done) in enumerate(
        zip(clients.arrival_ns.tolist(), clients.done_ns.tolist(), strict=True)
    ):
        while first < len(start_ns) and (first in taken or start_ns[first] < arrival - slack):
            first += 1
        for at in range(first, len(start_ns)):
            if start_ns[at] > done + slack:
                break
            if at in taken or end_ns[at] > done + slack:
                continue
            if classes is None or classes[0][i] is None or classes[1][at] == classes[0][i]:
                found[i] = at
                taken.add(at)
                break
    return found
