"""How busy the resources were, and how long those who needed a slot waited for one.

The slots in use, averaged over time, are the integral of their number over the length of the
window: exactly, from when each was granted and given back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement, ratio
from simsched.statistics.resource_use import holders, waiters
from simsched.statistics.window import Window
from simsched.units import SECOND
from simsched.workload.arrays import Floats, total

UTILISATION = "resource_utilisation"
"""The share of a resource's slots that was in use."""

WAIT = "resource_wait_s"
"""How long those waited for a slot who asked for one, on average."""

NO_TIME = "no time passed"
NOT_USED = "nobody asked for a slot of it"


def measure(windows: Sequence[Window]) -> dict[str, Measurement]:
    """Return the use of each resource in *windows*, by dotted name, and the waits for its slots.

    Whoever uses a resource counts, of every class, also for clients that have given up. A wait
    counts where the slot was asked for in the window; of those who never got one, up to when they
    gave it up, or the run ended.
    """
    resources = windows[0].trace.resources
    used = {
        f"{UTILISATION}.{one.name}": _utilisation(windows, position, one.capacity)
        for position, one in enumerate(resources)
    }
    waits = {f"{WAIT}.{one.name}": _wait(windows, at) for at, one in enumerate(resources)}
    return used | waits


def of_each(family: str, estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return those of *estimates* that are of *family*, by the names of the resources."""
    prefix = f"{family}."
    return {
        name.removeprefix(prefix): one for name, one in estimates.items() if name.startswith(prefix)
    }


def _utilisation(windows: Sequence[Window], resource: int, capacity: int) -> Measurement:
    busy = np.array([_busy_ns(window, resource) for window in windows])
    lengths = np.array([window.length_ns for window in windows], dtype=np.float64)
    return ratio(busy, lengths * capacity, NO_TIME)


def _wait(windows: Sequence[Window], resource: int) -> Measurement:
    waits = [_waits_s(window, resource) for window in windows]
    sums = np.array([float(np.sum(one)) for one in waits])
    return ratio(sums, np.array([float(len(one)) for one in waits]), NOT_USED)


def _busy_ns(window: Window, resource: int) -> float:
    """Return the integral of the slots in use over the window."""
    came, went = holders(window.trace, resource)
    until = np.minimum(went, window.end_ns)
    since = np.maximum(came, window.start_ns)
    return float(total(np.maximum(until - since, 0)))


def _waits_s(window: Window, resource: int) -> Floats:
    """Return how long each waited who asked in the window."""
    came, went = waiters(window.trace, resource)
    asked = came >= window.start_ns
    if window.stop_ns is not None:
        asked &= came < window.stop_ns
    waits: Floats = (went - came)[asked] / SECOND
    return waits
