"""Sweeps: a scenario simulated at many points, on all cores or on a cluster."""

from simsched.experiment.sweep.plan import Parameter, Plan, Point, Value, plan

__all__ = ["Parameter", "Plan", "Point", "Value", "plan"]
