"""The draws behind attempts after the first."""

from __future__ import annotations

import numpy as np

from simsched.workload.columns import Retries
from simsched.workload.streams import Streams


def draw_retries(most: int, n: int, streams: Streams) -> Retries:
    """Return the draws of up to *most* retries of *n* requests.

    Each retry has streams of its own, so that neither more requests nor more retries change what
    the others draw.
    """
    jitter, dispatch = np.empty((most, n)), np.empty((most, n))
    for retry in range(most):
        streams.child(retry, "jitter").generator().random(out=jitter[retry])
        streams.child(retry, "dispatch").generator().random(out=dispatch[retry])
    return Retries(jitter, dispatch)
