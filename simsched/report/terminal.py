"""What a terminal shows of a document: the same order and the same tables for every command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simsched.report.document import Document, Row
from simsched.report.gantt import Gantt
from simsched.report.text import ascii_only, clean, shorten

_LINES = "·█░─╌┴±µ…—"
_NARROWEST, _WIDEST = 60, 200
_MOST_SERVERS_BESIDE = 4
_MOST_ROWS = 40
"""Of a table with more rows, whose rest lies elsewhere, those in the middle are left out."""

OUTCOME_STYLES = {"pass": "green", "fail": "bold red", "inconclusive": "yellow"}


def render(document: Document, width: int, color: bool, *, encoding: str = "utf-8") -> str:
    """Return the text that a terminal *width* cells wide shows of *document*.

    With *color* it carries ANSI escapes. Where *encoding* cannot take the line characters, all of
    it is ASCII.
    """
    page = _Page(document, min(max(width, _NARROWEST), _WIDEST), _takes(_LINES, encoding))
    text = _printed(page, color=color)
    return text if page.unicode else ascii_only(text)


def _takes(characters: str, encoding: str) -> bool:
    """Return whether a terminal of this *encoding* can show *characters*."""
    try:
        characters.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _printed(page: _Page, *, color: bool) -> str:
    out = StringIO()
    console = Console(
        file=out,
        width=page.width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for part in page.parts():
        console.print(part, overflow="fold")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _cut(cells: Sequence[Row], begin: int, end: int) -> list[Row]:
    """Return the first column and those from *begin* up to *end*."""
    return [(row[0], *row[begin:end]) for row in cells]


@dataclass(frozen=True, slots=True)
class _Page:
    """The parts of the text, in order."""

    document: Document
    width: int
    unicode: bool

    def parts(self) -> Iterator[RenderableType]:
        """Yield what is printed, part by part."""
        document = self.document
        if document.heading:
            yield Text(self._say(document.heading), "bold")
        for line in document.sentences:
            yield Text(self._say(line))
        yield from self._objectives()
        if document.table:
            yield from self._table()
        for remark in document.remarks:
            yield Text(self._say(remark), "dim")
        for warning in document.warnings:
            yield Text(self._say(f"Warning: {clean(warning)}"), "yellow")
        for theory in document.theories:
            yield Text(self._say(theory), "dim")
        if document.timeline is not None:
            yield Text()
            yield from Gantt(document.timeline, self.width, self.unicode).lines()

    def _objectives(self) -> Iterator[RenderableType]:
        """Yield how the servers stand to each objective."""
        for judgement in self.document.judgements:
            style = OUTCOME_STYLES[judgement.outcome]
            sentence = self._say(clean(judgement.sentence))
            yield Text.assemble((f"{judgement.outcome.upper()}: ", style), sentence)

    def _say(self, text: str) -> str:
        return text if self.unicode else ascii_only(text)

    def _table(self) -> Iterator[RenderableType]:
        """Yield the table under its title, in pieces where not all columns fit beside each other.

        A column a server is easiest to compare; of many servers each becomes a row.
        """
        yield Text()
        if self.document.title:
            yield Text(self.document.title)
        cells, left_out = self._without_middle(self.document.table)
        if self.document.by_server and not self._is_beside(cells):
            cells = tuple(zip(*cells, strict=True))
        for number, piece in enumerate(self._pieces(cells)):
            if number:
                yield Text()
            yield self._drawn(piece)
        if left_out:
            yield Text(f"... {left_out:,} more{self.document.rest}")

    def _without_middle(self, cells: tuple[Row, ...]) -> tuple[tuple[Row, ...], int]:
        """Return *cells* without the middle of a long table, and how many rows that were."""
        left_out = len(cells) - 1 - _MOST_ROWS
        if not self.document.rest or left_out <= 0:
            return cells, 0
        half = _MOST_ROWS // 2
        gap = ("...", *("" for _ in cells[0][1:]))
        return (*cells[: half + 1], gap, *cells[-half:]), left_out

    def _is_beside(self, cells: tuple[Row, ...]) -> bool:
        return len(cells[0]) - 1 <= _MOST_SERVERS_BESIDE and self._fits(self._drawn(cells))

    def _pieces(self, cells: tuple[Row, ...]) -> Iterator[Sequence[Row]]:
        """Yield the columns of *cells* in tables that fit, each with the names in front."""
        begin, count = 1, len(cells[0])
        while begin < count:
            end = count
            while end > begin + 1 and not self._fits(self._drawn(_cut(cells, begin, end))):
                end -= 1
            yield _cut(cells, begin, end)
            begin = end

    def _fits(self, table: Table) -> bool:
        # Rich measures a table no wider than its console.
        console = Console(width=10_000, file=StringIO(), _environ={})
        return console.measure(table).maximum <= self.width

    def _drawn(self, cells: Sequence[Row]) -> Table:
        head, *body = cells
        table = Table(
            box=box.SIMPLE_HEAD if self.unicode else box.ASCII2,
            pad_edge=False,
            show_edge=False,
            padding=(0, 1, 0, 0),
            header_style="bold",
        )
        for position, title in enumerate(head):
            is_words = position == 0 or (position == len(head) - 1 and not title)
            justify = "left" if is_words else "right"
            table.add_column(self._name(title), justify=justify, overflow="fold")  # type: ignore[arg-type]
        for name, *figures in body:
            table.add_row(self._name(name), *(Text(self._say(each)) for each in figures))
        return table

    def _name(self, text: str) -> Text:
        said, most = self._say(text), self.document.longest_name
        return Text(shorten(said, most) if cell_len(said) > most else said)
