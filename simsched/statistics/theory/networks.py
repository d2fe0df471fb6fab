"""Networks of exponential queues: users who think and wait for their answers, or Poisson arrivals.

The machine repairman, M/M/1//N, has one queue; mean value analysis takes any number of queues with
a server each; convolution takes several servers at a queue. Think times may have any distribution.

Sources: Feller, An Introduction to Probability Theory and Its Applications 1, 3rd ed., 1968,
XVII.7, and Kleinrock, Queueing Systems 1, 1975, section 3.8 (repairman); Reiser & Lavenberg,
Mean-value analysis of closed multichain queueing networks, Journal of the ACM 27 (2), 1980; Buzen,
Computational algorithms for closed queueing networks with exponential servers, Communications of
the ACM 16 (9), 1973 (convolution); Lazowska, Zahorjan, Graham & Sevcik, Quantitative System
Performance, 1984, sections 6.4 and 8.2.

An open network with feedback is one queue that a request visits between delays. All visits have the
same exponential service and the delays any distribution, so the network has product form, and each
visit takes what it would in M/M/1 at the total load. Sources: Jackson, Networks of waiting lines,
Operations Research 5 (4), 1957; Baskett, Chandy, Muntz & Palacios, Open, closed, and mixed networks
of queues with different classes of customers, Journal of the ACM 22 (2), 1975 (the delays).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.statistics.theory.known import Match, Model
from simsched.statistics.theory.queues import erlang_b
from simsched.workload.columns import Floats

NO_QUEUE = Model("closed network without a queue", "Denning & Buzen, ACM Comput. Surv. 10 (1978)")
REPAIRMAN = Model("machine repairman (M/M/1//N)", "Kleinrock, Queueing Systems 1 (1975), 3.8")
MVA = Model("closed network (mean value analysis)", "Reiser & Lavenberg, J. ACM 27 (1980)")
CONVOLUTION = Model("closed network (convolution)", "Buzen, Commun. ACM 16 (1973)")
FEEDBACK = Model(
    "open network with feedback (product form)",
    "Jackson, Oper. Res. 5 (1957); Baskett et al., J. ACM 22 (1975)",
)

MOST_CONVOLVED = 2000
"""For more users the recursion, which takes the square of their number, is not tried."""


def solved(
    users: int, stations: Sequence[tuple[float, int]], think_s: float, io_s: float
) -> Match | None:
    """Return the model of *users* who think, have I/O without a limit, and queue at *stations*.

    None where no formula covers them. A response takes from the end of thinking on; where a formula
    has only the throughput, it follows by the response time law, N / X - Z (Denning & Buzen, 1978).
    """
    demands, delay_s = [demand for demand, _ in stations], think_s + io_s
    if not stations:
        return Match(NO_QUEUE, io_s, users / delay_s)
    # The simplest formula that covers the network is named, for readers to look up.
    if stations == [(demands[0], 1)]:
        alone = users, delay_s, demands[0]
        response_s = io_s + repairman_mean_response(*alone)
        return Match(REPAIRMAN, response_s, repairman_throughput_per_s(*alone))
    if all(servers == 1 for _, servers in stations):
        found = mva(users, demands, delay_s)
        return Match(MVA, io_s + found.response_s, found.throughput_per_s)
    if users > MOST_CONVOLVED:
        return None
    rate = convolution_throughput_per_s(users, stations, delay_s)
    return Match(CONVOLUTION, max(io_s, users / rate - think_s), rate)


def repairman_throughput_per_s(users: int, think_s: float, service_s: float) -> float:
    """Return the completions per second of the repairman: those of the server while it is busy."""
    return _free(users, think_s / service_s) / service_s


def repairman_mean_response(users: int, think_s: float, service_s: float) -> float:
    """Return the mean response time of the repairman.

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


@dataclass(frozen=True, slots=True)
class Solution:
    """The figures of a closed network: completions per second, and the mean response time."""

    throughput_per_s: float
    response_s: float
    utilisation: tuple[float, ...]


def mva(users: int, demands_s: Sequence[float], delay_s: float = 0.0) -> Solution:
    """Return the solution of a network of single-server queues and pure delay.

    A customer who arrives at a queue sees it as it is on average with one customer less in the
    network; from that the figures for one user after another follow.

    Args:
        users: how many circulate, at least 1.
        demands_s: the mean service at each queue over all visits of one cycle; each queue is
            first come first served with exponential service, or processor sharing.
        delay_s: time per cycle without any queue: think time, and I/O without a limit. What of it
            counts as response is the caller's to add; ``response_s`` is the time at the queues.
    """
    lengths = [0.0] * len(demands_s)
    response = throughput = 0.0
    for count in range(1, users + 1):
        stays = [demand * (1 + length) for demand, length in zip(demands_s, lengths, strict=True)]
        response = sum(stays)
        throughput = count / (delay_s + response)
        lengths = [throughput * stay for stay in stays]
    return Solution(throughput, response, tuple(throughput * demand for demand in demands_s))


def convolution_throughput_per_s(
    users: int, stations: Sequence[tuple[float, int]], delay_s: float = 0.0
) -> float:
    """Return the completions per second of a network of stations and pure delay.

    The recursion adds up positive terms alone, so it is exact to rounding where mean value analysis
    with several servers loses all its digits near saturation.

    Args:
        users: how many circulate, at least 1.
        stations: of each, the mean service over all visits of one cycle, in seconds and above 0,
            and how many servers it has; first come first served with exponential service.
        delay_s: time per cycle without any queue. Without stations it is above 0.
    """
    weights = _delay(users, delay_s)
    for demand_s, servers in stations:
        weights = _convolved(weights, _station(users, demand_s, servers))
    return math.exp(weights[users - 1] - weights[users])


def _delay(users: int, delay_s: float) -> Floats:
    """Return (users + 1,) the logarithms of the weights of 0, 1, .. users in a delay."""
    if not delay_s:
        return np.concatenate(([0.0], np.full(users, -np.inf)))
    count = np.arange(1, users + 1)
    return np.concatenate(([0.0], np.cumsum(math.log(delay_s) - np.log(count))))


def _station(users: int, demand_s: float, servers: int) -> Floats:
    busy = np.minimum(np.arange(1, users + 1), servers)
    return np.concatenate(([0.0], np.cumsum(math.log(demand_s) - np.log(busy))))


def _convolved(some: Floats, others: Floats) -> Floats:
    """Return the logarithms of the sums over all ways to divide 0, 1, .. users between two."""
    return np.array([np.logaddexp.reduce(some[: n + 1] + others[n::-1]) for n in range(len(some))])


def feedback_mean_response(
    arrival_rate: float, visits: float, service_s: float, delay_s: float
) -> float:
    """Return the mean response time with *visits* to the queue and *delay_s* in delays."""
    return visits * service_s / (1 - arrival_rate * visits * service_s) + delay_s
