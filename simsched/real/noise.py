"""How noisy this machine is: how late sleeps return, and how long computing takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from time import monotonic_ns

import numpy as np

from simsched.real.burning import burn, calibrated

_TRIALS = 100
_SLEEP_NS = 1_000_000
_BURN_NS = 1_000_000
_NOISY_SLEEP_S = 0.001
_NOISY_BURN = 0.1
_NOISY_STOLEN = 0.02
_RARE = 5
"""The latest of many is allowed to be so many times as late as 95 % are."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What :func:`probe` found (medians, and what 5 % of the trials exceed), and the run itself.

    Attributes:
        late_s: how late a sleep of 1 ms returned, in seconds,
        late_p95_s: at most in 95 % of the trials.
        stretch: how much longer than its CPU time 1 ms of computing took, as a share,
        stretch_p95: at most in 95 % of the trials.
        stolen: which share of the time of computing something else had the cores of the servers in
            the run; threads, which take the lock from each other, do not count.
        client_late_s: how late the client sent a request at most, in seconds.
    """

    late_s: float
    late_p95_s: float
    stretch: float
    stretch_p95: float
    stolen: float = 0.0
    client_late_s: float = 0.0

    @property
    def is_noisy(self) -> bool:
        """Whether other work on the machine shows in what is measured."""
        late = max(self.late_p95_s, self.client_late_s / _RARE)
        return (
            late > _NOISY_SLEEP_S or self.stretch_p95 > _NOISY_BURN or self.stolen > _NOISY_STOLEN
        )


def probe() -> Noise:
    """Return how noisy this machine is now, which takes about a quarter of a second."""
    turns = calibrated()
    late = np.array([_late() for _ in range(_TRIALS)]) / 1e9
    stretch = np.array([_stretch(turns) for _ in range(_TRIALS)])
    return Noise(
        late_s=float(np.median(late)),
        late_p95_s=float(np.quantile(late, 0.95)),
        stretch=float(np.median(stretch)),
        stretch_p95=float(np.quantile(stretch, 0.95)),
    )


def _late() -> int:
    began = monotonic_ns()
    time.sleep(_SLEEP_NS / 1e9)
    return monotonic_ns() - began - _SLEEP_NS


def _stretch(turns: int) -> float:
    began = monotonic_ns()
    spent, _ = burn(_BURN_NS, turns)
    return (monotonic_ns() - began) / spent - 1
