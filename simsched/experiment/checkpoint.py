"""The finished replications of a run, kept in the store so that an interrupted run can continue.

A run is one of the command ``run``, or a large point of a sweep.

They are written in batches, each after :data:`EVERY_S` seconds of work or more. So a shorter run
writes nothing, many small replications share one file, and a killed run loses no more than that
much work and the replications in progress.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from simsched.engine import Trace
from simsched.experiment import store
from simsched.experiment.consistency import check_servers
from simsched.experiment.stored_traces import unpack, write
from simsched.experiment.untrusted import require
from simsched.scenario import Scenario
from simsched.statistics.contender import Contender

EVERY_S = 2.0
"""The least seconds of work in a batch."""

SHARE = 0.1
"""About the largest share of the time to spend on writing: a fast engine makes much data."""

# The file name of a batch: its first and its last replication.
_NAME = re.compile(r"([0-9]{1,9})-([0-9]{1,9})\.replications")


Traces = dict[str, Trace]
"""The traces of one replication, by server."""


@dataclass
class _Batch:
    """Consecutive replications; ``first`` is the number of the first one."""

    first: int = 1
    traces: dict[str, list[Trace]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return max(map(len, self.traces.values()), default=0)


class Checkpoint:
    """What the store *kept* has of the run of *contenders*, the servers of *scenarios*.

    A point of a sweep is stored under its *name*. That is not the name of a run of its scenario:
    the traces of a run have timelines, those of a point have none.
    """

    def __init__(
        self,
        kept: store.Store,
        scenarios: Sequence[Scenario],
        contenders: Sequence[Contender],
        name: str | None = None,
    ) -> None:
        self._store = kept
        self._scenarios = scenarios
        self._name = name
        self._contenders = contenders
        self._due_s = time.monotonic() + EVERY_S
        self._new = _Batch()
        self._recalled = _Batch()
        # The folder's name is a hash of the code, which is slow for a small run: only if needed.
        self._is_used = bool(kept.runs())
        if self._is_used:
            kept.sweep_out()
        self._kept = self._batches()

    @property
    def count(self) -> int:
        """The number of replications that are stored."""
        return sum(last - first + 1 for first, last in self._batches().items())

    def recall(self, number: int) -> Traces | None:
        """Return the traces of that replication by server; None if they are not stored.

        Numbers must increase from call to call.
        """
        # A batch is read once, and its replications are handed out until it is used up.
        if number in self._kept:
            self._recalled = self._read(number, self._kept.pop(number))
        position = number - self._recalled.first
        if not 0 <= position < self._recalled.count:
            return None
        return {label: traces[position] for label, traces in self._recalled.traces.items()}

    def recall_each(self, numbers: Sequence[int]) -> dict[int, Traces]:
        """Return those of the replications *numbers* that are stored."""
        found = ((number, self.recall(number)) for number in numbers)
        return {number: traces for number, traces in found if traces is not None}

    def keep(self, number: int, traces: Traces, *, more: bool) -> None:
        """Store the *traces* of that replication, now or in a batch with the next ones.

        Without *more* to simulate nothing is written: the run is all but finished.

        Raises:
            NotStoredError: the disk failed or is full.
        """
        if number != self._new.first + self._new.count:  # the replications in between were recalled
            self._write()
            self._new.first = number
        for label, trace in traces.items():
            self._new.traces.setdefault(label, []).append(trace)
        if more and time.monotonic() >= self._due_s:
            self._write()

    def forget(self) -> None:
        """Remove what is stored: the run is finished."""
        if self._is_used:
            shutil.rmtree(self._folder, ignore_errors=True)

    @cached_property
    def _folder(self) -> Path:
        return self._store.run_folder(self._name or store.key_of_search(self._scenarios, "run"))

    def _path(self, first: int, last: int) -> Path:
        return self._folder / f"{first}-{last}.replications"

    def _batches(self) -> dict[int, int]:
        """Return the first and last numbers of the batches that are stored."""
        if not self._is_used:
            return {}
        names = (_NAME.fullmatch(path.name) for path in self._folder.glob("*"))
        found = ((int(name[1]), int(name[2])) for name in names if name is not None)
        return {first: last for first, last in found if first <= last}

    def _read(self, first: int, last: int) -> _Batch:
        """Return that batch; a damaged one is removed, and an empty one returned."""
        count = last - first + 1

        def decode(data: bytes) -> _Batch:
            found = unpack(data)
            check_servers(found, self._contenders)
            held = {each.label: list(found[each.label]) for each in self._contenders}
            # The name is all that says which replications these are, so it must be right.
            is_whole = all(len(traces) == count for traces in held.values())
            require(is_whole, "it holds other replications than its name says")
            return _Batch(first, held)

        batch = store.read(self._path(first, last), decode, store.LARGEST_BATCH)
        if batch is None:
            # Otherwise it would be reported again each time, and count as stored.
            self._path(first, last).unlink(missing_ok=True)
        return batch or _Batch()

    def _write(self) -> None:
        batch, self._new = self._new, _Batch(self._new.first + self._new.count)
        if not batch.count:
            return
        self._is_used = True
        began_s = time.monotonic()
        path = self._path(batch.first, batch.first + batch.count - 1)
        try:
            store.write(path, partial(write, batch))
        except OSError as error:
            raise store.NotStoredError(
                f"{path}: {error.strerror or error}; {self.count} replications are stored: "
                "make room and run the same command to continue"
            ) from None
        done_s = time.monotonic()
        # Writing pauses the simulation: the longer it took, the longer the next batch waits.
        self._due_s = done_s + max(EVERY_S, (done_s - began_s) / SHARE)
