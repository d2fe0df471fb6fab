"""Retry budgets: how many retries all together may make."""

from __future__ import annotations


class RetryBudget:
    """A budget of retries.

    It begins with ``burst`` retries and never holds more; whatever is sent for the first time adds
    ``ratio`` of one. Without a ``burst`` there is no limit.
    """

    def __init__(self, ratio: float, burst: int | None) -> None:
        self._ratio = ratio
        self._burst = burst
        self._balance = 0.0 if burst is None else float(burst)

    def earn(self) -> None:
        """Note that something is sent for the first time."""
        if self._burst is not None:
            self._balance = min(self._burst, self._balance + self._ratio)

    def spend(self) -> bool:
        """Take one retry from the account, if it holds as much."""
        if self._burst is None:
            return True
        if self._balance < 1:
            return False
        self._balance -= 1
        return True
