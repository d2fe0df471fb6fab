"""The files of a run directory and what stands in each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from simsched.experiment.result import Result
from simsched.experiment.tables import requests_table, resources_table, segments_table
from simsched.report import html, summary
from simsched.report.datafiles import RESOURCES, has_resources
from simsched.report.html.library import PlotlyJs
from simsched.report.scenarios import scenario_files

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types


def fill(
    folder: Path,
    result: Result,
    scenario_texts: Mapping[str, str],
    plotlyjs: PlotlyJs = PlotlyJs.INLINE,
) -> None:
    """Write every file of a run into *folder*; the same result gives the same bytes in each."""
    for name, text in _texts(result, scenario_texts, plotlyjs).items():
        (folder / name).write_bytes(text.encode())
    _write_parquet(requests_table(result), folder / "requests.parquet")
    _write_parquet(segments_table(result), folder / "segments.parquet")
    if has_resources(result):
        _write_parquet(resources_table(result), folder / RESOURCES)


def _texts(result: Result, scenario_texts: Mapping[str, str], plotlyjs: PlotlyJs) -> dict[str, str]:
    return scenario_files(scenario_texts) | {
        "summary.json": summary.to_json(result),
        "summary.csv": summary.to_csv(result),
        "report.html": html.render(result, scenario_texts, plotlyjs=plotlyjs),
    }


def _write_parquet(table: pa.Table, path: Path) -> None:
    """Write *table* through a file of ours: a full disk is then Python's error, not Arrow's."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

    with path.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
