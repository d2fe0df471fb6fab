"""Sweep files: read into points, each of which is a scenario, and written again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.composing import compose, compose_values
from simsched.scenario.file.explaining import explain
from simsched.scenario.file.overriding import override
from simsched.scenario.file.problems import Problem, report
from simsched.scenario.file.text import UnreadableError, read
from simsched.scenario.file.tree import Document, ListNode, MappingNode, Node, at
from simsched.scenario.loading import text_of
from simsched.scenario.sweep.blocks import BlockReader
from simsched.scenario.sweep.model import Beside, Linked
from simsched.scenario.sweep.paths import Settings
from simsched.scenario.sweep.points import (
    MOST_POINTS,
    MOST_POINTS_EVER,
    Sweep,
    distinct,
    impossible,
    independent,
    points_of,
)


def load_sweep(
    source: str | Path | Mapping[str, object],
    overrides: Sequence[str] = (),
    most: int = MOST_POINTS,
) -> Sweep:
    """Return the sweep in a file, or the one that a mapping describes.

    Args:
        source: a YAML file, in UTF-8, with a section ``sweep``; or what such a file would hold.
        overrides: changes to the scenario, made before the sweep's own.
        most: the most points allowed, up to a million.

    Raises:
        ScenarioError: the file cannot be used; it holds every fault found.
    """
    path, document = _document(source)
    root = document.root
    if document.faults:
        raise ScenarioError(report((), document))
    if not isinstance(root, MappingNode) or "sweep" not in root.entries:
        hint = "simsched run simulates a single scenario; docs/sweeps.md describes sweeps"
        raise ScenarioError((Fault(str(path), "there is no section 'sweep' in it", hint=hint),))
    problems = _misshapen(root)
    base, directory = _base(document, root, path, problems)
    for option in overrides:
        override(base, option)
    # Problems have paths in the sweep's file, so they are reported against all of it.
    whole = replace(base, root=root, broken=set(), incomplete=set())
    if base.faults or base.root is None:
        raise ScenarioError(report(problems, whole))
    blocks = _blocks(base.root, root.entries["sweep"].value, problems)
    points = points_of(blocks, _seed(base.root), min(most, MOST_POINTS_EVER))
    sweep = Sweep(tuple(points), (), directory, base.root, base)
    problems += (problem for block in blocks for problem in block.problems)
    problems += (_unmatched(sweep, each) for block in blocks for each in block.unmatched)
    if (count := sum(block.count for block in blocks)) > most:
        problems.append(_too_many(count))
    if not (points or problems):
        problems.append(Problem(("sweep",), "no point is left", at_key=True))
    if problems:
        raise ScenarioError(report(problems, replace(whole, faults=independent(sweep))))
    return distinct(sweep)


def _document(source: str | Path | Mapping[str, object]) -> tuple[Path, Document]:
    """Return what *source* holds, and the path of its file, or what stands for one."""
    if isinstance(source, Mapping):
        return Path("scenario"), compose_values(source, "scenario")
    return Path(source), compose(text_of(Path(source)), str(source))


def is_sweep(path: Path) -> bool:
    """Return whether the file *path* is a sweep; one that cannot be read is not."""
    try:
        root = compose(read(path).removeprefix("\ufeff"), str(path)).root
    except UnreadableError:
        return False
    return isinstance(root, MappingNode) and "sweep" in root.entries


def resolved(base: Mapping[str, Any], directory: Path, run: Mapping[str, int]) -> dict[str, Any]:
    """Return the scenario *base* as written, with nothing left that depends on its place.

    Files named relative to *directory* get their absolute paths, and the section ``run`` gets the
    seed and the values of *run*.
    """
    written = {key: _located(value, key, directory) for key, value in base.items()}
    own = written.get("run")
    return {**written, "run": {"seed": 1, **(own if isinstance(own, dict) else {}), **run}}


def _misshapen(root: MappingNode) -> list[Problem]:
    """Return where the file does not have the form of a sweep."""
    kind: type[Beside | Linked] = Linked if _is_linked(root) else Beside
    data = root.data()
    try:
        kind.validated(data if kind is Linked else {"sweep": data["sweep"]})
    except ValidationError as error:
        return list(explain(error.errors(include_url=False), root, kind))
    return []


def _is_linked(root: MappingNode) -> bool:
    """Return whether the scenario is, or has to be, in another file."""
    return "scenario" in root.entries or not {"requests", "workload", "servers"} & {*root.entries}


def _base(
    document: Document, root: MappingNode, path: Path, problems: list[Problem]
) -> tuple[Document, Path]:
    """Return the scenario that the points change, and the folder of its data files."""
    if not _is_linked(root):
        rest = {key: entry for key, entry in root.entries.items() if key != "sweep"}
        return replace(document, root=replace(root, entries=rest)), path.parent
    if any(each.path[:1] == ("scenario",) or each.absent == ("scenario",) for each in problems):
        raise ScenarioError(report(problems, document))
    other = path.parent / str(root.entries["scenario"].value.data())
    try:
        base = compose(read(other), str(other))
    except UnreadableError as error:
        message = f"{str(other)!r} cannot be used: {error.message}"
        problem = Problem(("scenario",), message, error.hint)
        raise ScenarioError(report([*problems, problem], document)) from None
    # Values of the sweep stand in this file: faults in them name it, with the line.
    base.sources.append(str(path))
    base.files.append(str(path))
    own = {key: entry for key, entry in root.entries.items() if key in {"name", "description"}}
    if isinstance(base.root, MappingNode):
        base.root = replace(base.root, entries={**base.root.entries, **own})
    return base, other.parent


def _blocks(base: Node, node: Node, problems: Sequence[Problem]) -> list[BlockReader]:
    faulty = [each.path for each in problems]
    if not isinstance(node, ListNode):
        return [BlockReader(base, node, ("sweep",), faulty)]
    blocks = enumerate(node.items)
    return [BlockReader(base, block, ("sweep", number), faulty) for number, block in blocks]


def _unmatched(sweep: Sweep, settings: Settings) -> Problem:
    """Return the problem that no point has *settings*, with the faults of their values."""
    faults = tuple(impossible(sweep, settings))
    place = settings[0].place[:-1]
    return Problem(place, "no point has these values", "leave it out", elsewhere=faults)


def _too_many(count: int) -> Problem:
    message = f"{count:,} points are more than {MOST_POINTS:,}"
    hint = "take fewer values, draw some with sample, or give --yes"
    if count > MOST_POINTS_EVER:
        message = f"{count:,} points are too many; the most is {MOST_POINTS_EVER:,}"
        hint = "take fewer values, or draw some with sample"
    return Problem(("sweep",), message, hint, at_key=True)


def _seed(root: Node) -> int:
    """Return the seed of the scenario in *root*; it is validated later, with the points."""
    node = at(root, ("run", "seed"))
    seed = None if node is None else node.data()
    return seed if isinstance(seed, int) and seed >= 0 else 1


def _located(value: Any, key: object, directory: Path) -> Any:
    """Return *value*, which is under *key*, with absolute names of data files."""
    if isinstance(value, list):
        return [_located(each, key, directory) for each in value]
    if not isinstance(value, dict):
        return value
    within = {name: _located(each, name, directory) for name, each in value.items()}
    if key in {"trace", "empirical"} and isinstance(within.get("file"), str):
        within["file"] = os.path.abspath(directory / within["file"])  # noqa: PTH100  keeps links
    return within
