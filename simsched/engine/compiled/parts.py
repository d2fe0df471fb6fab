"""A run whose requests come and go a part at a time, in memory that does not grow with its length.

The kernel knows a request by its number and finds its columns by their addresses. So only those
columns have to be there that somebody in the server refers to: with every part that is added, the
columns of all who came before the oldest of these are handed on and forgotten. Nothing else about
the run is different, and so is none of its times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from simsched.engine.compiled import kernel
from simsched.engine.compiled.arena import Arena, Array
from simsched.engine.compiled.layout import NEVER, NOBODY
from simsched.engine.compiled.recorder import io_wait
from simsched.engine.compiled.setup import arena_of
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Segments, Trace
from simsched.scenario.servers import Server
from simsched.workload.arrays import Int8s
from simsched.workload.columns import Requests, Workload
from simsched.workload.critical_path import critical_path
from simsched.workload.steps import StepKind

_BY_REQUEST = ("class_id", "dispatch", "arrival_ns")
_BY_ROW = ("step_id", "duration_ns")
_LATE = ("late_cpu_ns", "late_until_ns")


def has_parts(pattern: Requests, server: Server, conditions: Conditions) -> bool:
    """Return whether a run can forget its requests.

    Not where they are sent again, use resources, fork, or are ranked by what remains of them.
    """
    forks = any(step.kind is StepKind.FORK for step in pattern.steps)
    return not (
        forks
        or pattern.resources
        or server.discipline == "shortest"
        or conditions.client.retries is not None
    )


def simulate_parts(
    chunks: Iterable[Workload], server: Server, conditions: Conditions | None = None
) -> Iterator[Trace]:
    """Yield what happens when *chunks*, one workload behind the other, meet *server*.

    The rows of the traces, one behind the other, are those of the trace of the whole, without any
    timeline. ``end_ns`` is that of the whole in the last of them alone.

    Args:
        chunks: the requests of one replication, as
            :func:`simsched.workload.chunks.draw_chunks` yields them; at least one.
        server: one server of a scenario.
        conditions: the client's patience, and what goes wrong when; no retries.
    """
    run = _Run(iter(chunks), server, conditions or Conditions())
    yield from run.parts()


class _Run:
    """A run, and the columns of those requests that it may still refer to."""

    def __init__(self, chunks: Iterator[Workload], server: Server, conditions: Conditions) -> None:
        self._chunks, self._server = chunks, server
        first = next(chunks)
        self._end_ns = first.end_ns
        self._pattern = first
        self._arena = _arena(first, server, conditions)
        self._kinds: Int8s = np.array([step.kind for step in first.steps], np.int8)
        self._forgotten = 0  # requests
        self._forgotten_rows = 0
        self._columns: dict[str, Array] = dict(self._arena.requests.arrays)

    def parts(self) -> Iterator[Trace]:
        arena = self._arena
        arena.make_room()
        self._tell()
        kernel.begin(arena.world)
        for chunk in self._chunks:
            self._proceed(min(self._columns["arrival_ns"][-1:].tolist() or [0]) - 1)
            yield self._hand_on(self._oldest(), arena.run["now"])
            self._add(chunk)
        self._proceed(NEVER if self._end_ns is None else self._end_ns)
        end = arena.run["last_change"] if self._end_ns is None else self._end_ns
        kernel.conclude(arena.world, end)
        yield self._hand_on(arena.run["rows"], end)

    def _proceed(self, until: int) -> None:
        """Let everything happen up to that moment, with more requests to come after it."""
        arena = self._arena
        arena.run["end"] = until if self._end_ns is None else min(until, self._end_ns)
        while (stop := kernel.proceed(arena.world)) != kernel.DONE:
            if stop == kernel.NEEDS_ROOM:
                arena.make_room()
                self._tell()

    def _oldest(self) -> int:
        """Return the row of the oldest attempt in the server, or of the next if there is none."""
        run = self._arena.run
        jobs, tasks = run.arrays["jobs"][: run["fresh"]], run.arrays["tasks"][: run["fresh"]]
        alive = tasks["alive"] & (tasks["job"] == np.arange(len(tasks)))
        return int(jobs["row"][alive].min(initial=run["rows"]))

    def _hand_on(self, before: int, end: int) -> Trace:
        """Return the trace of the requests up to *before*, and forget them."""
        count = before - self._forgotten
        trace = self._trace(count, end)
        rows = int(self._columns["first_row"][count]) - self._forgotten_rows
        for name in (*_BY_REQUEST, "first_row"):
            self._columns[name] = self._columns[name][count:]
        for name in _BY_ROW:
            self._columns[name] = self._columns[name][rows:]
        for arrays, name in self._outcomes():
            arrays[name] = arrays[name][count:]
        self._forgotten += count
        self._forgotten_rows += rows
        return trace

    def _trace(self, count: int, end: int) -> Trace:
        known, server = self._columns, self._server
        outcome = {name: arrays[name][:count] for arrays, name in self._outcomes()}
        bounds = known["first_row"][: count + 1] - self._forgotten_rows
        return Trace(
            classes=self._pattern.classes,
            request=np.arange(self._forgotten + 1, self._forgotten + count + 1),
            class_id=known["class_id"][:count],
            user=np.broadcast_to(np.int32(-1), count),
            attempt=np.broadcast_to(np.int32(1), count),
            arrival_ns=known["arrival_ns"][:count],
            demand_ns=critical_path(self._kinds, known["step_id"], known["duration_ns"], bounds),
            workers=server.workers,
            cores=server.core_count,
            end_ns=end,
            segments=_no_segments(),
            engine="compiled",
            **{"io_wait_ns": io_wait(self._arena, count), **outcome},
        )

    def _add(self, chunk: Workload) -> None:
        """Put the columns of *chunk* behind those that are there."""
        known = self._columns
        last = known["first_row"][-1]
        known["first_row"] = np.concatenate([known["first_row"], chunk.first_row[1:] + last])
        for name in (*_BY_REQUEST, *_BY_ROW):
            known[name] = np.concatenate([known[name], getattr(chunk, name)])
        self._lengthen(len(chunk))
        self._arena.run["expected"] += len(chunk)
        self._tell()

    def _lengthen(self, more: int) -> None:
        """Make room for what becomes of so many more requests."""
        for arrays, name in self._outcomes():
            column = arrays[name]
            arrays[name] = np.concatenate([column, np.zeros(more, column.dtype)])

    def _outcomes(self) -> list[tuple[dict[str, Any], str]]:
        """Return the columns of what becomes of each request, and where they are."""
        arena = self._arena
        found = [(arena.columns.arrays, name) for name in arena.columns.arrays]
        if arena.general is not None:
            others = _LATE if arena.server["timeout"] != NOBODY else ()
            found += [(arena.general.arrays, name) for name in ("io_wait_ns", *others)]
        return found

    def _tell(self) -> None:
        """Write down where the column of request 0 would be, if it were still there."""
        arena, known = self._arena, self._columns
        for name in (*_BY_REQUEST, "first_row"):
            arena.requests.record[name] = _address(known[name], self._forgotten)
        for name in _BY_ROW:
            arena.requests.record[name] = _address(known[name], self._forgotten_rows)
        for arrays, name in self._outcomes():
            part = arena.columns if arrays is arena.columns.arrays else arena.general
            if part is not None:
                part.record[name] = _address(arrays[name], self._forgotten)
        arena.run["rows_size"] = self._forgotten + len(arena.columns.arrays["status"])


def _arena(first: Workload, server: Server, conditions: Conditions) -> Arena:
    supply = Supply(first, ranked=False, sequential=server.parallel == "sequential")
    return arena_of(supply, server, conditions, timeline=0, also=())


def _address(column: Array, forgotten: int) -> int:
    return int(column.ctypes.data) - forgotten * column.itemsize


def _no_segments() -> Segments:
    none = np.empty(0, np.int64)
    return Segments(none, none.astype(np.int8), none, none, none.astype(np.int32), ())
