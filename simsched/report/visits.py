"""The slots of resources that requests ask for, have and return, one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.report.text import truncated


@dataclass(frozen=True, slots=True)
class Visit:
    """A request's use of a slot of a resource; a time that never comes is None.

    ``pool`` is the resource's position and, where each worker has slots of its own, the worker.
    """

    resource: str
    pool: tuple[int, int]
    request: int
    asked_ns: int
    granted_ns: int | None
    released_ns: int | None

    @property
    def instants(self) -> tuple[int, ...]:
        """The instants at which something happens to it, each once."""
        known = (self.asked_ns, self.granted_ns, self.released_ns)
        return tuple(dict.fromkeys(instant for instant in known if instant is not None))

    def spans_wait(self, start_ns: int, finish_ns: int) -> bool:
        """Return whether all of a wait between two instants is for this slot."""
        end_ns = self.released_ns if self.granted_ns is None else self.granted_ns
        return self.asked_ns <= start_ns and (end_ns is None or finish_ns <= end_ns)

    def is_held(self, instant_ns: int) -> bool:
        """Return whether the slot is taken at *instant_ns*, or from then on."""
        return (
            self.granted_ns is not None
            and self.granted_ns <= instant_ns
            and (self.released_ns is None or instant_ns < self.released_ns)
        )


def visits_of(trace: Trace, start_ns: int, finish_ns: int) -> dict[int, list[Visit]]:
    """Return the visits between two instants, in part or in full, by row of *trace*."""
    found: dict[int, list[Visit]] = defaultdict(list)
    visits = trace.visits
    is_over = (visits.released_ns != MISSING) & (visits.released_ns < start_ns)
    for n in np.flatnonzero((visits.asked_ns <= finish_ns) & ~is_over).tolist():
        row, number = int(visits.row[n]), int(visits.resource[n])
        resource = trace.resources[number]
        found[row].append(
            Visit(
                truncated(resource.name),
                (number, int(trace.worker[row]) if resource.per_worker else -1),
                int(trace.request[row]),
                int(visits.asked_ns[n]),
                known(visits.granted_ns[n]),
                known(visits.released_ns[n]),
            )
        )
    return found


def known(instant_ns: np.int64) -> int | None:
    """Return an instant of a trace; None if it never came."""
    return None if instant_ns == MISSING else int(instant_ns)
