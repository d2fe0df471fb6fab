"""A stretch of a timeline: one activity between two instants."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.engine.trace import Activity


@dataclass(frozen=True, slots=True)
class Stretch:
    """One activity of one request between two instants.

    Attributes:
        activity: what the request does.
        start_ns: since when.
        finish_ns: until when.
        label: the label of its phase; "" where there is none.
        worker: on which worker, from 0; -1 in the queue.
        request: which request, from 1.
        attempt: in which attempt of the client, from 1.
        count: how many branches of the request do just this.
        endless: whether it never ended: ``finish_ns`` is then only where the picture of it ends.
    """

    activity: Activity
    start_ns: int
    finish_ns: int
    label: str = ""
    worker: int = -1
    request: int = 0
    attempt: int = 1
    count: int = 1
    endless: bool = False

    @property
    def length_ns(self) -> int:
        """How long it took."""
        return self.finish_ns - self.start_ns
