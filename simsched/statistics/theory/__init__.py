"""Models with a known answer, and which of them a scenario matches.

A module for each model holds its formulas, with their source; :func:`known` finds those that hold
for a server of a scenario, and :func:`disagreements` holds a simulation against them.
"""

from simsched.statistics.theory.check import disagreements
from simsched.statistics.theory.finite import batch_of
from simsched.statistics.theory.known import Figure, Known
from simsched.statistics.theory.recognise import known

__all__ = ["Figure", "Known", "batch_of", "disagreements", "known"]
