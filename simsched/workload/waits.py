"""How long clients wait for their answers, as chance and the class of a request decide."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simsched.scenario.model.client import Wait
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.columns import Waits
from simsched.workload.distributions import law
from simsched.workload.streams import Streams

_FOREVER = -1


def gives_up(scenario: Scenario) -> bool:
    """Return whether any client may give up."""
    return any(wait is not None for wait in _every(scenario))


def vary(scenario: Scenario) -> bool:
    """Return whether chance decides when any client gives up."""
    return any(wait is not None and law(wait).variance > 0 for wait in _every(scenario))


def _every(scenario: Scenario) -> Iterator[Wait | None]:
    for one in by_stream(scenario).values():
        for _, *waits in _of_classes(one):
            yield from waits


def draw_waits(
    scenario: Scenario, class_id: Int32s, streams: Streams, *, always: bool = False
) -> Waits | None:
    """Return how long each request is waited for.

    None where all are for as long, or for ever, unless that is to be known *always*.
    """
    waits = list(_of_classes(scenario))
    timeout = scenario.client.timeout
    # One number for all needs no columns: the usual case costs nothing.
    alike = isinstance(timeout, int | None) and all(each[1:] == (timeout, None) for each in waits)
    if alike and not always:
        return None
    columns = [np.full(len(class_id), _FOREVER) for _ in range(2)]
    for number, (name, *both) in enumerate(waits):
        mine = np.flatnonzero(class_id == number)
        for column, wait, purpose in zip(columns, both, ("timeout", "patience"), strict=True):
            if wait is not None:
                column[mine] = _drawn(wait, streams.child(purpose, name), len(mine))
    return Waits(*columns)


def _drawn(wait: Wait, streams: Streams, count: int) -> Int64s:
    return law(wait).durations(streams)(count)


def _of_classes(scenario: Scenario) -> Iterator[tuple[str, Wait | None, Wait | None]]:
    """Yield each class's name, its timeout and its patience."""
    client = scenario.client
    for name, request in scenario.requests.items():
        timeout = client.timeout if request.timeout is None else request.timeout
        patience = client.patience if request.patience is None else request.patience
        yield name, timeout, patience
