"""How two finished runs were compared, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simsched.experiment.result import Result
from simsched.experiment.runner import contenders_of
from simsched.statistics.summary import Comparison


def notes(
    one: Result, other: Result, comparisons: Iterable[Comparison], *, is_paired: bool
) -> Iterator[str]:
    """Yield how the runs were compared, and what that leaves open."""
    if is_paired:
        yield "Both runs met the same requests: they are compared replication by replication."
    else:
        yield (
            f"The runs met different requests ({_differing(one, other)}): they are compared as "
            "independent ones."
        )
    has_intervals = any(each.difference.low is not None for each in comparisons)
    if not has_intervals and not _is_certain(one, other):
        yield "There are no intervals, for want of replications: a difference may be chance."


def _differing(one: Result, other: Result) -> str:
    """Return what the runs differ in, that their requests come from."""
    runs = [each.scenarios[0].run for each in (one, other)]
    times = [run.replications or 1 for run in runs]
    seeds = [run.seed for run in runs]
    told = [
        *(["of other scenarios"] if _asks(one) != _asks(other) else []),
        *([f"{times[0]} and {times[1]} replications"] if times[0] != times[1] else []),
        *([f"seeds {seeds[0]} and {seeds[1]}"] if seeds[0] != seeds[1] else []),
    ]
    return ", ".join(told) or "of other scenarios"


def _asks(result: Result) -> tuple[object, object]:
    """Return what the requests of a run are made of."""
    scenario = result.scenarios[0]
    return scenario.requests, scenario.workload


def _is_certain(one: Result, other: Result) -> bool:
    """Say whether nothing in either run is left to chance."""
    contenders = (*contenders_of(one.scenarios), *contenders_of(other.scenarios))
    return all(each.is_certain for each in contenders)
