"""What a command has found, before a terminal or Markdown shows it."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.report.timeline import Timeline
from simsched.statistics.slo import Judgement

Row = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """The findings of a run, a comparison, a sweep, a search or a selection, in words and cells.

    Attributes:
        heading: what was simulated; "" is left out.
        sentences: the findings.
        judgements: how servers stand to their objectives.
        title: what the table shows; "" where that is plain.
        table: cells under a row of titles; the first column names the rows; () if there is none.
        by_server: whether the table has a column for each server, so that it may be turned.
        longest_name: the names of rows and columns are cut to so many cells on a terminal.
        rest: what follows the number of rows that a terminal leaves out of a long table; "" if it
            shows them all.
        remarks: what stands below the table.
        warnings: what the runs leave in doubt.
        theories: what formulas say.
        timeline: what the requests of a small run did.
    """

    heading: str = ""
    sentences: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    title: str = ""
    table: tuple[Row, ...] = ()
    by_server: bool = False
    longest_name: int = 60
    rest: str = ""
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    theories: tuple[str, ...] = ()
    timeline: Timeline | None = None
