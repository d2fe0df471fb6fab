"""What was measured: when each request of a recording was done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simsched.errors import Fault, ScenarioError
from simsched.scenario.model.workload import Trace
from simsched.statistics.words.numbers import counted
from simsched.units import write_duration
from simsched.workload.arrays import Int64s
from simsched.workload.recording import Source, read_recording

LEAST_REQUESTS = 20
"""From fewer requests nothing is estimated."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The requests of a real run, in order of arrival; those of one instant in the file's order.

    Attributes:
        arrival_ns: (n,) when each arrived.
        done_ns: (n,) when its client had the answer.
    """

    arrival_ns: Int64s
    done_ns: Int64s

    def __len__(self) -> int:
        return len(self.arrival_ns)

    @property
    def response_ns(self) -> Int64s:
        """(n,) how long each request took, from its arrival to its answer."""
        return self.done_ns - self.arrival_ns


def read_measured(trace: Trace, done: str) -> Measured:
    """Read when the requests of a recording were done.

    Args:
        trace: the recording, with the column of arrivals and the unit of all times.
        done: the column of the times at which clients had their answers.

    Raises:
        ScenarioError: a column is missing, a cell cannot be used, a request was done before it
            arrived, or there are fewer than :data:`LEAST_REQUESTS`.
    """
    file = Path(trace.file)
    source = Source(file, trace.arrival, unit=trace.unit)
    recording = read_recording(source, {"": [done]}, {"": 1.0})
    measured = Measured(recording.arrival_ns, recording.durations_ns[done])
    early = (measured.response_ns < 0).nonzero()[0]
    if len(early):
        arrival = write_duration(int(measured.arrival_ns[early[0]]))
        message = f"the request that arrived at {arrival} was done before it arrived"
        raise _fault(file, message, f"{trace.arrival} and {done} must count from the same moment")
    if len(measured) < LEAST_REQUESTS:
        message = (
            f"it has {counted(len(measured), 'request')}; at least {LEAST_REQUESTS} are needed"
        )
        raise _fault(file, message, "")
    return measured


def _fault(file: Path, message: str, hint: str) -> ScenarioError:
    return ScenarioError((Fault(str(file), message, hint=hint),))
