"""The findings of a search, in the one shape that terminal, Markdown, page and files share."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from simsched.report.document import Document, Row
from simsched.report.html import templates
from simsched.report.html.figure import Figure
from simsched.report.html.templates import Page, PlotlyJs
from simsched.report.summary import as_json


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What ``capacity`` or ``best`` found.

    Attributes:
        kind: ``capacity`` or ``best``, which also names the files.
        name: the name of the scenario or sweep.
        title: the title of the page.
        meta: what the page says below its title.
        description: what the scenario or sweep is about.
        document: the sentences, the table and the warnings.
        table_title: the heading of the table on the page.
        table_note: what the figures in the table mean.
        trials: by server, a table of the values that were tried.
        figures: the figures of the page.
        source: the name and the text of the file that was simulated.
        command: repeats the search in the folder of the page.
        summary: the same for programs.
        csv: the same as a table for programs.
        exit_code: what the command ends with.
        is_interrupted: whether the search was interrupted.
    """

    kind: str
    name: str
    title: str
    meta: tuple[str, ...]
    description: str
    document: Document
    table_title: str
    table_note: str
    trials: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    figures: tuple[Figure, ...]
    source: tuple[str, str]
    command: str
    summary: Mapping[str, Any]
    csv: str
    exit_code: int
    is_interrupted: bool

    def files(self, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> dict[str, str]:
        """Return the files of the search by name, the page among them."""
        name, text = self.source
        return {
            name: text,
            f"{self.kind}.json": as_json(self.summary),
            f"{self.kind}.csv": self.csv,
            "report.html": render(self, plotlyjs),
        }


def render(found: Findings, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> str:
    """Return the page of *found*: one document with all it needs, always the same bytes."""
    name, text = found.source
    page = Page(
        title=found.title,
        meta=found.meta,
        descriptions=[found.description] if found.description else [],
        headlines=found.document.sentences,
        warnings=found.document.warnings,
        command=found.command,
        links=(name, f"{found.kind}.json", f"{found.kind}.csv"),
        sources={name: text},
    )
    data = {"figures": templates.views_of(found.figures)}
    return templates.render("search", page, data, plotlyjs, found=found)


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return *rows* as CSV, empty where a value is None."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
