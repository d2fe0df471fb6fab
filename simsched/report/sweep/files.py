"""The folder of a sweep, and what stands in each of its files."""

from __future__ import annotations

from pathlib import Path

from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.tables import to_csv, to_table
from simsched.report.html.library import PlotlyJs
from simsched.report.rundir import publish_page
from simsched.report.sweep.page import render
from simsched.report.sweep.summary import to_json
from simsched.report.sweep.texts import scenario_text, sweep_text


def write(result: SweepResult, root: Path, plotlyjs: str = "inline") -> Path:
    """Write everything a sweep leaves behind and return its folder, ``root/<name>/<run id>``.

    It appears whole or not at all, and the same sweep gives the same bytes in each file. *plotlyjs*
    is where the page takes its library from.

    Raises:
        RunError: *root* cannot be used, or the disk failed or is full. Nothing is left behind.
    """
    kind = PlotlyJs(plotlyjs)

    def fill(folder: Path) -> None:
        _fill(folder, result, kind)

    return publish_page(root, result.plan.name, kind, fill, kept=True)


def _fill(folder: Path, result: SweepResult, plotlyjs: PlotlyJs) -> None:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

    texts = {
        "sweep.csv": to_csv(result),
        "sweep.yaml": sweep_text(result.plan),
        "scenario.yaml": scenario_text(result.plan),
        "summary.json": to_json(result),
        "report.html": render(result, plotlyjs),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    with (folder / "sweep.parquet").open("wb") as file:  # a full disk is then Python's error
        pq.write_table(to_table(result), file, compression="zstd")
