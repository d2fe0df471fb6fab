"""A deadlock as a reader takes it in: who has what, and who waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsched.engine.deadlock import Deadlock, Wait
from simsched.experiment.result import Result
from simsched.statistics.estimate import Estimate


@dataclass(frozen=True, slots=True)
class StuckRow:
    """Requests that have the same and wait for the same, in words."""

    requests: str
    holds: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class StuckServer:
    """The first deadlock of a server, in *replication*; it has *stuck* requests in all."""

    server: str
    replication: int
    stuck: int
    rows: tuple[StuckRow, ...]


def stuck(result: Result) -> Iterator[StuckServer]:
    """Yield each server that came to a deadlock."""
    for server, traces in result.traces.items():
        numbered = enumerate((trace.deadlock for trace in traces), start=1)
        first = next(((n, found) for n, found in numbered if found is not None), None)
        if first is not None:
            yield StuckServer(server, first[0], first[1].stuck, tuple(_rows(first[1])))


NONE_FINISHED = "none finished: deadlock"
"""Why a server that came to a deadlock before it answered anybody has no figures."""


def waits(result: Result, resource: str) -> list[Estimate]:
    """Return how long those waited on each server who needed *resource*.

    Of a deadlock that cannot be told: those who are stuck wait for ever.
    """
    stopped = {found.server for found in stuck(result)}
    return [
        Estimate(None, reason="some wait for ever: deadlock")
        if name in stopped
        else one.resource_wait.get(resource, Estimate(None))
        for name, one in result.servers.items()
    ]


def is_stopped(result: Result, server: str) -> bool:
    """Say whether *server* came to a deadlock before it answered anybody."""
    answered = result.servers[server].requests.get("completed", 0)
    return not answered and any(found.server == server for found in stuck(result))


def requests_in(deadlock: Deadlock | None) -> frozenset[int]:
    """Return the stuck requests that are told of."""
    return frozenset(wait.request for wait in deadlock.waits) if deadlock else frozenset()


def _rows(deadlock: Deadlock) -> Iterator[StuckRow]:
    groups: dict[tuple[tuple[str, ...], str], list[Wait]] = {}
    for wait in deadlock.waits:
        groups.setdefault((wait.holds, wait.waits_for), []).append(wait)
    for (holds, waits_for), waits in groups.items():
        numbers = list(dict.fromkeys(wait.request for wait in waits))
        yield StuckRow(ranges(numbers), " and ".join(holds) or "nothing", waits_for)


def ranges(numbers: Sequence[int]) -> str:
    """Return whole *numbers* with those that follow each other as a range: ``1 to 10, 12``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
