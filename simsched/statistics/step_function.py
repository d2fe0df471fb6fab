"""How many are somewhere over time: a step function, and its means, exactly.

It rises when one comes and falls when one goes. Its mean over an interval is its integral over the
interval's length, and that is computed from the steps themselves, never from samples.
"""

from __future__ import annotations

import numpy as np

from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

_BLOCK = 1 << 15
"""How many instants are looked at together."""


def count_steps(came_ns: Int64s, went_ns: Int64s) -> tuple[Floats, Int64s]:
    """Return when the number of those there changes, in seconds, and to what, from 0 on.

    Both arrays have a place for each instant at which any comes or goes, and one for time 0.
    """
    instants, place = np.unique(np.concatenate([[0], came_ns, went_ns]), return_inverse=True)
    signs = np.repeat([0, 1, -1], [1, len(came_ns), len(went_ns)])
    changes = np.bincount(place, weights=signs, minlength=len(instants))
    return instants / SECOND, np.cumsum(changes).astype(np.int64)


def mean_count(came_ns: Int64s, went_ns: Int64s, edges_ns: Floats) -> Floats:
    """Return (b,) how many are there on average in each of the intervals between *edges_ns*.

    These are of equal length.

    Up to a time t they have been there for the sum of min(went, t) - min(came, t); the mean over an
    interval is the difference of these sums at its ends, over its length.
    """
    spent = up_to(came_ns, edges_ns) - up_to(went_ns, edges_ns)
    return np.maximum(np.diff(spent), 0.0) / np.diff(edges_ns)


def up_to(instants_ns: Int64s, edges_ns: Floats, weights: Floats | None = None) -> Floats:
    """Return (b + 1,) for each edge t the sum over instants of max(0, t - instant).

    With *weights*, (n,), each instant counts so much.
    """
    places = len(edges_ns) + 1  # the last one is beyond the edges
    counts, sums = np.zeros(places), np.zeros(places)
    for start in range(0, len(instants_ns), _BLOCK):
        block = instants_ns[start : start + _BLOCK]
        weight = None if weights is None else weights[start : start + _BLOCK]
        reached = np.clip(_floor(block, edges_ns) + 1, 0, places - 1)  # the first edge after each
        counts += np.bincount(reached, weight, minlength=places)
        sums += np.bincount(reached, block if weight is None else block * weight, minlength=places)
    passed: Floats = np.cumsum(counts)[:-1] * edges_ns - np.cumsum(sums)[:-1]
    return passed


def interval_of(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (n,) the interval of each instant; the last interval holds its end."""
    found = np.empty(len(instants_ns), np.int64)
    for start in range(0, len(found), _BLOCK):
        block = slice(start, start + _BLOCK)
        found[block] = _interval_of(instants_ns[block], edges_ns)
    return found


def _interval_of(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    last = len(edges_ns) - 2
    found = np.clip(_floor(instants_ns, edges_ns), 0, last)
    found -= (edges_ns[found] > instants_ns) & (found > 0)  # where the division rounded
    found += (edges_ns[found + 1] <= instants_ns) & (found < last)
    return found


def _floor(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (n,) how many whole intervals of equal length lie before each; negative before all."""
    per_ns = (len(edges_ns) - 1) / (edges_ns[-1] - edges_ns[0])
    whole: Int64s = np.floor((instants_ns - edges_ns[0]) * per_ns).astype(np.int64)
    return whole
