"""What one request of a class uses on average: CPU, I/O, resources, and turns on a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """The mean use of one request.

    Attributes:
        cpu_s: computing, in seconds.
        io_s: I/O, in seconds; what of it is blocking counts too.
        blocking_s: blocking I/O, in seconds.
        elapsed_s: what it takes alone until it is answered; of concurrent branches, at least that.
        occupied_s: the same until nothing more is done for it.
        returns: how often it is given a loop again: after I/O that does not block, if there is more
            to do; and for each concurrent branch, and after the last of them.
        held_s: how long it keeps a slot of each resource, in seconds, if it waits for nothing.
        asks: how often it asks for a slot of each.
        kept_s: how long it keeps a thread or process of a loop's worker, in the same way,
        off_s: and how long it computes there.
        lock_free_s: how long it computes without the interpreter lock where there is one.
        calls: how often it calls each service, directly or from another service,
        served: and what all these calls use there.
    """

    cpu_s: float
    io_s: float
    blocking_s: float
    elapsed_s: float
    occupied_s: float
    returns: float
    held_s: Mapping[str, float]
    asks: Mapping[str, float] = field(default_factory=dict)
    kept_s: Mapping[str, float] = field(default_factory=dict)
    off_s: Mapping[str, float] = field(default_factory=dict)
    lock_free_s: float = 0.0
    calls: Mapping[str, float] = field(default_factory=dict)
    served: Mapping[str, Usage] = field(default_factory=dict)

    @staticmethod
    def mean(weighted: Sequence[tuple[float, Usage]]) -> Usage:
        """Return the weighted mean of what several classes use."""
        called = dict.fromkeys(name for _, use in weighted for name in use.calls)
        amounts = {
            each.name: _weighted([(p, getattr(use, each.name)) for p, use in weighted])
            for each in fields(Usage)
            if each.name != "served"
        }
        # A class that does not call a service uses nothing there.
        served = {
            name: Usage.mean([(p, use.served.get(name, _NOTHING)) for p, use in weighted])
            for name in called
        }
        return Usage(**amounts, served=served)


def _weighted(parts: Sequence[tuple[float, Any]]) -> Any:
    """Return the weighted sum of numbers, or of numbers by name."""
    if not any(isinstance(part, Mapping) for _, part in parts):
        return sum(weight * part for weight, part in parts)
    names = dict.fromkeys(name for _, part in parts for name in part)
    return {name: sum(p * part.get(name, 0.0) for p, part in parts) for name in names}


_NOTHING = Usage(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, {})
