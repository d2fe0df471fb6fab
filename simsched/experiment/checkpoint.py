"""The finished replications of a run, kept in the store so that an interrupted run can continue.

They are kept in batches, each when :data:`EVERY_S` seconds have passed since the last one. So a
shorter run writes nothing, many small replications cost one file together, and a killed run loses
that much work and the replication that it was at.
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
from simsched.errors import RunError
from simsched.experiment import store
from simsched.experiment.consistency import check_servers
from simsched.experiment.stored_traces import unpack, write
from simsched.experiment.untrusted import require
from simsched.scenario import Scenario
from simsched.statistics.contender import Contender

EVERY_S = 2.0
"""How many seconds of work a batch has at least."""

SHARE = 0.1
"""No more than this share of the time, about, is spent on writing: fast engines make much data."""

_NAME = re.compile(r"([0-9]{1,9})-([0-9]{1,9})\.replications")
"""What the file of a batch is called: by its first replication and its last one."""


Traces = dict[str, Trace]
"""The traces of one replication, by server."""


@dataclass
class _Batch:
    """Replications one after another, of which ``first`` is the number of the first."""

    first: int = 1
    traces: dict[str, list[Trace]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return max(map(len, self.traces.values()), default=0)


class Checkpoint:
    """What is kept of the run of *contenders*, the servers of *scenarios*, in the store *kept*."""

    def __init__(
        self, kept: store.Store, scenarios: Sequence[Scenario], contenders: Sequence[Contender]
    ) -> None:
        self._store = kept
        self._scenarios = scenarios
        self._contenders = contenders
        self._due_s = time.monotonic() + EVERY_S
        self._new = _Batch()
        self._recalled = _Batch()
        # To hash the code for the name takes as long as a small run: only where it may be needed.
        self._is_used = kept.has_runs
        if self._is_used:
            kept.sweep_out()
        self._kept = self._batches()

    @property
    def count(self) -> int:
        """How many replications are kept at the moment."""
        return sum(last - first + 1 for first, last in self._batches().items())

    def recall(self, number: int) -> Traces | None:
        """Return the traces of that replication by server; None if they are not kept.

        The numbers that are asked for rise from one call to the next.
        """
        if number in self._kept:
            self._recalled = self._read(number, self._kept.pop(number))
        position = number - self._recalled.first
        if not 0 <= position < self._recalled.count:
            return None
        return {label: traces[position] for label, traces in self._recalled.traces.items()}

    def recall_each(self, numbers: Sequence[int]) -> dict[int, Traces]:
        """Return those of the replications of these *numbers* that are kept."""
        found = ((number, self.recall(number)) for number in numbers)
        return {number: traces for number, traces in found if traces is not None}

    def keep(self, number: int, traces: Traces) -> None:
        """Keep the *traces* of that replication, now or in a batch with those that follow.

        Raises:
            RunError: the disk failed or is full.
        """
        if number != self._new.first + self._new.count:  # those in between were recalled
            self._write()
            self._new.first = number
        for label, trace in traces.items():
            self._new.traces.setdefault(label, []).append(trace)
        if time.monotonic() >= self._due_s:
            self._write()

    def forget(self) -> None:
        """Remove what is kept: the run is finished."""
        if self._is_used:
            shutil.rmtree(self._folder, ignore_errors=True)

    @cached_property
    def _folder(self) -> Path:
        return self._store.run_folder(store.key_of_search(self._scenarios, "run"))

    def _path(self, first: int, last: int) -> Path:
        return self._folder / f"{first}-{last}.replications"

    def _batches(self) -> dict[int, int]:
        """Return the batches that are kept: the numbers of the first and the last replication."""
        if not self._is_used:
            return {}
        names = (_NAME.fullmatch(path.name) for path in self._folder.glob("*"))
        found = ((int(name[1]), int(name[2])) for name in names if name is not None)
        return {first: last for first, last in found if first <= last}

    def _read(self, first: int, last: int) -> _Batch:
        """Return the batch of those numbers, an empty one if it is damaged; it is then removed."""
        count = last - first + 1

        def decode(data: bytes) -> _Batch:
            found = unpack(data)
            check_servers(found, self._contenders)
            held = {each.label: list(found[each.label]) for each in self._contenders}
            is_whole = all(len(traces) == count for traces in held.values())
            require(is_whole, "it holds other replications than its name says")
            return _Batch(first, held)

        batch = store.read(self._path(first, last), decode, store.LARGEST_PART)
        if batch is None:
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
            raise RunError(
                f"{path}: {error.strerror or error}; {self.count} replications are stored: "
                "make room and run the same command to continue"
            ) from None
        done_s = time.monotonic()
        self._due_s = done_s + max(EVERY_S, (done_s - began_s) / SHARE)
