"""A finished run read back from its directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simsched.engine.trace import Trace
from simsched.errors import InputError, ScenarioError
from simsched.experiment.result import Result
from simsched.experiment.runner import contenders_of, result_of
from simsched.report import timing
from simsched.report.stored_demand import demanded
from simsched.report.stored_traces import read_traces
from simsched.scenario import Scenario, load
from simsched.statistics.appraisal import appraise
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary


@dataclass(frozen=True)
class Stored:
    """A run as it was, and the texts of its scenarios by file name."""

    result: Result
    scenario_texts: Mapping[str, str]


def read(folder: Path) -> Stored:
    """Return the run in *folder* from its scenarios, ``summary.json`` and Parquet files alone.

    Figures are computed again from the stored requests. A request's service demand is not among
    them: it is drawn again from the scenario, and where that gives other requests (files that a
    scenario names have changed, say) the figures that rest on it are those of ``summary.json``.

    Raises:
        InputError: a file is missing or damaged; the message says which.
    """
    if (folder / "sweep.yaml").is_file():
        raise InputError(f"{folder}: a sweep, not a run; its figures are in sweep.parquet")
    paths = scenario_paths(folder)
    told = read_summary(folder)
    scenarios = tuple(map(_scenario, paths))
    traces = read_traces(folder)
    contenders = contenders_of(scenarios)
    known = {
        each.label: _with_demand(each.scenario, traces[each.label])
        for each in contenders
        if each.label in traces
    }
    if len(known) < len(contenders):
        raise InputError(f"{folder}: requests.parquet does not hold every server of the scenario")
    notes, made_with = tuple(told.get("notes", ())), told.get("made_with", {})
    result = result_of(scenarios, known, appraise(contenders, known), notes, made_with)
    servers = {name: _completed(one, told["servers"][name]) for name, one in result.servers.items()}
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    return Stored(replace(result, servers=servers, took_s=timing.read(folder)), texts)


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


def read_summary(folder: Path) -> dict[str, Any]:
    """Return ``summary.json``.

    Raises:
        InputError: it is missing or damaged.
    """
    path = folder / "summary.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{path}: damaged: not JSON; run the scenario again") from None
    if not isinstance(told, dict) or "servers" not in told:
        raise InputError(f"{path}: damaged: it tells of no servers; run the scenario again")
    return told


def _scenario(path: Path) -> Scenario:
    try:
        return load(path)
    except ScenarioError as error:
        raise InputError(f"{path}: cannot be read any more: {error}") from None


def _with_demand(scenario: Scenario, traces: tuple[Trace, ...]) -> tuple[Trace, ...]:
    """Return *traces* with the service demand of each request, where it can be drawn again."""
    return tuple(
        demanded(scenario, replication, trace) for replication, trace in enumerate(traces, start=1)
    )


def _completed(one: ServerSummary, told: Mapping[str, Any]) -> ServerSummary:
    """Return *one* with the figures that only ``summary.json`` can tell."""
    estimates = {
        name: estimate if estimate.value is not None else _told(name, estimate, told)
        for name, estimate in one.estimates.items()
    }
    return replace(one, estimates=estimates)


def _told(name: str, missing: Estimate, told: Mapping[str, Any]) -> Estimate:
    group, _, last = name.partition(".")
    found = told.get(group, {}).get(last) if last else told.get(group)
    if not found or found["value"] is None:
        return missing
    return Estimate(found["value"], found["low"], found["high"])
