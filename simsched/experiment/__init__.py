"""Experiments: scenarios simulated in replications, and their servers compared."""

from simsched.experiment.result import Result
from simsched.experiment.runner import prepare, run, theory

__all__ = ["Result", "prepare", "run", "theory"]
