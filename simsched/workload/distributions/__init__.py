"""How long things take: every distribution of a scenario, its exact moments, and its draws."""

from simsched.workload.distributions.law import (
    LONGEST_DRAW,
    Law,
    Moments,
    Sampler,
    checked,
    whole_nanoseconds,
)
from simsched.workload.distributions.reading import law, moments

__all__ = [
    "LONGEST_DRAW",
    "Law",
    "Moments",
    "Sampler",
    "checked",
    "law",
    "moments",
    "whole_nanoseconds",
]
