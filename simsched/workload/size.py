"""How large a workload may be, and how large one would get."""

from __future__ import annotations

from simsched import units
from simsched.errors import InputError

MOST_REQUESTS = 2_000_000_000
"""The most requests that one replication may have."""

MOST_BYTES = 16_000_000_000
"""The most memory that the columns of one replication may take."""

BYTES_PER_REQUEST = 28
"""Arrival, class, first row and dispatch."""

BYTES_PER_ROW = 12
"""Step and duration."""


def check_size(requests: float, rows_per_request: float) -> None:
    """Refuse a workload that would not fit.

    Args:
        requests: how many are expected in one replication.
        rows_per_request: how many phases a request has on average.

    Raises:
        InputError: more than :data:`MOST_REQUESTS`, or their columns larger than
            :data:`MOST_BYTES`.
    """
    size = requests * (BYTES_PER_REQUEST + rows_per_request * BYTES_PER_ROW)
    if requests > MOST_REQUESTS or size > MOST_BYTES:
        raise InputError(
            f"the workload has about {requests:,.0f} requests per replication, which take"
            f" {units.format_number(size / 1e9)} GB; the bounds are {MOST_REQUESTS:,} requests"
            f" and {MOST_BYTES // 10**9} GB: shorten it, lower its rate, or run more replications"
        )
