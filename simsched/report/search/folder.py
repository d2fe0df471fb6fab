"""The folder of a search, and what stands in each of its files."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from simsched.report.html.library import SHARED_FILE, PlotlyJs, source
from simsched.report.rundir import publish, replace_file, safe_name
from simsched.report.search import document
from simsched.report.search.outcome import Capacity
from simsched.report.search.page import render


def write(
    found: Capacity,
    root: Path,
    scenario_text: str,
    plotlyjs: str = "inline",
    *,
    last_call: Callable[[], None] = lambda: None,
) -> Path:
    """Write everything a search leaves behind and return its folder, ``root/<scenario>/<run id>``.

    It appears whole or not at all. *scenario_text* is the resolved scenario in YAML, with the
    limits; *plotlyjs* is where the page takes its library from. *last_call* is called when all is
    written and nothing has appeared; if it raises, nothing is left behind.

    Raises:
        InputError: *root* cannot be used.
        RunError: the disk failed or is full. In either case nothing is left behind.
    """
    kind = PlotlyJs(plotlyjs)

    def fill(folder: Path) -> None:
        texts = {
            "scenario.yaml": scenario_text,
            "capacity.json": document.to_json(document.capacity(found)),
            "capacity.csv": document.to_csv(found),
            "report.html": render(found, scenario_text, command(found), kind),
        }
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())
        last_call()

    folder = publish(root / safe_name(found.scenario.name), fill)
    if kind is PlotlyJs.DIRECTORY:
        replace_file(root / SHARED_FILE, source())
    return folder


def command(found: Capacity) -> str:
    """Return what repeats the search in its folder, where the scenario has seed and limits."""
    answer = found.answers[0]
    path = answer.parameter.path
    varied = "" if answer.parameter.is_load else f" --for {shlex.quote(path)}"
    return f"simsched capacity scenario.yaml{varied} --relative {100 * answer.relative:g}%"
