"""The folder of a search or a selection, and what stands in each of its files."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from simsched.experiment.search.best import describe_zone
from simsched.report.html.library import PlotlyJs
from simsched.report.rundir import publish_page
from simsched.report.search import document
from simsched.report.search.choice import Choice
from simsched.report.search.outcome import Capacity
from simsched.report.search.page import render, render_choice


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
        RunError: *root* cannot be used, or the disk failed or is full. Nothing is left behind.
    """
    kind = PlotlyJs(plotlyjs)
    texts = {
        "scenario.yaml": scenario_text,
        "capacity.json": document.to_json(document.capacity(found)),
        "capacity.csv": document.to_csv(found),
        "report.html": render(found, scenario_text, command(found), kind),
    }
    return _written(texts, found.scenario.name, root, kind, last_call)


def write_choice(
    told: Choice,
    root: Path,
    plotlyjs: str = "inline",
    *,
    last_call: Callable[[], None] = lambda: None,
) -> Path:
    """Write everything a selection leaves behind, as :func:`write` does, and return its folder.

    Raises:
        RunError: *root* cannot be used, or the disk failed or is full. Nothing is left behind.
    """
    kind = PlotlyJs(plotlyjs)
    texts = {
        told.asked.file: told.asked.text,
        "best.json": document.to_json(document.selection(told)),
        "best.csv": document.designs_to_csv(told),
        "report.html": render_choice(told, choice_command(told), kind),
    }
    return _written(texts, told.asked.name, root, kind, last_call)


def _written(
    texts: Mapping[str, str], name: str, root: Path, kind: PlotlyJs, last_call: Callable[[], None]
) -> Path:
    def fill(folder: Path) -> None:
        for file, text in texts.items():
            (folder / file).write_bytes(text.encode())
        last_call()

    return publish_page(root, name, kind, fill, kept=True)


def command(found: Capacity) -> str:
    """Return what repeats the search in its folder, where the scenario has seed and limits."""
    answer = found.answers[0]
    path = answer.parameter.path
    varied = "" if answer.parameter.is_load else f" --for {shlex.quote(path)}"
    return f"simsched capacity scenario.yaml{varied} --relative {100 * answer.relative:g}%"


def choice_command(told: Choice) -> str:
    """Return what repeats the selection in its folder."""
    aimed = told.found.aimed
    zone = f"{100 * aimed.zone:g}%" if aimed.is_relative else describe_zone(told.found)
    return (
        f"simsched best {told.asked.file} --metric {aimed.metric.text} --{aimed.aim} "
        f"--confidence {100 * aimed.confidence:g}% --indifference {shlex.quote(zone)} "
        f"--at-most {aimed.at_most}"
    )
