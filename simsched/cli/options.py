"""The options that several commands share, and their choices."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ExportFormat(StrEnum):
    """The formats of ``export``."""

    PERFETTO = "perfetto"
    OTLP = "otlp"


class PlotlyJs(StrEnum):
    """Where a page gets plotly.js from: itself, plotly's server, or the folder of reports."""

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
        help="Overrides any value, as in servers.cooperative.workers=2; may be repeated.",
    ),
]

RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a finished run.", show_default=False)
]

EarlierRun = Annotated[
    Path,
    typer.Argument(metavar="EARLIER", help="The folder of the earlier run.", show_default=False),
]

LaterRun = Annotated[
    Path, typer.Argument(metavar="LATER", help="The folder of the later run.", show_default=False)
]

Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="Replaces the scenario's seed.")
]

Jobs = Annotated[
    int | None,
    typer.Option(min=1, max=1024, help="The number of processes; one per core by default."),
]

OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answer.")]

Library = Annotated[PlotlyJs, typer.Option(help="Where the page gets its drawing library from.")]
