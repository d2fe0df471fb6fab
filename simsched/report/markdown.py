"""The comparison in Markdown, as it is pasted into a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simsched.experiment.result import Result
from simsched.report.comparison import Row, heading, remarks, rows, theories
from simsched.report.text import clean
from simsched.report.verdict import verdict
from simsched.statistics.slo import Judgement

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~@$&])")


def render(result: Result) -> str:
    """Return *result* in Markdown: heading, verdict, table, warnings."""
    return "\n\n".join(_blocks(result)) + "\n"


def escape(text: str) -> str:
    """Return *text* such that Markdown shows it as it is, within a table too."""
    return _SPECIAL.sub(r"\\\1", text)


def _blocks(result: Result) -> Iterator[str]:
    yield f"### {escape(heading(result))}"
    yield from map(escape, (*verdict(result), *result.notes))
    if result.judgements:
        yield "\n".join(map(_judgement, result.judgements))
    yield _table(rows(result))
    yield from map(escape, remarks(result))
    if result.warnings:
        yield "\n".join(f"> **Warning:** {escape(clean(text))}  " for text in result.warnings)
    if theory := theories(result):
        yield "\n".join(f"- {escape(text)}" for text in theory)


def _judgement(one: Judgement) -> str:
    return f"- **{one.outcome}**: {escape(clean(one.sentence))}"


def _table(cells: tuple[Row, ...]) -> str:
    head, *body = cells
    rule = "|".join(["---", *("---:" for _ in head[1:])])
    return "\n".join([_line(head), f"|{rule}|", *map(_line, body)])


def _line(row: Row) -> str:
    return f"| {' | '.join(map(escape, row))} |"
