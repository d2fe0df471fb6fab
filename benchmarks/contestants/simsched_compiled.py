"""simsched's compiled engine; columns are drawn beforehand."""

from __future__ import annotations

from contestants.simsched_scenario import Drawn, mean_response_s
from contestants.simsched_scenario import drawn as draw
from contestants.work import Work
from simsched.engine.compiled import simulate as run

__all__ = ["PACKAGE", "draw", "simulate", "warm_up"]

PACKAGE = "simsched"


def warm_up(work: Work) -> None:
    """Compile, or fetch what was compiled before."""
    simulate(draw(work, 10, 1))


def simulate(given: Drawn) -> float:
    """Return the mean response of the requests, in seconds."""
    return mean_response_s(run, given)
