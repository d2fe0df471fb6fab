"""The timeline in text: a row a request, a cell a stretch of time, readable without colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from simsched.engine.deadlock import Wait
from simsched.engine.trace import Activity, Status
from simsched.report.lanes import Attempt, Lane, Stretch
from simsched.report.text import ascii_only, clean, pad
from simsched.report.timeline import Axis, Timeline, axis
from simsched.report.tracks import Track, tracks
from simsched.statistics.words.captions import ACTIVITIES, for_ever
from simsched.statistics.words.numbers import show_exact

Span = tuple[int, int]


def merged(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return *stretches* with neighbours of one activity joined, as a row of cells shows them."""
    groups = [list(group) for _, group in groupby(stretches, key=lambda s: s.activity)]
    return tuple(piece for group in groups for piece in _joined(group))


def spans(stretches: Sequence[Stretch], cell_at: Callable[[int], int], cells: int) -> list[Span]:
    """Return each stretch's first cell and the cell after its last; each has at least one.

    ``cell_at`` gives the cell of an instant, among *cells* cells. A stretch too short for a cell of
    its own takes one from its neighbours, so that edges move by a cell but the order stays.

    Raises:
        ValueError: there are more stretches than cells.
    """
    if len(stretches) > cells:
        raise ValueError(f"{len(stretches)} stretches do not fit in {cells} cells")
    # First to the right, then back from the edge: the order stays, and no stretch is lost.
    pushed: list[Span] = []
    edge = 0
    for stretch in stretches:
        start = max(cell_at(stretch.start_ns), edge)
        edge = max(cell_at(stretch.finish_ns), start + 1)
        pushed.append((start, edge))
    return _within(pushed, cells)


def longest(stretches: Sequence[Stretch], count: int) -> tuple[Stretch, ...]:
    """Return the *count* longest stretches, in order of time."""
    if len(stretches) <= count:
        return tuple(stretches)
    kept = sorted(stretches, key=lambda s: s.length_ns, reverse=True)[:count]
    return tuple(sorted(kept, key=lambda s: s.start_ns))


def _joined(group: Sequence[Stretch]) -> list[Stretch]:
    """Return stretches of one activity with those that touch made one."""
    found: list[Stretch] = []
    for stretch in group:
        if found and found[-1].finish_ns == stretch.start_ns:
            found[-1] = Stretch(stretch.activity, found[-1].start_ns, stretch.finish_ns)
        else:
            found.append(stretch)
    return found


def _within(pushed: Sequence[Span], cells: int) -> list[Span]:
    """Return the spans moved back from the right edge as far as they were pushed over it."""
    found: list[Span] = []
    edge = cells
    for start, finish in reversed(pushed):
        last = min(finish, edge)
        edge = min(start, last - 1)
        found.append((edge, last))
    return found[::-1]


