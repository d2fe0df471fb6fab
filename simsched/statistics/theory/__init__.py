"""Models with a known answer, and which of them a scenario matches.

A module for each family of models holds their formulas, with their sources; :func:`known` finds
those that hold for a server of a scenario, and :func:`disagreements` holds a simulation against
them.
"""

from simsched.statistics.theory.bounds import batch_of
from simsched.statistics.theory.known import Figure, Known, disagreements
from simsched.statistics.theory.matching import known

__all__ = ["Figure", "Known", "batch_of", "disagreements", "known"]
