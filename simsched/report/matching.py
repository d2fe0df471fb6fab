"""Two finished runs made one comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment.provenance import merged
from simsched.experiment.result import Result
from simsched.report.stored import Stored
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import is_compared
from simsched.statistics.paired import Pair
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.unpaired import Unpaired


def join(first: Stored, second: Stored) -> Stored:
    """Return both runs as one result, the servers of *first* before those of *second*.

    A server of the second is held against its namesake in the first, or where there is none against
    the first's baseline. Runs that met the same requests are paired, replication by replication;
    others are compared as independent ones.

    Raises:
        InputError: the runs' intervals have different levels of confidence.
    """
    one, other = first.result, second.result
    if one.confidence != other.confidence:
        raise InputError(
            f"the runs have intervals of {one.confidence:g} and {other.confidence:g}; "
            "run them with the same run.confidence to compare them"
        )
    titles = _titles(one, other)
    ours, theirs = _Renamed(one, titles[0]), _Renamed(other, titles[1])
    is_paired = _share_requests(one, other)
    pairs = [
        (theirs.servers[name], ours.servers[opponent])
        for name, opponent in _opponents(one, other, titles).items()
    ]
    hold = _Holding(is_paired, one.confidence)
    result = Result(
        name=_name(one.name, other.name),
        scenarios=(*one.scenarios, *other.scenarios),
        confidence=one.confidence,
        servers=ours.servers | theirs.servers,
        comparisons=tuple(each for pair in pairs for each in hold.servers(*pair)),
        class_comparisons=tuple(each for pair in pairs for each in hold.classes(*pair)),
        traces=ours.traces | theirs.traces,
        warnings=_warnings(one, other, titles),
        judgements=(*ours.judgements, *theirs.judgements),
        notes=(_note(is_paired),),
        made_with=merged(one.made_with, other.made_with),
    )
    texts = [*first.scenario_texts.values(), *second.scenario_texts.values()]
    return Stored(result, {f"scenario-{n}.yaml": text for n, text in enumerate(texts, start=1)})


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


def _titles(one: Result, other: Result) -> tuple[str, str]:
    """Return what the runs are called: by their scenarios, or else the first and the second."""
    return (one.name, other.name) if one.name != other.name else ("first", "second")


def _name(one: str, other: str) -> str:
    return f"{one} and {other}" if one != other else f"{one}: first and second run"


def _opponents(one: Result, other: Result, titles: tuple[str, str]) -> dict[str, str]:
    """Return for each server of the second run whom it is held against."""
    baseline = next(iter(one.servers))
    return {
        f"{titles[1]}/{name}": f"{titles[0]}/{name if name in one.servers else baseline}"
        for name in other.servers
    }


def _share_requests(one: Result, other: Result) -> bool:
    """Say whether both runs met the same requests in each of the same number of replications."""
    ours, theirs = next(iter(one.traces.values())), next(iter(other.traces.values()))
    return len(ours) == len(theirs) and all(map(_same_requests, ours, theirs))


def _same_requests(one: Trace, other: Trace) -> bool:
    return (
        one.classes == other.classes
        and np.array_equal(one.arrival_ns, other.arrival_ns)
        and np.array_equal(one.class_id, other.class_id)
        and np.array_equal(one.demand_ns, other.demand_ns)
    )


@dataclass(frozen=True, slots=True)
class _Holding:
    """How servers are held against each other."""

    is_paired: bool
    confidence: float

    def servers(self, server: ServerSummary, baseline: ServerSummary) -> Iterator[Comparison]:
        """Yield every metric that both servers have."""
        names = server.server, baseline.server
        yield from self._compared(names, server.measurements, baseline.measurements)

    def classes(self, server: ServerSummary, baseline: ServerSummary) -> Iterator[Comparison]:
        """Yield every metric of every class that both servers have."""
        names = server.server, baseline.server
        for name, one in server.classes.items():
            if (other := baseline.classes.get(name)) is not None:
                measured = one.measurements, other.measurements
                yield from self._compared(names, *measured, request=name)

    def _compared(
        self,
        names: tuple[str, str],
        ours: Mapping[str, Measurement],
        theirs: Mapping[str, Measurement],
        request: str | None = None,
    ) -> Iterator[Comparison]:
        hold = Pair if self.is_paired else Unpaired
        for metric in filter(is_compared, ours):
            if metric in theirs:
                held = hold(ours[metric], theirs[metric])
                yield Comparison(
                    metric,
                    *names,
                    held.difference(self.confidence),
                    held.ratio(self.confidence),
                    request=request,
                )


def _note(is_paired: bool) -> str:
    if is_paired:
        return "Both runs met the same requests: they are compared replication by replication."
    return "The runs met different requests: they are compared as independent ones."