_LEAST_CELLS = 12
_TICK_CELLS = 10
_TIME_CELLS = 10
_MOST_BRANCHES = 6
"""Of more branches at once than these only the number is shown."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """How an activity looks: a character, one in ASCII, and a style."""

    character: str
    plain: str
    style: str


GLYPHS = {
    Activity.QUEUE: Glyph("·", ".", "bright_black"),
    Activity.CPU: Glyph("█", "#", "blue"),
    Activity.CPU_WAIT: Glyph("░", "-", "yellow"),
    Activity.IO: Glyph("─", "=", "cyan"),
    Activity.IO_WAIT: Glyph("╌", "~", "magenta"),
}


@dataclass(frozen=True, slots=True)
class Gantt:
    """A text timeline *width* cells wide, in ASCII where the output cannot take ``unicode``."""

    timeline: Timeline
    width: int
    unicode: bool = True

    def lines(self) -> Iterator[Text]:
        """Yield the legend, each server's rows, and the axis that all of them share."""
        yield self._legend()
        for server, lanes in self.timeline.lanes.items():
            yield Text()
            yield self._heading(server)
            for lane in lanes:
                yield from self._rows(server, lane)
        yield from self._axis_lines()

    @property
    def cells(self) -> int:
        """How many cells the time axis has."""
        return max(self.width - self._name_cells - 2 * _TIME_CELLS - 2, _LEAST_CELLS)

    @property
    def _name_cells(self) -> int:
        names = [self._name(lane) for lanes in self.timeline.lanes.values() for lane in lanes]
        counts = [track.count for track in self._tracks()]
        room = len(f" x{max(counts)}") if max(counts, default=1) > 1 else 0
        return min(max(map(len, names), default=1) + room, max(self.width // 6, 8))

    def _tracks(self) -> Iterator[Track]:
        for lanes in self.timeline.lanes.values():
            for lane in lanes:
                yield from tracks(lane.stretches)

    def _name(self, lane: Lane) -> str:
        return self._say(f"{lane.request} {clean(lane.kind)}")

    def _say(self, text: str) -> str:
        return text if self.unicode else ascii_only(text)

    def _character(self, activity: Activity) -> str:
        glyph = GLYPHS[activity]
        return glyph.character if self.unicode else glyph.plain

    def _legend(self) -> Text:
        shown = {
            part.activity
            for lanes in self.timeline.lanes.values()
            for lane in lanes
            for stretch in lane.stretches
            for part in stretch.parts()
        }
        keys = [
            Text.assemble((self._character(a) * 2, glyph.style), f" {ACTIVITIES[a]}")
            for a, glyph in GLYPHS.items()
            if a in shown
        ]
        return Text("   ").join(keys)

    def _heading(self, server: str) -> Text:
        room = self._name_cells + self.cells + 2
        times = "".join(pad(t, _TIME_CELLS, right=True) for t in ("finished", "response"))
        return Text.assemble((pad(self._say(clean(server)), room), "bold"), (times, "dim"))

    def _rows(self, server: str, lane: Lane) -> Iterator[Text]:
        """Yield a row for each attempt, and for branches that run at once as many as it takes."""
        attempts = lane.attempts or (None,)
        found = tracks(self.timeline.stretches(server, lane))
        for number, attempt in enumerate(attempts, start=1):
            lines = [track for track in found if track.attempt == number]
            wait = self.timeline.waits.get((server, lane.request))
            last = wait if number == len(attempts) else None
            shown = lines[:_MOST_BRANCHES] or [Track(number, ())]
            for position, track in enumerate(shown):
                name = self._name(lane) if number == 1 and position == 0 else " "
                name += "" if track.count == 1 else f" x{track.count}"
                times = self._times(lane, attempt, last) if position == 0 else ""
                yield self._row(name, track, times)
            if left := sum(track.count for track in lines[_MOST_BRANCHES:]):
                yield Text(pad("", self._name_cells + 2) + f"and {left} more at once")

    def _row(self, name: str, track: Track, times: str) -> Text:
        line = Text(pad(name, self._name_cells) + "  ")
        for activity in self._cells_of(track):
            if activity is None:
                line.append(" ")
            else:
                line.append(self._character(activity), GLYPHS[activity].style)
        return line.append(times)

    def _times(self, lane: Lane, attempt: Attempt | None, wait: Wait | None) -> str:
        """Return when an attempt ended, and the request's response time or how it ended instead."""
        if wait is not None:
            text = self._say(for_ever(clean(wait.waits_for)))
            return " " + pad(text, 2 * _TIME_CELLS - 1, right=True)
        ended = attempt or Attempt(lane.arrival_ns, lane.status, lane.finish_ns)
        status = ended.status.name.lower().replace("_", " ")
        if ended.finish_ns is None:
            return pad(status, 2 * _TIME_CELLS, right=True)
        answered = ended.status is Status.COMPLETED
        response = ended.finish_ns - lane.arrival_ns
        shown = (show_exact(ended.finish_ns / 1e9), show_exact(response / 1e9))
        texts = (shown[0], shown[1] if answered else status)
        return "".join(pad(self._say(text), _TIME_CELLS, right=True) for text in texts)

    def _cells_of(self, track: Track) -> list[Activity | None]:
        """Return what each cell of the row shows."""
        row: list[Activity | None] = [None] * self.cells
        drawn = [part for stretch in track.stretches for part in stretch.parts()]
        stretches = longest(merged(drawn), self.cells)
        taken = spans(stretches, self._cell_at, self.cells)
        for stretch, (start, finish) in zip(stretches, taken, strict=True):
            row[start:finish] = [stretch.activity] * (finish - start)
        return row

    def _cell_at(self, instant_ns: int) -> int:
        start_ns = self.timeline.start_ns
        return round((instant_ns - start_ns) / (self.timeline.until_ns - start_ns) * self.cells)

    def _axis_lines(self) -> Iterator[Text]:
        scale = axis(self.timeline.start_ns, self.timeline.until_ns, self.cells // _TICK_CELLS)
        margin = " " * (self._name_cells + 2)
        line, tick = ("─", "┴") if self.unicode else ("-", "+")
        marks = {self._cell_at(instant) for instant in scale.ticks()}
        drawn = "".join(tick if cell in marks else line for cell in range(self.cells + 1))
        yield Text(margin + drawn, "dim")
        yield Text(margin + self._say(self._labels(scale)), "dim")

    def _labels(self, scale: Axis) -> str:
        """Return the ticks' labels, each from its tick's cell on, and the unit after the last."""
        text = ""
        for instant in scale.ticks():
            text = text.ljust(self._cell_at(instant)) + scale.label(instant) + " "
        return text + scale.unit
