"""What a search found, as a terminal shows it or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simsched.report.console import printable, printed
from simsched.report.markdown import escape
from simsched.report.search import choice
from simsched.report.search.outcome import Capacity, heading
from simsched.report.search.rows import Row, best_rows, rows
from simsched.report.text import ascii_only


@dataclass(frozen=True)
class Told:
    """What there is to tell: a heading, sentences, a table under its row of titles, warnings."""

    heading: str
    sentences: tuple[str, ...]
    table: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


def of_capacity(found: Capacity) -> Told:
    """Return what there is to tell of *found*."""
    return Told(heading(found), found.sentences, rows(found), found.warnings)


def of_choice(told: choice.Choice) -> Told:
    """Return what there is to tell of the best of several designs."""
    found = told.found
    return Told(told.heading, choice.sentences(found), best_rows(found), choice.warnings(found))


def markdown(told: Told) -> str:
    """Return *told* in Markdown."""
    head, *body = told.table
    rule = "|".join(["---", *("---:" for _ in head[1:])])
    table = "\n".join([_line(head), f"|{rule}|", *map(_line, body)])
    warnings = [f"> **Warning:** {escape(each)}  " for each in told.warnings]
    blocks = [f"### {escape(told.heading)}", *map(escape, told.sentences), table, *warnings]
    return "\n\n".join(blocks) + "\n"


def _line(row: Row) -> str:
    return f"| {' | '.join(map(escape, row))} |"


def terminal(told: Told, width: int, color: bool, *, unicode: bool = True) -> str:
    """Return the text that a terminal *width* cells wide shows; ASCII unless it is *unicode*."""
    text = printed(_parts(told, unicode=unicode), printable(width), color=color)
    return text if unicode else ascii_only(text)


def _parts(told: Told, *, unicode: bool) -> Iterator[RenderableType]:
    yield Text(told.heading, "bold")
    for sentence in told.sentences:
        yield Text(sentence)
    yield Text()
    yield _table(told.table, unicode=unicode)
    for warning in told.warnings:
        yield Text(f"Warning: {warning}", "yellow")


def _table(cells: Sequence[Row], *, unicode: bool) -> Table:
    head, *body = cells
    table = Table(
        box=box.SIMPLE_HEAD if unicode else box.ASCII2,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for position, title in enumerate(head):
        last_words = position == len(head) - 1 and not title
        left = position == 0 or last_words
        table.add_column(title, justify="left" if left else "right", overflow="fold")
    for row in body:
        table.add_row(*map(Text, row))
    return table
