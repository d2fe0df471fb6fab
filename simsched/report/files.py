"""Everything that a run, sweep, search or selection leaves behind, written to a new folder."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsched.errors import RunError
from simsched.experiment.result import Result
from simsched.report import folders
from simsched.report.contents import (
    CALLS,
    RESOURCES,
    TIMING,
    has_resources,
    has_services,
    recordings,
    scenario_files,
)

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

    from simsched.experiment.sweep.result import SweepResult
    from simsched.report.html.templates import PlotlyJs
    from simsched.report.search.findings import Findings
    from simsched.report.stored import Stored


def _nothing() -> None: ...


def write_run(  # noqa: PLR0913 - all but the first four are named
    result: Result,
    root: Path,
    scenario_texts: Mapping[str, str],
    plotlyjs: str = "inline",
    *,
    last_call: Callable[[], None] = _nothing,
    kept: bool = False,
) -> Path:
    """Write everything a run leaves behind and return its folder, ``root/<scenario>/<run id>``.

    ``scenario_texts`` holds the resolved scenarios in YAML, by the name of each. The run id is the
    time in UTC; a run never replaces another, even where two processes end at once. *plotlyjs* is
    where the page takes its library from: ``inline``, ``cdn``, or ``directory`` for a file in
    *root* that all pages share. *last_call* is called when all is written and nothing has appeared;
    if it raises, nothing is left behind. *kept* is whether the store has replications of the run.

    Raises:
        InputError: *root* cannot be used.
        RunError: the disk failed or is full. In either case nothing is left behind.
    """
    from simsched.report.html import PlotlyJs

    kind = PlotlyJs(plotlyjs)

    def fill(folder: Path) -> None:
        _write_texts(folder, _texts(result, scenario_texts, kind))
        copy_recordings(result, folder)
        write_tables(folder, result)
        last_call()

    return _publish(root, result.name, kind, fill, kept=kept)


def write_sweep(result: SweepResult, root: Path, plotlyjs: str = "inline") -> Path:
    """Write everything a sweep leaves behind, as :func:`write_run` does, and return its folder.

    Raises:
        RunError: *root* cannot be used, or the disk failed or is full. Nothing is left behind.
    """
    from simsched.experiment.sweep.tables import to_csv, to_table
    from simsched.report.html import PlotlyJs
    from simsched.report.sweep import page, points, summary

    kind = PlotlyJs(plotlyjs)

    def fill(folder: Path) -> None:
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

        texts = {
            "sweep.csv": to_csv(result),
            "sweep.yaml": points.sweep_text(result.plan),
            "scenario.yaml": points.scenario_text(result.plan),
            "summary.json": summary.to_json(result),
            "report.html": page.render(result, kind),
        }
        _write_texts(folder, texts)
        with (folder / "sweep.parquet").open("wb") as file:  # a full disk is then Python's error
            pq.write_table(to_table(result), file, compression="zstd")

    return _publish(root, result.plan.name, kind, fill, kept=True)


def write_findings(
    found: Findings,
    root: Path,
    plotlyjs: str = "inline",
    *,
    last_call: Callable[[], None] = _nothing,
) -> Path:
    """Write the files of ``capacity`` or ``best``, as :func:`write_run` does; return their folder.

    Raises:
        RunError: *root* cannot be used, or the disk failed or is full. Nothing is left behind.
    """
    from simsched.report.html import PlotlyJs

    kind = PlotlyJs(plotlyjs)
    texts = found.files(kind)

    def fill(folder: Path) -> None:
        _write_texts(folder, texts)
        last_call()

    return _publish(root, found.name, kind, fill, kept=True)


def rebuild(folder: Path, found: Stored, plotlyjs: str = "inline") -> Path:
    """Write the page of the run in *folder* again, and return it.

    *plotlyjs* is where the page takes its library from.

    Raises:
        InputError: it cannot be written there.
        RunError: the disk failed or is full.
    """
    from simsched.report import html

    kind = html.PlotlyJs(plotlyjs)
    page = folder / "report.html"
    folders.replace_file(page, html.render(found.result, found.scenario_texts, plotlyjs=kind))
    _share_library(folder.absolute().parents[1], kind)
    return page


def _publish(
    root: Path,
    name: str,
    plotlyjs: PlotlyJs,
    fill: Callable[[Path], None],
    *,
    kept: bool = False,
) -> Path:
    """Have *fill* write a page, and the files beside it, into ``root/<name>/<run id>``.

    The library that pages share goes to *root*, if they do; *kept* is as for `folders.publish`.
    """
    folder = folders.publish(root / folders.safe_name(name), fill, kept=kept)
    _share_library(root, plotlyjs, kept=kept)
    return folder


def _share_library(root: Path, plotlyjs: PlotlyJs, *, kept: bool = False) -> None:
    from simsched.report.html import templates

    if plotlyjs is templates.PlotlyJs.DIRECTORY:
        folders.replace_file(root / templates.SHARED_FILE, templates.source(), kept=kept)


def _write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    # As bytes: line ends are then the same on every system, and so is the folder.
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())


def copy_recordings(result: Result, folder: Path) -> None:
    """Copy what *result* replayed into *folder*.

    Raises:
        RunError: a recording cannot be read any more.
        OSError: it cannot be written.
    """
    for file, name in recordings(result.scenarios).items():
        try:
            shutil.copyfile(file, folder / name)
        except OSError as error:
            if error.filename != file:
                raise
            raise RunError(f"{file}: cannot be read any more: {error.strerror}") from None


def write_tables(folder: Path, result: Result) -> None:
    """Write the Parquet files of a run into *folder*; one that kept no requests has none."""
    if not result.holds_every_request:
        return
    from simsched.experiment import tables

    _write_parquet(tables.requests_tables(result), folder / "requests.parquet")
    _write_parquet([tables.segments_table(result)], folder / "segments.parquet")
    if has_resources(result):
        _write_parquet([tables.resources_table(result)], folder / RESOURCES)
    if has_services(result):
        _write_parquet([tables.calls_table(result)], folder / CALLS)


def _texts(result: Result, scenario_texts: Mapping[str, str], plotlyjs: PlotlyJs) -> dict[str, str]:
    from simsched.report import html, summary

    texts = {
        "summary.json": summary.to_json(result),
        "summary.csv": summary.to_csv(result),
        "report.html": html.render(result, scenario_texts, plotlyjs=plotlyjs),
    }
    if result.took_s is not None:
        texts[TIMING] = json.dumps({"took_s": result.took_s}) + "\n"
    return scenario_files(scenario_texts) | texts


def _write_parquet(tables: Iterable[pa.Table], path: Path) -> None:
    """Write *tables* under each other, each a row group.

    They go through a file of ours: a full disk is then Python's error, not Arrow's. Whole numbers
    are written as differences, in as few bits as it takes (Apache Parquet format, "Delta
    encoding"), of which zstd would save another fiftieth, and take a quarter of the time. Least and
    largest values, by which readers skip what they do not look for, are those of numbers.
    """
    import pyarrow.parquet as pq

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
