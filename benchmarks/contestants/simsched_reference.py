"""simsched's reference engine, written with SimPy; columns are drawn beforehand."""

from __future__ import annotations

from contestants.simsched_scenario import Drawn, mean_response_s
from contestants.simsched_scenario import drawn as draw
from simsched.engine.reference import simulate as run

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = "simsched"


def simulate(given: Drawn) -> float:
    """Return the mean response of the requests, in seconds."""
    return mean_response_s(run, given)
