"""A finished run read back from its directory, each file by one schema.

Files may be damaged, or come from anyone: what cannot be used is named in one line.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, PositiveInt

from simsched.engine.trace import Trace
from simsched.errors import InputError, ScenarioError
from simsched.experiment.consistency import check_servers
from simsched.experiment.result import Result
from simsched.experiment.stored_traces import traces
from simsched.experiment.two_runs import compared
from simsched.experiment.untrusted import DamagedError, first_line, from_json, read_bytes
from simsched.report.contents import CALLS, RESOURCES, TIMING
from simsched.scenario import Scenario, load
from simsched.statistics.appraisal import appraise
from simsched.statistics.contender import Contender, contenders_of
from simsched.statistics.slo import Objective
from simsched.statistics.words.numbers import counted

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

M = TypeVar("M", bound=BaseModel)

_LARGEST_SUMMARY = 1 << 30
"""Bytes; a ``summary.json`` of more is not read."""

_ROWS_PER_BYTE = 8
"""More rows than these a byte of a table cannot hold, however regular they are."""


class StoredSummary(BaseModel):
    """What is read of ``summary.json``: what the requests do not show."""

    notes: tuple[str, ...] = ()
    made_with: dict[str, str] = {}


class _Timing(BaseModel):
    took_s: PositiveInt


@dataclass(frozen=True)
class Stored:
    """A run as it was, and the texts of its scenarios by file name."""

    result: Result
    scenario_texts: Mapping[str, str]


def read(folder: Path) -> Stored:
    """Return the run in *folder* from its scenarios, ``summary.json`` and Parquet files alone.

    Figures are computed again from the stored requests, so that a later version shows what it knows
    to compute. Nothing is drawn or simulated.

    Raises:
        InputError: a file is missing or damaged; the message says which.
    """
    if (folder / "sweep.yaml").is_file():
        raise InputError(f"{folder}: a sweep, not a run; its figures are in sweep.parquet")
    # Figures come from the requests, not from summary.json: a later version may compute more.
    paths = scenario_paths(folder)
    summary = read_summary(folder)
    scenarios = tuple(map(_scenario, paths))
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    contenders = contenders_of(scenarios)
    every = read_traces(folder, contenders)
    traces = {each.label: every[each.label] for each in contenders}
    found = appraise(contenders, traces)
    result = Result.of(scenarios, traces, found, summary.notes, summary.made_with)
    return Stored(replace(result, took_s=_took_s(folder)), texts)


def join(first: Stored, second: Stored, allowances: Sequence[Objective] = ()) -> Stored:
    """Return both runs as one, compared with each other; *allowances* limit how much worse.

    Raises:
        InputError: they cannot be compared.
    """
    texts = [*first.scenario_texts.values(), *second.scenario_texts.values()]
    return Stored(
        compared(first.result, second.result, allowances),
        {f"scenario-{n}.yaml": text for n, text in enumerate(texts, start=1)},
    )


def command(first: Path, second: Path) -> str:
    """Return the command that compares the run in the folder *second* with the one in *first*."""
    return shlex.join(("simsched", "compare", str(first), str(second)))


def read_traces(folder: Path, contenders: Sequence[Contender] = ()) -> dict[str, tuple[Trace, ...]]:
    """Return each server's traces, one per replication; those of *contenders* are among them.

    Raises:
        InputError: a file is missing or damaged.
    """
    if not (folder / "requests.parquet").exists():
        raise InputError(
            f"{folder / 'requests.parquet'}: cannot be read: it is missing, as it is after a run "
            "with more requests than can be held together"
        )
    requests, segments = _table(folder / "requests.parquet"), _table(folder / "segments.parquet")
    others = (
        _table(folder / name) if (folder / name).exists() else None for name in (RESOURCES, CALLS)
    )
    try:
        found = traces(requests, segments, *others)
        check_servers(found, contenders)
    except DamagedError as error:
        raise damaged(folder / f"{error.table}.parquet", str(error)) from None
    return found


def damaged(path: Path, why: str, advice: str = "run the scenario again") -> InputError:
    """Return the error of a file of a run that is not as simsched wrote it."""
    return InputError(f"{path}: damaged: {why}; {advice}")


def _table(path: Path) -> pa.Table:
    """Return the table in a Parquet file; its size is checked before any of it is unpacked."""
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

    if path.exists() and not path.is_file():
        raise InputError(f"{path}: cannot be read: it is not a regular file")
    try:
        rows = pq.read_metadata(path).num_rows
        if not 0 <= rows <= _ROWS_PER_BYTE * path.stat().st_size:
            raise damaged(path, f"it claims {rows:,} rows")
        return pq.read_table(path, page_checksum_verification=True)
    except OSError as error:
        if error.errno is not None:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        raise damaged(path, first_line(error)) from None
    except (pa.ArrowException, MemoryError, ValueError, TypeError) as error:
        raise damaged(path, first_line(error)) from None


def scenario_paths(folder: Path) -> tuple[Path, ...]:
    """Return the scenario files of a run directory, in order.

    Raises:
        InputError: there are none.
    """
    single = folder / "scenario.yaml"
    if single.is_file():
        return (single,)
    found = sorted(folder.glob("scenario-*.yaml"), key=lambda path: (len(path.name), path.name))
    if not found:
        raise InputError(f"{folder}: not the directory of a run: there is no scenario.yaml in it")
    return tuple(found)


def read_summary(folder: Path) -> StoredSummary:
    """Return ``summary.json``.

    Raises:
        InputError: it is missing or damaged.
    """
    path = folder / "summary.json"
    try:
        return _read(StoredSummary, path)
    except DamagedError as error:
        raise damaged(path, str(error)) from None


def _took_s(folder: Path) -> int | None:
    """Return how many seconds the run took; None where that was not measured."""
    path = folder / TIMING
    try:
        return _read(_Timing, path).took_s if path.exists() else None
    except DamagedError as error:
        raise damaged(path, str(error), "delete the file to do without it") from None


def _read(kind: type[M], path: Path) -> M:
    try:
        return from_json(kind, read_bytes(path, _LARGEST_SUMMARY))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _scenario(path: Path) -> Scenario:
    try:
        return load(path)
    except ScenarioError as error:
        first, *others = error.faults
        why = str(first).removeprefix(f"{path}:").strip()
        more = f" ({counted(len(others), 'more fault')})" if others else ""
        raise InputError(f"{path}: cannot be read any more: {why}{more}") from None
