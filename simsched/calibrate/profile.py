"""The rate of recorded arrivals, how it changes over time, and how irregular they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from simsched.units import SECOND, write_duration
from simsched.workload.arrays import Int64s

MOST_STEPS = 24
"""In how many equal parts of the time rates are compared."""

LEAST_ARRIVALS = 50
"""From fewer arrivals only the mean rate is known."""

_PER_STEP = 100
_LEAST_STEPS = 3
_REGULAR = 0.1
_SURELY = 4.0


def open_arrivals(arrival_ns: Int64s, share: float = 1.0) -> dict[str, Any]:
    """Return open arrivals, as a scenario has them, with the rate and regularity of recorded ones.

    The rate is a profile of steps where the numbers of arrivals in equal parts of the time differ
    by more than chance would have it (index of dispersion: Cox and Lewis, The Statistical Analysis
    of Series of Events (1966)).

    Args:
        arrival_ns: (n,) when each request arrived, never decreasing.
        share: of which share of all arrivals these are, recorded at random; then their regularity
            is not known.
    """
    length_s = max(float(arrival_ns[-1] - arrival_ns[0]) / SECOND, 1e-9)
    rate = (len(arrival_ns) - 1) / length_s if len(arrival_ns) > 1 else 1.0
    mean = {"rate": f"{rate / share:.4g}/s"}
    if len(arrival_ns) < LEAST_ARRIVALS or share < 1:
        return mean
    steps = min(MOST_STEPS, len(arrival_ns) // _PER_STEP)
    edges = np.linspace(arrival_ns[0], arrival_ns[-1], max(steps, 1) + 1)
    count = np.histogram(arrival_ns, edges)[0]
    between = np.diff(arrival_ns)
    step = np.searchsorted(edges[1:-1], arrival_ns, "right")
    # Times between arrivals of one step, relative to its mean: a long gap is a change of rate.
    local = (between * count[step[1:]])[step[1:] == step[:-1]]
    cv = float(local.std() / local.mean())
    if steps >= _LEAST_STEPS and _varies(count, cv):
        # Arrivals of a rate that changes have no regularity of their own: they are Poisson.
        width_s = length_s / steps
        points = [
            {"at": write_duration(round(i * width_s * SECOND)), "rate": _rate(each / width_s)}
            for i, each in enumerate(count)
        ]
        return {"rate": {"steps": points}}
    cv = float(between.std() / between.mean())
    return mean if abs(cv - 1) <= _REGULAR else {**mean, "cv": float(f"{max(cv, 0.01):.2g}")}


def _varies(count: Int64s, cv: float) -> bool:
    """Return whether *count* arrivals in equal times differ by more than their *cv* explains."""
    freedom = len(count) - 1
    dispersion = float(((count - count.mean()) ** 2).sum() / count.mean())
    return dispersion > max(1.0, cv**2) * (freedom + _SURELY * float(np.sqrt(2 * freedom)))


def _rate(per_s: float) -> str:
    return f"{per_s:.3g}/s" if per_s else "0/s"
