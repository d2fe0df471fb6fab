"""The types of columns, and their exact sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Int8s = NDArray[np.int8]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LOW = 20
_MASK = (1 << _LOW) - 1


def total(durations: Int64s) -> int:
    """Return the exact sum of (n,) nanoseconds, n below 2^43.

    Times of up to 146 years each fit int64, their sum does not: it overflows from 2,563,000 hours
    on. Where that may be, the upper and the lower bits are added up apart, and joined in Python's
    integers.
    """
    most = max(int(np.max(durations, initial=0)), -int(np.min(durations, initial=0)))
    if most * len(durations) < 1 << 63:
        return int(np.sum(durations))
    return (int(np.sum(durations >> _LOW)) << _LOW) + int(np.sum(durations & _MASK))
