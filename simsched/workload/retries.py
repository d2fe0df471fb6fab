"""The draws behind attempts after the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.workload.arrays import Floats
from simsched.workload.columns import Retries
from simsched.workload.streams import Streams


class DrawingRetries:
    """Draws for up to *most* retries of requests, one lot after the other.

    Each retry has streams of its own, so that neither more requests nor more retries change what
    the others draw.
    """

    def __init__(self, most: int, streams: Streams) -> None:
        self._jitter = [streams.child(each, "jitter").generator() for each in range(most)]
        self._dispatch = [streams.child(each, "dispatch").generator() for each in range(most)]

    def __call__(self, n: int) -> Retries:
        """Return the draws of the next *n* requests."""
        return Retries(_uniform(self._jitter, n), _uniform(self._dispatch, n))


def _uniform(generators: Sequence[np.random.Generator], n: int) -> Floats:
    draws = np.empty((len(generators), n))
    for generator, row in zip(generators, draws, strict=True):
        generator.random(out=row)
    return draws
