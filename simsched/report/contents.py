"""What the folder of a run holds: the names of its files, and its scenarios in YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from simsched.experiment.result import Result
from simsched.scenario import Scenario, dump
from simsched.scenario.model.workload import Source

RESOURCES = "resources.parquet"
"""The uses of resources, in a run that has any."""

CALLS = "calls.parquet"
"""The calls of services, in a run that has any."""

TIMING = "timing.json"
"""How long simulating took, where that was measured."""

_SUMMARIES = ("summary.json", "summary.csv")
_TABLES = ("requests.parquet", "segments.parquet")


def scenario_files(scenario_texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts by file name: ``scenario.yaml``, or ``scenario-1.yaml`` and on."""
    texts = tuple(scenario_texts.values())
    if len(texts) == 1:
        return {"scenario.yaml": texts[0]}
    return {f"scenario-{number}.yaml": text for number, text in enumerate(texts, start=1)}


def scenario_texts(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Return the resolved *scenarios* in YAML by name, as they stand in the folder of a run."""
    kept = recordings(scenarios)
    return {scenario.name: dump(_with_kept(scenario, kept)) for scenario in scenarios}


def recordings(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Return what each recorded file is called in the folder of a run, by its absolute path."""
    files = dict.fromkeys(
        one.trace.file
        for scenario in scenarios
        for one in scenario.workload.sources.values()
        if one.trace is not None
    )
    if len(files) == 1:
        return {file: f"recording{Path(file).suffix}" for file in files}
    return {file: f"recording-{n}{Path(file).suffix}" for n, file in enumerate(files, start=1)}


def _with_kept(scenario: Scenario, kept: dict[str, str]) -> Scenario:
    workload = _replaying_kept(scenario.workload, kept)
    if workload.streams is not None:
        streams = {name: _replaying_kept(one, kept) for name, one in workload.streams.items()}
        workload = workload.model_copy(update={"streams": streams})
    return scenario.model_copy(update={"workload": workload})


S = TypeVar("S", bound=Source)


def _replaying_kept(source: S, kept: dict[str, str]) -> S:
    if source.trace is None:
        return source
    trace = source.trace.model_copy(update={"file": kept[source.trace.file]})
    return source.model_copy(update={"trace": trace})


def data_files(result: Result) -> tuple[str, ...]:
    """Return the names of the files that *result* is written to, besides page and scenarios."""
    took = () if result.took_s is None else (TIMING,)
    return (*_SUMMARIES, *_tables(result), *recordings(result.scenarios).values(), *took)


def _tables(result: Result) -> tuple[str, ...]:
    if not result.holds_every_request:
        return ()
    resources = (RESOURCES,) if has_resources(result) else ()
    return (*_TABLES, *resources, *((CALLS,) if has_services(result) else ()))


def has_resources(result: Result) -> bool:
    """Return whether some server's requests may use a resource."""
    return any(trace.resources for traces in result.traces.values() for trace in traces)


def has_services(result: Result) -> bool:
    """Return whether some server's requests may call a service."""
    return any(trace.services for traces in result.traces.values() for trace in traces)
