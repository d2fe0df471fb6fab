"""Two finished runs, compared with each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment.result import Result, merged
from simsched.scenario.changes import changes
from simsched.statistics import allowance, verdict
from simsched.statistics.compare import Rivals, hold
from simsched.statistics.contender import contenders_of
from simsched.statistics.contrast import Pair, Unpaired
from simsched.statistics.metrics import is_compared
from simsched.statistics.slo import Objective
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.words import comparison as words
from simsched.workload.arrays import Int32s

T = TypeVar("T")


def compared(one: Result, other: Result, allowances: Sequence[Objective] = ()) -> Result:
    """Return both runs as one result, each server of *other* behind that of *one* it goes with.

    A server of the second run is compared with the one of its name in the first, or else with the
    first's baseline. Runs that met the same requests are paired, replication by replication;
    others are compared as independent ones. All servers are tested together on each metric, and
    judged by how much worse *allowances* let them be.

    Raises:
        InputError: the runs' intervals have different levels of confidence, or the runs are not
            compared by a metric of *allowances*.
    """
    _check_confidence(one, other)
    # A run and its repetition have one name, which would not distinguish their servers.
    titles = (one.name, other.name) if one.name != other.name else ("first", "second")
    ours, theirs = _Renamed(one, titles[0]), _Renamed(other, titles[1])
    # By the requests, not by the seed: a change of the scenario may leave them as they are.
    is_paired = _share_requests(one, other)
    rivals = _rivals(ours.servers, theirs.servers, titles)
    servers = _in_pairs(ours.servers | theirs.servers, rivals)
    against, metrics = Pair if is_paired else Unpaired, _metrics(servers.values())
    comparisons = hold(rivals, metrics, one.confidence, against)
    new = _new(one, other, titles)
    try:
        certain = _is_certain(one, other)
        judged = allowance.judge(
            allowances,
            [each for each in comparisons if each.server not in new],
            one.confidence,
            certain=certain,
        )
    except ValueError as error:
        raise InputError(f"--fail-on {error}") from None
    # The verdict is on mean response times.
    of_means = {each.server: each for each in comparisons if each.metric == verdict.METRIC}
    together = f"{one.name} and {other.name}"
    return Result(
        name=together if one.name != other.name else f"{one.name}: first and second run",
        scenarios=(*one.scenarios, *other.scenarios),
        confidence=one.confidence,
        servers=servers,
        comparisons=comparisons,
        class_comparisons=hold(_of_classes(rivals), metrics, one.confidence, against),
        verdicts=tuple(
            verdict.sentence(each.baseline, each.server, of_means[name], one.confidence)
            for each in rivals
            if (name := each.server.server) in of_means
        ),
        traces=_in_order(ours.traces | theirs.traces, servers),
        warnings=_warnings(one, other, titles),
        judgements=(*ours.judgements, *theirs.judgements, *judged),
        changes=_changes(one, other),
        notes=(
            *_notes(one, other, comparisons, is_paired=is_paired),
            *(f"{words.not_judged(new)}." for _ in new[:1] if allowances),
        ),
        made_with=merged(one.made_with, other.made_with),
    )


def moved(one: Result, other: Result, metric: str) -> dict[str, Comparison]:
    """Return how a *metric* of each server of *one* is in *other*, where both runs have the server.

    Runs that met the same requests are paired, as by :func:`compared`.
    """
    rivals = [
        Rivals(server, one.servers[name])
        for name, server in other.servers.items()
        if name in one.servers
    ]
    against = Pair if _share_requests(one, other) else Unpaired
    return {each.server: each for each in hold(rivals, [metric], one.confidence, against)}


def _check_confidence(one: Result, other: Result) -> None:
    if one.confidence != other.confidence:
        raise InputError(
            f"the runs have intervals of {one.confidence:g} and {other.confidence:g}; "
            "run them with the same run.confidence to compare them"
        )


class _Renamed:
    """A run's servers and traces under the names they have in the comparison."""

    def __init__(self, result: Result, title: str) -> None:
        self.servers = {
            f"{title}/{name}": replace(one, server=f"{title}/{name}")
            for name, one in result.servers.items()
        }
        self.traces = {f"{title}/{name}": traces for name, traces in result.traces.items()}
        self.judgements = tuple(
            replace(one, server=f"{title}/{one.server}", sentence=f"{title}: {one.sentence}")
            for one in result.judgements
        )


