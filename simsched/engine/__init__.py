"""The engines: from a workload and a server to the trace of what happened."""

from simsched.engine.choice import ENGINES, Choice, choose, simulate
from simsched.engine.trace import MISSING, Activity, Segments, Status, Trace, Visits

__all__ = [
    "ENGINES",
    "MISSING",
    "Activity",
    "Choice",
    "Segments",
    "Status",
    "Trace",
    "Visits",
    "choose",
    "simulate",
]
