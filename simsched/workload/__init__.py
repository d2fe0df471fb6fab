"""From a scenario to the columns an engine runs: arrivals, classes, and every draw of chance."""

from simsched.workload.columns import Step, StepKind, Workload
from simsched.workload.drawing import draw, is_random

__all__ = ["Step", "StepKind", "Workload", "draw", "is_random"]