def _warnings(one: Result, other: Result, titles: tuple[str, str]) -> tuple[str, ...]:
    """Return the warnings of both runs, each once and with the run that it is of."""
    runs: dict[str, list[str]] = {}
    for title, result in zip(titles, (one, other), strict=True):
        for text in dict.fromkeys(result.warnings):
            runs.setdefault(text, []).append(title)
    return tuple(f"{' and '.join(of)}: {text}" for text, of in runs.items())


def _rivals(
    ours: Mapping[str, ServerSummary], theirs: Mapping[str, ServerSummary], titles: tuple[str, str]
) -> list[Rivals]:
    """Return each server of the second run with the one that it is compared with."""
    baseline = next(iter(ours.values()))
    return [
        Rivals(server, ours.get(f"{titles[0]}/{name.removeprefix(f'{titles[1]}/')}", baseline))
        for name, server in theirs.items()
    ]


def _new(one: Result, other: Result, titles: tuple[str, str]) -> list[str]:
    """Return the servers of the second run whose changes cannot be judged: the first has none such.

    Where the runs have no server in common, those of the second are its replacements.
    """
    common = one.servers.keys() & other.servers.keys()
    return [f"{titles[1]}/{name}" for name in other.servers if common and name not in common]


def _in_pairs(
    servers: Mapping[str, ServerSummary], rivals: Sequence[Rivals]
) -> dict[str, ServerSummary]:
    """Return *servers* with each of the second run behind the one that it is compared with."""
    rivals_of: dict[str, list[str]] = {}
    for each in rivals:
        rivals_of.setdefault(each.baseline.server, []).append(each.server.server)
    later = {name for names in rivals_of.values() for name in names}
    order = (name for one in servers if one not in later for name in (one, *rivals_of.get(one, ())))
    return {name: servers[name] for name in order}


def _in_order(traces: Mapping[str, T], names: Iterable[str]) -> dict[str, T]:
    return {name: traces[name] for name in names}


def _changes(one: Result, other: Result) -> tuple[str, ...]:
    """Return what is different in the scenario of *other*; in their order if there are several."""
    several = len(one.scenarios) > 1
    return tuple(
        f"{ours.name}: {change}" if several else change
        for ours, theirs in zip(one.scenarios, other.scenarios, strict=False)
        for change in changes(ours, theirs)
    )


def _share_requests(one: Result, other: Result) -> bool:
    """Return whether both runs met the same requests in each of the same number of replications."""
    ours, theirs = next(iter(one.traces.values())), next(iter(other.traces.values()))
    return len(ours) == len(theirs) and all(map(_same_requests, ours, theirs))


def _same_requests(one: Trace, other: Trace) -> bool:
    return (
        one.classes == other.classes
        and np.array_equal(one.arrival_ns, other.arrival_ns)
        and one.streams == other.streams
        and np.array_equal(one.class_id, other.class_id)
        and np.array_equal(_streams(one), _streams(other))
        and np.array_equal(one.demand_ns, other.demand_ns)
    )


def _streams(trace: Trace) -> Int32s:
    return np.empty(0, np.int32) if trace.stream_id is None else trace.stream_id


def _of_classes(rivals: Sequence[Rivals]) -> list[Rivals]:
    """Return the same rivals for each class of requests that both know."""
    return [
        replace(each, request=name)
        for each in rivals
        for name in each.server.classes
        if name in each.baseline.classes
    ]


def _metrics(servers: Iterable[ServerSummary]) -> list[str]:
    """Return the metrics that servers are compared by, those of every server."""
    return [
        *dict.fromkeys(name for one in servers for name in filter(is_compared, one.measurements))
    ]


def _notes(
    one: Result, other: Result, comparisons: Iterable[Comparison], *, is_paired: bool
) -> Iterator[str]:
    """Yield how the runs were compared, and what that leaves open."""
    runs = one.scenarios[0].run, other.scenarios[0].run
    if is_paired:
        yield f"{words.PAIRED}."
    else:
        reason = words.independent(
            (runs[0].seed, runs[1].seed),
            (runs[0].replications or 1, runs[1].replications or 1),
            other_scenarios=_asks(one) != _asks(other),
        )
        yield f"{reason}."
    has_intervals = any(each.difference.low is not None for each in comparisons)
    if not has_intervals and not _is_certain(one, other):
        yield f"{words.MAYBE_CHANCE}."


def _asks(result: Result) -> tuple[object, object]:
    """Return what the requests of a run are made of."""
    scenario = result.scenarios[0]
    return scenario.requests, scenario.workload


def _is_certain(one: Result, other: Result) -> bool:
    """Return whether nothing in either run is left to chance."""
    contenders = (*contenders_of(one.scenarios), *contenders_of(other.scenarios))
    return all(each.is_certain for each in contenders)
