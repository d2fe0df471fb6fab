"""A request inside a server: where it is in its program, and where its time went."""

from __future__ import annotations

from dataclasses import dataclass, field

from simsched.engine.segments import Stretch
from simsched.engine.trace import MISSING, Activity, Status
from simsched.workload.columns import StepKind


@dataclass(slots=True)
class Job:
    """One request, from its arrival to its answer. All times are nanoseconds.

    Attributes:
        number: counts from 1 in order of arrival.
        arrival: when it arrived.
        first_row: where its program begins among the rows of the workload.
        kinds: its program: what each phase asks for,
        durations: and for how long.
        remaining_ns: the service demand of the phases not yet taken up.
        draw: a uniform draw on [0, 1) for a random choice of worker.
        since: when the present activity began; a request is always in exactly one.
        stretches: its timeline so far, if it is to be kept.
        position: the phase to be taken up next.
        joined: its number in order of joining the queue that it is in.
        spent: the time it took so far, by activity.
    """

    number: int
    arrival: int
    first_row: int
    kinds: list[int]
    durations: list[int]
    remaining_ns: int
    draw: float
    since: int
    stretches: list[Stretch] | None
    position: int = 0
    joined: int = 0
    activity: Activity = Activity.QUEUE
    worker: int = -1
    start: int = MISSING
    finish: int = MISSING
    status: Status = Status.UNFINISHED
    spent: list[int] = field(default_factory=lambda: [0] * len(Activity))
    _row: int = -1
    _overhead: int = 0

    @property
    def started(self) -> bool:
        """Whether a worker has taken the request."""
        return self.start != MISSING

    @property
    def done(self) -> bool:
        """Whether its last phase has been taken up."""
        return self.position == len(self.kinds)

    def begin(self, worker: int, now: int) -> None:
        """A worker takes the request for the first time."""
        self.stop(now)
        self.worker = worker
        self.start = now

    def start_burst(self, overhead: int, now: int) -> int:
        """Take up all CPU phases up to the next I/O and return their length.

        *overhead* ns of the server's own come before them.
        """
        row = self.first_row + self.position
        burst = overhead
        while not self.done and self.kinds[self.position] is StepKind.CPU:
            burst += self._take_up()
        if burst:
            self._enter(Activity.CPU, now, row, overhead)
        return burst

    def start_io(self, now: int) -> int:
        """Take up the next phase, which is I/O, and return its length."""
        self._enter(Activity.IO, now, self.first_row + self.position)
        return self._take_up()

    def wait_for_cpu(self, now: int) -> None:
        """The request is ready to compute."""
        self._enter(Activity.CPU_WAIT, now)

    def complete(self, now: int) -> None:
        """The request is answered."""
        self.stop(now)
        self.finish = now
        self.status = Status.COMPLETED

    def stop(self, now: int) -> None:
        """End the present activity, with none to follow."""
        if now == self.since:
            return
        self.spent[self.activity] += now - self.since
        if self.stretches is not None:
            self.stretches.append(self._stretch(now))
        self.since = now

    def _take_up(self) -> int:
        duration = self.durations[self.position]
        self.position += 1
        self.remaining_ns -= duration
        return duration

    def _enter(self, activity: Activity, now: int, row: int = -1, overhead: int = 0) -> None:
        self.stop(now)
        self.activity, self._row, self._overhead = activity, row, overhead

    def _stretch(self, now: int) -> Stretch:
        return Stretch(
            self.number, self.activity, self.since, now, self.worker, self._row, self._overhead
        )
