"""The files of a run directory and what stands in each."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsched.experiment.result import Result
from simsched.experiment.tables import requests_tables, resources_table, segments_table
from simsched.report import html, summary, timing
from simsched.report.datafiles import RESOURCES, has_resources
from simsched.report.html.library import PlotlyJs
from simsched.report.recordings import copy_recordings
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
    copy_recordings(result, folder)
    write_tables(folder, result)


def write_tables(folder: Path, result: Result) -> None:
    """Write the Parquet files of a run into *folder*; one that kept no requests has none."""
    if not result.holds_every_request:
        return
    _write_parquet(requests_tables(result), folder / "requests.parquet")
    _write_parquet([segments_table(result)], folder / "segments.parquet")
    if has_resources(result):
        _write_parquet([resources_table(result)], folder / RESOURCES)


def _texts(result: Result, scenario_texts: Mapping[str, str], plotlyjs: PlotlyJs) -> dict[str, str]:
    texts = {
        "summary.json": summary.to_json(result),
        "summary.csv": summary.to_csv(result),
        "report.html": html.render(result, scenario_texts, plotlyjs=plotlyjs),
    }
    if result.took_s is not None:
        texts[timing.FILE] = timing.to_json(result.took_s)
    return scenario_files(scenario_texts) | texts


def _write_parquet(tables: Iterable[pa.Table], path: Path) -> None:
    """Write *tables* under each other, each a row group.

    They go through a file of ours: a full disk is then Python's error, not Arrow's. Whole numbers
    are written as differences, in as few bits as it takes (Apache Parquet format, "Delta
    encoding"), of which zstd would save another fiftieth, and take a quarter of the time. Least and
    largest values, by which readers skip what they do not look for, are those of numbers.
    """
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

    parts = iter(tables)
    first = next(parts)
    with path.open("wb") as file, pq.ParquetWriter(file, first.schema, **_layout(first)) as writer:
        for table in itertools.chain([first], parts):
            writer.write_table(table)


def _layout(table: pa.Table) -> dict[str, Any]:
    import pyarrow as pa

    whole = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    return {
        "compression": "snappy",
        "write_statistics": whole,
        "use_dictionary": [name for name in table.column_names if name not in whole],
        "column_encoding": dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
    }
