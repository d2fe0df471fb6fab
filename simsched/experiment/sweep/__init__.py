"""Sweeps: a scenario simulated at many points, on all cores or on a cluster."""

from simsched.experiment.sweep.plan import Parameter, Plan, Point, Value, plan
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.running import Finished, Started, sweep

__all__ = [
    "Finished",
    "Parameter",
    "Plan",
    "Point",
    "Started",
    "SweepResult",
    "Value",
    "plan",
    "sweep",
]
