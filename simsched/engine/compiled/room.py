"""How much room the arrays of a run have at its beginning."""

from __future__ import annotations

from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions

FIRST_TASKS = 64
"""For how many tasks at a time there is room at the beginning."""

FIRST_ROWS = 1024
"""How many attempts the columns of the trace have room for, where their number is not known."""


def same_rows(supply: Supply, conditions: Conditions) -> bool:
    """Return whether the rows are the requests, one by one, and no calls."""
    once = all(client.retries is None for client in conditions.of_streams)
    return supply.users == 0 and once and not supply.is_called


def rows(supply: Supply, conditions: Conditions) -> int:
    """Return for how many attempts the columns have room: there is always room for one more."""
    return len(supply.pattern) + 1 if same_rows(supply, conditions) else FIRST_ROWS


def for_events(supply: Supply, conditions: Conditions) -> int:
    """Return for how many events the calendar has room."""
    return 8 * FIRST_TASKS + supply.users + 3 * len(conditions.outages)
