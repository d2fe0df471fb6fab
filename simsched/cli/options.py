"""The options that several commands share, and what can be chosen."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ExportFormat(StrEnum):
    """What ``export`` writes."""

    PERFETTO = "perfetto"
    OTLP = "otlp"
    CSV = "csv"


class PlotlyJs(StrEnum):
    """Where a page takes plotly.js from: itself, plotly's server, or the folder of reports."""

    INLINE = "inline"
    CDN = "cdn"
    DIRECTORY = "directory"


class Format(StrEnum):
    """How a comparison is printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Scenario files.")]

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override any value, as in servers.cooperative.workers=2; may be repeated.",
    ),
]

RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a finished run.", show_default=False)
]
