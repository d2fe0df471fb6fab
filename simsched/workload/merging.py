"""Streams of requests that were drawn one by one, as one workload."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsched.workload.arrays import Int64s
from simsched.workload.closed import Block, ClosedWorkload, Population, until
from simsched.workload.columns import Requests, Retries, Waits, Workload


def merged(streams: Mapping[str, Workload | ClosedWorkload]) -> Workload | ClosedWorkload:
    """Return the workload of all *streams*.

    Of requests that arrive at one instant by themselves, those of the first stream come first. It
    ends when the last stream does; if a stream has no such moment, when every request is finished.
    """
    names = tuple(streams)
    ends = [each.end_ns for each in streams.values()]
    end_ns = None if None in ends else max(each for each in ends if each is not None)
    numbered = list(enumerate(streams.values()))
    opened = [(i, each) for i, each in numbered if isinstance(each, Workload)]
    closed = [(i, each) for i, each in numbered if isinstance(each, ClosedWorkload)]
    beside = _by_arrival([each for _, each in opened], names, [i for i, _ in opened], end_ns)
    if not closed and beside is not None:
        return beside
    return ClosedWorkload(
        tuple(_ending(each, end_ns) for _, each in closed),
        _blocks([each.block for _, each in closed], names, [i for i, _ in closed]),
        beside,
        end_ns,
    )


def _ending(workload: ClosedWorkload, end_ns: int | None) -> Population:
    """Return the users of a stream, who leave at its end if others go on."""
    (users,) = workload.populations
    if workload.end_ns is None or workload.end_ns == end_ns:
        return users
    return replace(users, stays=until(users.stays, users.users, workload.end_ns))


def _by_arrival(
    parts: Sequence[Workload], names: tuple[str, ...], positions: Sequence[int], end_ns: int | None
) -> Workload | None:
    if not parts:
        return None
    arrival_ns = np.concatenate([each.arrival_ns for each in parts])
    order = arrival_ns.argsort(kind="stable")
    columns = _taken(_joined(parts, names, positions), order)
    return Workload(**columns, arrival_ns=arrival_ns[order], end_ns=end_ns)


def _blocks(
    draws: Sequence[Callable[[int], Block]], names: tuple[str, ...], positions: Sequence[int]
) -> Callable[[int], Block]:
    def block(number: int) -> Block:
        parts = [draw(number) for draw in draws]
        return Block(
            **_joined(parts, names, positions).columns(),
            before=parts[0].before,
            per_user=parts[0].per_user,
            think_ns=np.concatenate([each.think_ns for each in parts]),
        )

    return block


def _joined(
    parts: Sequence[Requests], names: tuple[str, ...], positions: Sequence[int]
) -> Requests:
    """Return the requests of streams at these *positions* among all, one after the other."""
    rows = [len(each.step_id) for each in parts]
    before = np.cumsum([0, *rows])
    firsts = [each.first_row[:-1] + row for each, row in zip(parts, before[:-1], strict=True)]
    sizes = [len(each) for each in parts]
    one = parts[0]
    return Requests(
        classes=one.classes,
        priorities=one.priorities,
        resources=one.resources,
        services=one.services,
        steps=one.steps,
        class_id=_along(parts, "class_id"),
        first_row=np.concatenate([*firsts, before[-1:]]),
        step_id=_along(parts, "step_id"),
        duration_ns=_along(parts, "duration_ns"),
        dispatch=_along(parts, "dispatch"),
        retries=_retries(parts),
        waits=_waits(parts),
        handoff=side_by_side([each.handoff for each in parts], rows),
        fails=side_by_side([each.fails for each in parts], rows),
        streams=names,
        stream_id=np.repeat(np.array(positions, np.int32), sizes),
    )


def _along(parts: Sequence[Any], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(each, name) for each in parts])


def _retries(parts: Sequence[Requests]) -> Retries | None:
    """Return the draws of the attempts after the first, of which some streams have more."""
    if all(each.retries is None for each in parts):
        return None

    def drawn(name: str) -> NDArray[Any]:
        none = np.empty((0, 0))
        columns = [none if each.retries is None else getattr(each.retries, name) for each in parts]
        return side_by_side(columns, [len(each) for each in parts])

    return Retries(drawn("jitter"), drawn("dispatch"))


def _waits(parts: Sequence[Requests]) -> Waits | None:
    waits = [each.waits for each in parts if each.waits is not None]
    if not waits:
        return None
    return Waits(_along(waits, "timeout_ns"), _along(waits, "patience_ns"))


def side_by_side(tables: Sequence[NDArray[Any]], widths: Sequence[int]) -> NDArray[Any]:
    """Return (most, n) *tables* of these widths beside each other; 0 where one has fewer rows."""
    most = max(len(each) for each in tables)
    joined = np.zeros((most, sum(widths) if most else 0), tables[0].dtype)
    starts = np.cumsum([0, *widths[:-1]])
    for table, start, width in zip(tables, starts, widths, strict=True):
        if len(table):
            joined[: len(table), start : start + width] = table
    return joined


def _taken(requests: Requests, order: Int64s) -> dict[str, Any]:
    """Return the columns of *requests* in another *order*."""
    lengths = np.diff(requests.first_row)[order]
    first_row = np.concatenate([[0], np.cumsum(lengths)])
    rows = np.arange(first_row[-1]) + np.repeat(requests.first_row[order] - first_row[:-1], lengths)
    columns = requests.columns() | {"first_row": first_row}
    for name in ("class_id", "dispatch", "stream_id"):
        columns[name] = columns[name][order]
    for name in ("step_id", "duration_ns"):
        columns[name] = columns[name][rows]
    for name in ("handoff", "fails"):
        columns[name] = columns[name][:, rows] if len(columns[name]) else columns[name]
    retries, waits = requests.retries, requests.waits
    if retries is not None:
        columns["retries"] = Retries(retries.jitter[:, order], retries.dispatch[:, order])
    if waits is not None:
        columns["waits"] = Waits(waits.timeout_ns[order], waits.patience_ns[order])
    return columns
