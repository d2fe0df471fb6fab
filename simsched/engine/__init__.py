"""The engines: from a workload and a server to the trace of what happened."""

from simsched.engine.reference import simulate
from simsched.engine.trace import MISSING, Activity, Segments, Status, Trace, Visits

__all__ = ["MISSING", "Activity", "Segments", "Status", "Trace", "Visits", "simulate"]
