"""Reading the access logs of web servers: one request a line, in any number of files.

The time of a line is when the request was answered (in Traefik's text, when it arrived), so that it
arrived its duration earlier. Where times are in whole seconds, the lines of a second are spread
over it at random, in their order: as the answers to a Poisson process would be.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simsched.calibrate.classes import Classes, Rule
from simsched.calibrate.logs import entry as entries
from simsched.calibrate.logs.entry import CURES, Entry, UnusableLine
from simsched.calibrate.logs.formats import parse
from simsched.calibrate.observed import About, Observed, observed
from simsched.calibrate.reading import CutShortError, lines
from simsched.errors import Fault, ScenarioError
from simsched.statistics.words import logs as words
from simsched.statistics.words.spans import cut
from simsched.units import SECOND
from simsched.workload.arrays import Int64s

MOST_REQUESTS = 2_000_000
"""The most requests that are read."""

_LONGEST_LINE = 2**16

CLIENT_LEFT = 499
"""The status that nginx gives a request whose client closed the connection."""

_EXACT_NS = 2 * 10**6
"""Times that are more exact than this are not spread."""

_STEP_NS = 5 * SECOND
"""By how much the clock has gone back where a line is that much earlier than one before it."""

_RESTARTED = 100
"""By how much a server's count of requests is smaller if it has restarted."""


@dataclass(slots=True)
class _Found:
    """How many lines have something in common, and where the first of them is."""

    file: Path
    line: int
    count: int = 0

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


class _Reader:
    """Reads line after line into columns, and counts what is wrong on the way."""

    def __init__(self, rules: Sequence[Rule], unit: int | None) -> None:
        self._unit = unit
        self._classes = Classes(rules)
        self._file = Path()
        self.unusable: dict[str, _Found] = {}
        self.odd: dict[str, _Found] = {}
        self.cut: list[str] = []
        names = ("stamp", "start", "resolution", "duration", "upstream", "group", "number", "file")
        self._columns = {name: array("q") for name in names}

    def read(self, path: Path, position: int) -> None:
        """Read a file.

        Raises:
            ScenarioError: it cannot be read, or there are too many requests.
        """
        self._file = path
        try:
            self._read(path, position)
        except CutShortError:
            self.cut.append(path.name)

    def _read(self, path: Path, position: int) -> None:
        latest = 0
        for number, line in lines(path, _LONGEST_LINE):
            if line is not None and line.startswith(b"#"):
                continue
            try:
                found = _entry(line, self._unit)
            except UnusableLine as error:
                self._count(self.unusable, error.reason, number)
                continue
            self._take(found, position)
            if not found.is_start and found.stamp_ns < latest - _STEP_NS:
                self._count(self.odd, words.EARLIER, number)
            latest = max(latest, found.stamp_ns)
            self._note(found, number)

    def _count(self, found: dict[str, _Found], what: str, line: int) -> None:
        found.setdefault(what, _Found(self._file, line)).count += 1

    def _note(self, found: Entry, line: int) -> None:
        if found.assumes_unit:
            self._count(self.odd, words.ASSUMED_UNIT, line)
        if found.status == CLIENT_LEFT:
            self._count(self.odd, words.CLIENT_LEFT, line)

    def _take(self, found: Entry, position: int) -> None:
        columns = self._columns
        if len(columns["stamp"]) == MOST_REQUESTS:
            message = f"more than {MOST_REQUESTS:,} requests are too many"
            raise ScenarioError((Fault(str(self._file), message, hint="give a part of the log"),))
        values = (
            *(found.stamp_ns, found.is_start, found.resolution_ns, found.duration_ns),
            -1 if found.upstream_ns is None else found.upstream_ns,
            self._classes.add(found.method, found.target),
            -1 if found.number is None else found.number,
            position,
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)

    def column(self, name: str) -> Int64s:
        """Return (n,) a column, in the order of the lines."""
        return np.array(self._columns[name], np.int64)

    def labels(self) -> list[str]:
        """Return the class of each request."""
        names = self._classes.names()
        return [names[group] for group in self._columns["group"]]


