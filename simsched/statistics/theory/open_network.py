"""An open network with feedback: one exponential queue that a request visits between delays.

All visits to the queue have the same exponential service, and the delays any distribution; so the
network has product form, and each visit takes what it would in M/M/1 at the total load.

Source: Jackson, Networks of waiting lines, Operations Research 5 (4), 1957; Baskett, Chandy, Muntz
& Palacios, Open, closed, and mixed networks of queues with different classes of customers, Journal
of the ACM 22 (2), 1975 (the delays).
"""

from __future__ import annotations

from simsched.statistics.theory.known import Model

FEEDBACK = Model(
    "open network with feedback (product form)",
    "Jackson, Oper. Res. 5 (1957); Baskett et al., J. ACM 22 (1975)",
)


def mean_response(arrival_rate: float, visits: float, service_s: float, delay_s: float) -> float:
    """Return the mean response time with *visits* to the queue and *delay_s* in delays."""
    return visits * service_s / (1 - arrival_rate * visits * service_s) + delay_s
