"""The machine repairman, M/M/1//N: N users think, exponentially or not, and queue for one server.

Source: Feller, An Introduction to Probability Theory and Its Applications 1, 3rd ed., 1968, XVII.7;
Kleinrock, Queueing Systems 1, 1975, section 3.8.
"""

from __future__ import annotations

from simsched.statistics.theory.mmc import erlang_b

NAME = "machine repairman (M/M/1//N)"
SOURCE = "Kleinrock, Queueing Systems 1 (1975), 3.8"


def idle(users: int, think_s: float, service_s: float) -> float:
    """Return the probability that the server is idle, with every user thinking.

    The number who think is distributed as the busy lines of Erlang's loss system.
    """
    return erlang_b(users, think_s / service_s)


def throughput_per_s(users: int, think_s: float, service_s: float) -> float:
    """Return the completions per second: those of a server that is busy when it is not idle."""
    return (1 - idle(users, think_s, service_s)) / service_s


def mean_response(users: int, think_s: float, service_s: float) -> float:
    """Return the mean response time, by the response time law: N / throughput - think time."""
    return users / throughput_per_s(users, think_s, service_s) - think_s
