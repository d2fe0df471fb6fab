"""The runs in a reports folder."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simsched.report.figures import show_value
from simsched.report.text import clean, truncated, with_short_names
from simsched.statistics.wording import counted

LARGEST_SUMMARY = 50_000_000
"""A ``summary.json`` of more bytes than this is not read for the index."""

_LONGEST_NAME = 80

_FILES = ("summary.json", "capacity.json", "best.json")
"""Where a run or a sweep, a search and a selection tell what came of them."""

_RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{3}")


_UNREADABLE = (OSError, ValueError, RuntimeError)
"""What the system says of names that no file can have, and of links that lead around in circles."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One server's mean response time: how long its bar is, from 0 to 1, and what it says."""

    server: str
    share: float
    told: str


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
        file: the file that tells all this.
        missed: how many objectives were missed.
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


def _run(root: Path, folder: Path) -> Run | None:
    found = ((name, told) for name in _FILES if (told := _read(root, folder / name)) is not None)
    file, told = next(found, ("", {}))
    try:
        kind = _kind(told)
        return Run(
            path=_encodable(folder.relative_to(root).as_posix()),
            name=truncated(str(told["scenario"]), _LONGEST_NAME),
            full_name=clean(str(told["scenario"])),
            when=datetime.strptime(folder.name, "%Y%m%d-%H%M%S-%f").replace(tzinfo=UTC),
            verdict=_verdict(told),
            bars=_bars(told["servers"]) if kind is None else (),
            warnings=len(told["warnings"]),
            kind=kind,
            file=file,
            missed=sum(one["outcome"] == "fail" for one in told.get("objectives", ())),
        )
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None


def _encodable(path: str) -> str:
    """Return *path*; raise ValueError where it holds bytes that no page can write."""
    return path.encode().decode()


def _kind(told: dict[str, Any]) -> str | None:
    """Return what is told of, if that is no run."""
    if told.get("kind") == "sweep":
        return f"sweep, {counted(int(told['points']), 'point')}"
    if told.get("kind") == "selection":
        return f"best of {counted(len(told['designs']), 'design')}"
    return str(told["kind"]) if "kind" in told else None


def _verdict(told: dict[str, Any]) -> tuple[str, ...]:
    """Return the sentences, with the names cut that would drown what they say."""
    sentences = told.get("verdicts") or told["warnings"][:1]
    told_of = (clean(str(sentence)).removesuffix(".") for sentence in sentences)
    return tuple(with_short_names(sentence, told.get("servers", ())) for sentence in told_of)


def _read(root: Path, path: Path) -> dict[str, Any] | None:
    try:
        inside = path.resolve().is_relative_to(root.resolve())
        if not inside or path.stat().st_size > LARGEST_SUMMARY:
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
    except (*_UNREADABLE, RecursionError):  # lists a thousand deep
        return None
    return told if isinstance(told, dict) else None


def _bars(servers: dict[str, Any]) -> tuple[Bar, ...]:
    means = {name: one["response_time_s"]["mean"]["value"] for name, one in servers.items()}
    longest = max((mean for mean in means.values() if mean), default=0.0)
    return tuple(
        Bar(clean(name), (mean or 0.0) / longest if longest else 0.0, show_value(mean, "duration"))
        for name, mean in means.items()
    )
