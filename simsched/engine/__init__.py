"""The engines: from a workload and a server to the trace of what happened."""

from simsched.engine.choice import Choice, choose, library_of, simulate
from simsched.engine.trace import MISSING, Activity, Calls, Segments, Status, Trace, Visits

__all__ = [
    "MISSING",
    "Activity",
    "Calls",
    "Choice",
    "Segments",
    "Status",
    "Trace",
    "Visits",
    "choose",
    "library_of",
    "simulate",
]
