"""The machine repairman, M/M/1//N: N users think, exponentially or not, and queue for one server.

Source: Feller, An Introduction to Probability Theory and Its Applications 1, 3rd ed., 1968, XVII.7;
Kleinrock, Queueing Systems 1, 1975, section 3.8.
"""

from __future__ import annotations

from simsched.statistics.theory.mmc import erlang_b

NAME = "machine repairman (M/M/1//N)"
SOURCE = "Kleinrock, Queueing Systems 1 (1975), 3.8"


def throughput_per_s(users: int, think_s: float, service_s: float) -> float:
    """Return the completions per second: those of the server while it is busy."""
    return _free(users, think_s / service_s) / service_s


def mean_response(users: int, think_s: float, service_s: float) -> float:
    """Return the mean response time.

    The response time law, N / throughput - think time, would leave few digits of it where users
    think for long. With the last step of Erlang's recursion it is (N - the mean number of N - 1
    users who think) services: an arrival waits for those who do not, and is served itself.
    """
    offered = think_s / service_s
    return service_s * (users - offered * _free(users - 1, offered))


def _free(users: int, offered: float) -> float:
    """Return the probability that not all *users* think: that the server is busy with some.

    The number who think is distributed as the busy lines of Erlang's loss system. This is the
    complement of its loss, n / (n + offered B(n - 1)), which loses no digits near 0.
    """
    return users / (users + offered * erlang_b(users - 1, offered)) if users else 0.0
