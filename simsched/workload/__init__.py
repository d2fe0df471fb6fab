"""From a scenario to the columns an engine runs: arrivals, classes, and every draw of chance."""

from simsched.workload.columns import Step, StepKind, Workload
from simsched.workload.drawing import draw, is_random
from simsched.workload.offered import ClassLoad, OfferedLoad, Station, offered_load

__all__ = [
    "ClassLoad",
    "OfferedLoad",
    "Station",
    "Step",
    "StepKind",
    "Workload",
    "draw",
    "is_random",
    "offered_load",
]
