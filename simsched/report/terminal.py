"""What ``run`` prints: the comparison, the warnings, and for small runs the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simsched.experiment.result import Result
from simsched.report.comparison import Row, columns, heading, remarks, rows, theories
from simsched.report.console import printable, printed, takes
from simsched.report.gantt import Gantt
from simsched.report.text import ascii_only, clean, shorten
from simsched.report.timeline import timeline
from simsched.report.verdict import verdict

_LINES = "·█░─╌┴±µ…—"
_MOST_REQUESTS = 20
_MOST_SERVERS_BESIDE = 4
_NAME_CELLS = 24
OUTCOME_STYLES = {"pass": "green", "fail": "bold red", "inconclusive": "yellow"}


def render(result: Result, width: int, color: bool, *, encoding: str = "utf-8") -> str:
    """Return the text that a terminal *width* cells wide shows of *result*.

    With *color* it carries ANSI escapes. Where *encoding* cannot take the line characters, all of
    it is ASCII.
    """
    page = _Page(result, printable(width), takes(_LINES, encoding))
    text = printed(page.parts(), page.width, color=color)
    return text if page.unicode else ascii_only(text)


def _cut(cells: tuple[Row, ...], begin: int, end: int) -> tuple[Row, ...]:
    """Return the first column and those from *begin* up to *end*."""
    return tuple((row[0], *row[begin:end]) for row in cells)


@dataclass(frozen=True, slots=True)
class _Page:
    """The parts of the text, in order."""

    result: Result
    width: int
    unicode: bool

    def parts(self) -> Iterator[RenderableType]:
        """Yield what is printed, part by part."""
        yield Text(shorten(self._say(heading(self.result)), self.width), "bold")
        for line in (*verdict(self.result), *self.result.notes):
            yield Text(self._say(line))
        yield from self._objectives()
        yield Text()
        yield from self._comparison()
        for remark in remarks(self.result):
            yield Text(self._say(remark), "dim")
        for warning in self.result.warnings:
            yield Text(self._say(f"Warning: {clean(warning)}"), "yellow")
        for theory in theories(self.result):
            yield Text(self._say(theory), "dim")
        yield from self._timeline()

    def _objectives(self) -> Iterator[RenderableType]:
        """Yield how the servers stand to each objective."""
        for judgement in self.result.judgements:
            style = OUTCOME_STYLES[judgement.outcome]
            sentence = self._say(clean(judgement.sentence))
            yield Text.assemble((f"{judgement.outcome.upper()}: ", style), sentence)

    def _say(self, text: str) -> str:
        return text if self.unicode else ascii_only(text)

    def _comparison(self) -> Iterator[RenderableType]:
        """Yield a column a server where they fit beside each other, otherwise a row a server.

        That is one table, or as many under each other as it takes for all columns.
        """
        beside = self._table(rows(self.result))
        if len(self.result.servers) <= _MOST_SERVERS_BESIDE and self._fits(beside):
            yield beside
            return
        for number, cells in enumerate(self._pieces(columns(self.result))):
            if number:
                yield Text()
            yield self._table(cells)

    def _pieces(self, cells: tuple[Row, ...]) -> Iterator[tuple[Row, ...]]:
        """Yield the columns of *cells* in tables that fit, each with the names in front."""
        begin, count = 1, len(cells[0])
        while begin < count:
            end = begin + 1
            while end < count and self._fits(self._table(_cut(cells, begin, end + 1))):
                end += 1
            yield _cut(cells, begin, end)
            begin = end

    def _fits(self, table: Table) -> bool:
        console = Console(width=10_000, file=StringIO(), _environ={})
        return console.measure(table).maximum <= self.width

    def _table(self, cells: tuple[Row, ...]) -> Table:
        head, *body = cells
        table = Table(
            box=box.SIMPLE_HEAD if self.unicode else box.ASCII2,
            pad_edge=False,
            show_edge=False,
            padding=(0, 1, 0, 0),
            header_style="bold",
        )
        for position, title in enumerate(head):
            table.add_column(
                self._cell(title),
                justify="right" if position else "left",
                overflow="ellipsis",
                no_wrap=True,
            )
        for row in body:
            table.add_row(*map(self._cell, row))
        return table

    def _cell(self, text: str) -> Text:
        said = self._say(text)
        return Text(shorten(said, _NAME_CELLS) if cell_len(said) > _NAME_CELLS else said)

    def _timeline(self) -> Iterator[RenderableType]:
        """Yield the text timeline of a run small enough to be read line by line."""
        counts = [len(traces[0]) for traces in self.result.traces.values() if traces]
        if not counts or max(counts) > _MOST_REQUESTS or max(counts) == 0:
            return
        yield Text()
        yield from Gantt(timeline(self.result, _MOST_REQUESTS), self.width, self.unicode).lines()
