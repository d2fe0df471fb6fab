"""From a scenario to the columns an engine runs: arrivals, classes, and every draw of chance."""

from simsched.workload.arrivals import is_stationary
from simsched.workload.chance import is_random
from simsched.workload.closed import Block, ClosedWorkload
from simsched.workload.columns import Requests, Retries, Workload
from simsched.workload.drawing import draw
from simsched.workload.offered import ClassLoad, OfferedLoad, Station, offered_load
from simsched.workload.steps import Resource, Step, StepKind

__all__ = [
    "Block",
    "ClassLoad",
    "ClosedWorkload",
    "OfferedLoad",
    "Requests",
    "Resource",
    "Retries",
    "Station",
    "Step",
    "StepKind",
    "Workload",
    "draw",
    "is_random",
    "is_stationary",
    "offered_load",
]
