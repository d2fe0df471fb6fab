"""How much room the arrays of a run have at its beginning."""

from __future__ import annotations

from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions
from simsched.scenario.model.client import Client

FIRST_TASKS = 64
"""For how many tasks at a time there is room at the beginning."""

FIRST_ROWS = 1024
"""How many attempts the columns of the trace have room for, where their number is not known."""


def same_rows(supply: Supply, client: Client) -> bool:
    """Return whether the rows are the requests, one by one, and no calls."""
    return supply.users == 0 and client.retries is None and not supply.is_called


def rows(supply: Supply, client: Client) -> int:
    """Return for how many attempts the columns have room: there is always room for one more."""
    return len(supply.pattern) + 1 if same_rows(supply, client) else FIRST_ROWS


def for_events(supply: Supply, conditions: Conditions) -> int:
    """Return for how many events the calendar has room."""
    return 8 * FIRST_TASKS + supply.users + 3 * len(conditions.outages)