def _entry(line: bytes | None, unit: int | None) -> Entry:
    if line is None:
        raise UnusableLine(entries.TOO_LONG)
    # Where a log is cut while its server goes on writing, a hole of zeros is left.
    line = line.lstrip(b"\0")
    if b"\0" in line:
        raise UnusableLine(entries.BINARY)
    return parse(line.decode("utf-8", "replace").rstrip("\r\n"), unit)


def read_access_log(
    files: Sequence[Path], rules: Sequence[Rule] = (), unit: int | None = None
) -> Observed:
    """Read the requests in the access logs *files*, in any order, plain or compressed.

    Args:
        files: at least one; each format is recognised from the lines.
        rules: how requests get their classes; those that match none get their routes.
        unit: of durations without one, in nanoseconds; that of the kind of log if None.

    Raises:
        ScenarioError: a file cannot be read, or has no usable line.
    """
    for position, path in enumerate(files):
        if path.resolve() in {other.resolve() for other in files[:position]}:
            raise ScenarioError((Fault(str(path), "it is given twice", hint="give it once"),))
    reader = _Reader(rules, unit)
    for position, path in enumerate(files):
        reader.read(path, position)
    if not reader.column("stamp").size:
        raise ScenarioError((_nothing(files, reader),))
    stamp, resolution = reader.column("stamp"), reader.column("resolution")
    duration, upstream = reader.column("duration"), reader.column("upstream")
    moment = stamp + _spread(stamp, resolution, reader.column("file"))
    arrival = np.where(reader.column("start") == 1, moment, moment - duration)
    source = words.files([str(path) for path in files])
    return observed(
        arrival,
        duration,
        reader.labels(),
        About(source, tuple(_remarks(reader, int(resolution.max())))),
        None if (upstream < 0).all() else upstream,
    )


def _spread(stamp: Int64s, resolution: Int64s, file: Int64s) -> Int64s:
    """Return (n,) how much later than its stamp each moment is taken to be.

    Within each file, the lines of one stamp keep their order.
    """
    rng = np.random.default_rng(0)
    share = rng.random(len(stamp))
    in_file = np.lexsort((stamp, file))
    share[in_file] = share[np.lexsort((share, stamp, file))]
    return np.where(resolution > _EXACT_NS, share * resolution, 0).astype(np.int64)


def _nothing(files: Sequence[Path], reader: _Reader) -> Fault:
    """Return the fault that no line can be used, with the reason of most lines."""
    if not reader.unusable:
        return Fault(words.files([str(path) for path in files]), "there are no lines")
    reason, found = max(reader.unusable.items(), key=lambda item: item[1].count)
    message = words.none_usable(found.count, reason)
    return Fault(str(found.file), message, found.line, hint=CURES[reason])


def _remarks(reader: _Reader, resolution_ns: int) -> Iterator[str]:
    for reason, found in reader.unusable.items():
        yield words.unusable(found.count, reason, found.place, CURES[reason])
    for what, found in reader.odd.items():
        yield words.odd(found.count, what, found.place)
    yield from map(cut, reader.cut)
    if resolution_ns > _EXACT_NS:
        yield words.coarse(resolution_ns / SECOND)
    counted, logged = _counted(reader.column("number"), reader.column("file"))
    if counted > logged:
        yield words.sampled(logged, counted)


def _counted(number: Int64s, file: Int64s) -> tuple[int, int]:
    """Return how many requests a server counted meanwhile, and how many of those were logged.

    It counts from 1 again when it is started, so that the count falls.
    """
    counted = logged = 0
    for one in np.unique(file[number >= 0]):
        numbers = number[(file == one) & (number >= 0)]
        begins = np.flatnonzero(np.diff(numbers) < -_RESTARTED) + 1
        for run in np.split(numbers, begins):
            counted += int(run.max() - run.min() + 1)
            logged += len(run)
    return counted, logged
