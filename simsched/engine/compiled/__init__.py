"""The compiled engine: the model as rules over arrays of records, for volume."""

from simsched.engine.compiled.simulation import simulate

__all__ = ["simulate"]
