"""The arrays of a run, and the records that say where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsched.engine.compiled import layout
from simsched.engine.compiled.layout import NEVER, Record

if TYPE_CHECKING:
    from simsched.engine.compiled.supply import Supply

Array = NDArray[Any]


class Part:
    """A record of figures, and the arrays whose addresses and sizes it holds.

    Args:
        record: what has the figures.
        arrays: by the names of the fields of their addresses.
        figures: what else it is to say.
    """

    def __init__(self, record: Record, arrays: Mapping[str, Array], **figures: Any) -> None:
        self.record = record
        self.arrays = dict(arrays)
        for name, value in figures.items():
            record[name] = value
        self.publish()

    @classmethod
    def of(cls, kind: Any, arrays: Mapping[str, Array], **figures: Any) -> Part:
        """Return a part with a record of its own."""
        return cls(np.zeros(1, kind)[0], arrays, **figures)

    def __getitem__(self, name: str) -> int:
        """Return a figure."""
        return int(self.record[name])

    def __setitem__(self, name: str, value: int) -> None:
        """Set a figure."""
        self.record[name] = value

    @property
    def address(self) -> int:
        """Where the record is."""
        return int(self.record.__array_interface__["data"][0])

    def publish(self) -> None:
        """Write down where the arrays are, and how large."""
        for name, array in self.arrays.items():
            self.record[name] = array.ctypes.data
            if f"{name}_size" in self.record.dtype.names:
                self.record[f"{name}_size"] = len(array)

    def grow(self, name: str, filled: int) -> None:
        """Make an array larger than *filled*, at least twice as large, unless it is."""
        array = self.arrays[name]
        if len(array) <= filled:
            self.resize(name, max(2 * len(array), filled + 1))

    def grow_ring(self, name: str, first: str, count: str, margin: int, ring_of: Part) -> None:
        """Make a ring larger, unless it has room for *margin* more; its size is a power of two.

        Its *first* element and their *count* are figures of *ring_of*.
        """
        ring, filled = self.arrays[name], ring_of[count]
        size = len(ring)
        if size - filled > margin:
            return
        ring[:] = np.roll(ring, -(ring_of[first] % size))
        ring_of[first] = 0
        while size - filled <= margin:
            size *= 2
        self.resize(name, size)

    def resize(self, name: str, size: int) -> None:
        """Give an array another size; what is new in it is 0."""
        self.arrays[name].resize(size, refcheck=False)  # nothing else has its address
        self.publish()


class Arena:
    """All parts of a run."""

    def __init__(
        self,
        run: Part,
        server: Part,
        requests: Part,
        columns: Part,
        general: Part | None,
        levels: tuple[Part, ...],
    ) -> None:
        self.run = run
        self.server = server
        self.requests = requests
        self.columns = columns
        self.general = general
        self.levels = levels
        self.place: Part | None = None
        self.network: Part | None = None
        self.run["rows_size"] = NEVER if server["same_rows"] else len(columns.arrays["status"])

    def join(self, network: Part, position: int) -> None:
        """Let this be the server at *position* of a *network*, which is given its addresses."""
        self.network = network
        self.run["place"] = position
        if self.general is None:
            raise NotImplementedError("calls in a plain run")
        called = len(self.columns.arrays["status"]) if position > 0 else 0
        self.place = Part(
            network.arrays["places"][position],
            {"calls": np.zeros(called, layout.CALL)},
            run=self.run.address,
            server=self.server.address,
            requests=self.requests.address,
            columns=self.columns.address,
            general=self.general.address,
        )

    @property
    def addresses(self) -> tuple[int, ...]:
        """Where the records are that the rules of a plain run are given."""
        return tuple(part.address for part in (self.run, self.server, self.requests, self.columns))

    def make_room(self, messages: int = 0) -> None:
        """Make those arrays larger that the run is about to fill.

        Other servers may send so many *messages* meanwhile.
        """
        if len(self.run.arrays["tasks"]) - self.run["alive"] <= self.server["branches"]:
            self._make_room_for_tasks()
        margin = len(self.run.arrays["tasks"])
        self.run.grow("heap", self.run["events"] + 4 * margin + messages)
        self.run.grow("stretches", self.run["stretches_count"] + 2 * margin)
        self.run.grow_ring("handovers", "handed", "handovers_count", 4 * margin, self.run)
        self._make_room_for_rows()
        if self.general is not None:
            self.general.grow("visits", self.run["visits"] + self.general["longest"])
            self.general.grow_ring("timers", "timer", "timers_count", 0, self.run)

    def add_block(self, supply: Supply) -> None:
        """Let one more block of the users' requests be known, which *supply* has drawn."""
        if self.general is None:
            raise NotImplementedError("users in a plain run")
        self.requests.publish()
        self.general.arrays |= supply.arrays()
        self.general["drawn"] = supply.drawn
        self.general["drawn_rows"] = supply.drawn_rows
        self.general["longest"] = supply.longest
        self.general.publish()

    def _make_room_for_tasks(self) -> None:
        self.run.grow("tasks", len(self.run.arrays["tasks"]) + self.server["branches"])
        size = len(self.run.arrays["tasks"])
        self.run.resize("jobs", size)
        self.run.resize("spent", size * 5)
        for level in self.levels:
            level.resize("turns", size)

    def _make_room_for_rows(self) -> None:
        rows = self.run["rows"]
        if rows < self.run["rows_size"]:
            return
        for name in self.columns.arrays:
            self.columns.grow(name, rows)
        if self.general is not None:
            self.general.grow("io_wait_ns", rows)
            self.general.grow("attempts", rows)
            if self.server["works_late"]:
                self.general.grow("late_cpu_ns", rows)
                self.general.grow("late_until_ns", rows)
        if self.place is not None and self.run["place"] > 0:
            self.place.grow("calls", rows)
        self.run["rows_size"] = len(self.columns.arrays["status"])
