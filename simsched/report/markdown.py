"""A document in Markdown, as it is pasted into a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from simsched.report.document import Document, Row
from simsched.report.text import clean
from simsched.statistics.slo import Judgement

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~@$&])")


def render(document: Document) -> str:
    """Return *document* in Markdown: heading, findings, table, warnings."""
    return "\n\n".join(_blocks(document)) + "\n"


def escape(text: str) -> str:
    """Return *text* such that Markdown shows it as it is, within a table too."""
    return _SPECIAL.sub(r"\\\1", text)


def _blocks(document: Document) -> Iterator[str]:
    if document.heading:
        yield f"### {escape(document.heading)}"
    yield from map(escape, document.sentences)
    if document.judgements:
        yield "\n".join(map(_judgement, document.judgements))
    if document.title:
        yield escape(document.title)
    if document.table:
        yield table(document.table)
    yield from map(escape, document.remarks)
    if document.warnings:
        yield "\n".join(f"> **Warning:** {escape(clean(text))}  " for text in document.warnings)
    if document.theories:
        yield "\n".join(f"- {escape(text)}" for text in document.theories)


def _judgement(one: Judgement) -> str:
    return f"- **{one.outcome}**: {escape(clean(one.sentence))}"


def table(cells: Sequence[Row], *, in_words: bool = False) -> str:
    """Return *cells*, the titles first, as a table of figures, or of what is said *in_words*."""
    head, *body = cells
    rule = "|".join(["---", *("---" if in_words else "---:" for _ in head[1:])])
    return "\n".join([_line(head), f"|{rule}|", *map(_line, body)])


def _line(row: Row) -> str:
    return f"| {' | '.join(map(escape, row))} |"
