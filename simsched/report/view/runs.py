"""The runs in a reports folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from simsched.errors import SimschedError
from simsched.experiment.untrusted import DamagedError, from_json, read_bytes
from simsched.report.play.source import Source
from simsched.report.text import clean, distinct, truncated, with_short_names
from simsched.report.verdict import MANY
from simsched.scenario import loads
from simsched.scenario.changes import changes
from simsched.scenario.number_format import show_value
from simsched.statistics.words import comparison as words
from simsched.statistics.words.numbers import counted

LARGEST_SUMMARY = 50_000_000
"""A ``summary.json`` of more bytes than this is not read for the index."""

_LONGEST_NAME = 80
_BESIDE_BAR = 13
_LARGEST_SCENARIO = 100_000
_MOST_CHANGES = 4

_SCENARIO = "scenario.yaml"
"""Where the run of a single scenario keeps it."""

_SWEEP = "sweep.yaml"

_FILES = ("summary.json", "capacity.json", "best.json")
"""Where a run or a sweep, a search and a selection keep their findings."""

_RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{3}")


_UNREADABLE = (OSError, ValueError, RuntimeError)
"""What the system raises for names that no file can have, and for links that form a circle."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One server's mean response time: the length of its bar, from 0 to 1, and its text.

    *short* is its name as it fits beside the bar.
    """

    server: str
    length: float
    text: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run as the index shows it.

    Attributes:
        path: its directory below the folder, as in ``lecture/20261122-110441-274``.
        name: the scenario's, cut where it is long.
        full_name: the whole of it.
        when: the time it ended, in UTC.
        verdict: its sentences; of a run that has none, its first warning.
        bars: each server's mean response time.
        warnings: how many there are.
        kind: what it is if it is no run, as in ``sweep, 6 points``.
        file: the file that this was read from.
        missed: how many objectives were missed.
        drawn: its seed and replications, as in ``seed 1, 5 replications``.
        changes: what is different from the run before of the same scenario.
        is_playable: whether it is of a single scenario, which can be played with.
    """

    path: str
    name: str
    full_name: str
    when: datetime
    verdict: tuple[str, ...]
    bars: tuple[Bar, ...]
    warnings: int
    kind: str | None = None
    file: str = "summary.json"
    missed: int = 0
    drawn: str = ""
    changes: tuple[str, ...] = ()
    is_playable: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one scenario, the newest first; *folder* is where they are."""

    name: str
    full_name: str
    folder: str
    runs: tuple[Run, ...]


class _Estimate(BaseModel):
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None


class _ResponseTime(BaseModel):
    mean: _Estimate


class _Server(BaseModel):
    response_time_s: _ResponseTime | None = None

    @property
    def mean_s(self) -> float | None:
        """Its mean response time."""
        return None if self.response_time_s is None else self.response_time_s.mean.value


class _Objective(BaseModel):
    outcome: str


class _Listed(BaseModel):
    """What the index reads of any of :data:`_FILES`."""

    scenario: str
    warnings: tuple[str, ...]
    verdicts: tuple[str, ...] = ()
    servers: dict[str, _Server] | tuple[str, ...] = {}
    objectives: tuple[_Objective, ...] = ()
    kind: str | None = None
    points: int = 0
    designs: tuple[object, ...] = ()
    seed: object = None
    replications: object = None


def groups(root: Path) -> tuple[Group, ...]:
    """Return the runs in *root* by the folders of their scenarios, the last one used first."""
    by_folder: dict[str, list[Run]] = {}
    for run in runs(root):
        by_folder.setdefault(run.path.partition("/")[0], []).append(run)
    return tuple(
        Group(found[0].name, found[0].full_name, folder, tuple(_with_changes(root, found)))
        for folder, found in by_folder.items()
    )


def latest(root: Path, folder: str) -> Run | None:
    """Return the newest run in a *folder* of *root*; None where there is none."""
    return next((run for run in runs(root) if run.path.partition("/")[0] == folder), None)


def _with_changes(root: Path, found: Sequence[Run]) -> Iterator[Run]:
    """Yield runs of one scenario, the newest first, each with what it changed."""
    texts = [_text(root / run.path / _SCENARIO) for run in found]
    for run, text, before in zip(found, texts, [*texts[1:], None], strict=True):
        yield run if None in {text, before} else replace(run, changes=_changes(before, text))


def _text(path: Path) -> str | None:
    """Return the scenario at *path*; None where there is none of a usual size."""
    try:
        if path.stat().st_size > _LARGEST_SCENARIO:
            return None
        return path.read_text(encoding="utf-8")
    except _UNREADABLE:
        return None


@lru_cache(maxsize=256)
def _changes(before: str | None, after: str | None) -> tuple[str, ...]:
    """Return what is different in the scenario *after*; nothing where one cannot be read."""
    if before is None or after is None or before == after:
        return ()
    try:
        return tuple(map(clean, changes(loads(before), loads(after))[:_MOST_CHANGES]))
    except SimschedError:  # written by another version, or damaged
        return ()


def runs(root: Path) -> tuple[Run, ...]:
    """Return the runs in *root*, the newest first; what is damaged or not a run is left out."""
    folders = (path for path in root.glob("*/*") if _RUN_ID.fullmatch(path.name))
    found = [run for folder in folders if (run := _run(root, folder)) is not None]
    return tuple(sorted(found, key=lambda run: (run.when, run.path), reverse=True))


def find(root: Path, path: str) -> Path | None:
    """Return the directory of the run at *path* below *root*; None where there is no such run."""
    scenario, _, name = path.partition("/")
    if not _RUN_ID.fullmatch(name) or scenario in {"", ".", ".."}:
        return None
    folder = root / scenario / name
    try:
        inside = folder.resolve().is_relative_to(root.resolve())
        return folder if inside and (folder / "summary.json").is_file() else None
    except _UNREADABLE:
        return None


def is_run(root: Path, path: str) -> bool:
    """Return whether there is a run of a single scenario at *path* below *root*, and no sweep."""
    return _file(root, path) is not None and not (root / path / _SWEEP).is_file()


def source_of(root: Path, path: str) -> Source | None:
    """Return the scenario of the run or the sweep at *path* below *root*; None where there is none.

    That of a sweep may lack what each of its points sets.

    Raises:
        ScenarioError: its file cannot be read.
    """
    file = _file(root, path)
    return None if file is None else Source.of(file)


def _file(root: Path, path: str) -> Path | None:
    """Return the file of the single scenario of the run at *path*; None where there is none."""
    folder = find(root, path)
    return folder / _SCENARIO if folder is not None and (folder / _SCENARIO).is_file() else None


def _run(root: Path, folder: Path) -> Run | None:
    listed = ((name, one) for name in _FILES if (one := _read(root, folder / name)) is not None)
    file, one = next(listed, ("", None))
    try:
        when = datetime.strptime(folder.name, "%Y%m%d-%H%M%S-%f").replace(tzinfo=UTC)
        where = _encodable(folder.relative_to(root).as_posix())
    except ValueError:  # it is no date, or no name that a page can write
        return None
    if one is None:
        return None
    return Run(
        path=where,
        name=truncated(one.scenario, _LONGEST_NAME),
        full_name=clean(one.scenario),
        when=when,
        verdict=_verdict(one),
        bars=_bars(one.servers) if one.kind is None and isinstance(one.servers, dict) else (),
        warnings=len(one.warnings),
        kind=_kind(one),
        file=file,
        missed=sum(each.outcome == "fail" for each in one.objectives),
        drawn=_drawn(one),
        is_playable=is_run(root, where),
    )


def _drawn(one: _Listed) -> str:
    """Return the seed and the number of replications, as far as they are known."""
    parts = [f"seed {one.seed}"] if isinstance(one.seed, int) else []
    if isinstance(one.replications, int):
        parts.append(counted(one.replications, "replication"))
    return ", ".join(parts)


def _encodable(path: str) -> str:
    """Return *path*; raise ValueError where it holds bytes that no page can write."""
    return path.encode().decode()


def _kind(one: _Listed) -> str | None:
    """Return what *one* is, if it is no run."""
    if one.kind == "sweep":
        return f"sweep, {counted(one.points, 'point')}"
    if one.kind == "selection":
        return f"best of {counted(len(one.designs), 'design')}"
    return None if one.kind is None else clean(one.kind)


def _verdict(one: _Listed) -> tuple[str, ...]:
    """Return the sentences, with the names cut that would drown what they say."""
    sentences = _of_many(one) or one.verdicts or one.warnings[:1]
    short = (clean(sentence).removesuffix(".") for sentence in sentences)
    return tuple(with_short_names(sentence, list(one.servers)) for sentence in short)


def _of_many(one: _Listed) -> tuple[str, ...]:
    """Return of a run of many servers how they rank, and the sentence on the first of them."""
    if not isinstance(one.servers, dict) or len(one.servers) <= MANY:
        return ()
    means = {n: each.mean_s for n, each in one.servers.items() if each.mean_s is not None}
    ranked = sorted(means, key=means.__getitem__)
    baseline, *others = one.servers  # each of the others has a sentence beside it
    foremost = next((name for name in ranked if name != baseline), others[0])
    said = one.verdicts[: len(others)]
    of_it = said[others.index(foremost) :][:1]
    return (words.by_mean(ranked), *of_it) if ranked else of_it


def _bars(servers: Mapping[str, _Server]) -> tuple[Bar, ...]:
    means = {name: one.mean_s for name, one in servers.items()}
    longest = max((mean for mean in means.values() if mean), default=1.0)
    return tuple(
        Bar(clean(name), (mean or 0.0) / longest, show_value(mean, "duration"), short)
        for (name, mean), short in zip(means.items(), distinct(means, _BESIDE_BAR), strict=True)
    )


def _read(root: Path, path: Path) -> _Listed | None:
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            return None
        return from_json(_Listed, read_bytes(path, LARGEST_SUMMARY))
    except (*_UNREADABLE, DamagedError):
        return None
