"""The reference engine: the model as SimPy processes, written to be read."""

from simsched.engine.reference.simulation import simulate

__all__ = ["simulate"]
