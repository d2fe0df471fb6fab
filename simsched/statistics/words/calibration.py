"""Sentences on what was estimated from measurements, and how well that predicts."""

from __future__ import annotations

import math

from simsched.scenario.number_format import show_value
from simsched.statistics.words.numbers import counted

# From so many percent on, an error is written without a fraction.
_WHOLE = 9.95

MEANINGS = {
    "request": "CPU time before each request",
    "io": "how late each I/O returns (uses no CPU)",
}

INDISTINCT = (
    "These measurements do not distinguish CPU time from late I/O: each request does the same "
    "number of I/Os and keeps its worker meanwhile. overhead.request stands for both, so the "
    "scenario predicts this server at other loads, but not where requests do more or fewer I/Os, "
    "or where workers share cores. To distinguish them, measure requests with and without I/O."
)

SWITCH = (
    "Not estimated: overhead.switch, which stays as the scenario has it. Response times hardly "
    "distinguish it from overhead.request; spans show it."
)


def fitted(server: str, requests: int) -> str:
    """Return what was fitted, and from how much."""
    return f"Overheads of {server}, estimated from {counted(requests, 'request')}:"


def overhead(name: str, value_s: float, standard_error_s: float) -> str:
    """Return an estimated overhead with its standard error."""
    value, error = (show_value(each, "duration") for each in (value_s, standard_error_s))
    return f"overhead.{name} = {value}, standard error {error}: {MEANINGS[name]}"


def second_half(requests: int, mean_error: float | None, p95_error: float | None) -> str:
    """Return how well the first half of the requests predicts the second."""
    return (
        f"Estimated from the first half of the requests, the scenario predicts the other "
        f"{requests:,} with an error of {signed(mean_error)} in the mean response time and "
        f"{signed(p95_error)} in its p95."
    )


def checked(server: str, requests: int, mean_error: float | None, p95_error: float | None) -> str:
    """Return how well a scenario predicts what was measured."""
    return (
        f"{server} predicts {counted(requests, 'request')} with an error of "
        f"{signed(mean_error)} in the mean response time and {signed(p95_error)} in its p95."
    )


def unanswered(requests: int) -> str:
    """Return that some requests have no answer in the simulation."""
    verb = "has" if requests == 1 else "have"
    return f"{counted(requests, 'request')} {verb} no answer in the simulation; left out"


def order(tau: float) -> str:
    """Return how the predicted order of completion agrees with the measured one."""
    return f"order of completion: Kendall's tau {tau:.4f}"


def order_of(name: str, tau: float) -> str:
    """Return how the orders of completion in the simulations of a run agree with the measured."""
    return f"{name}: order of completion: Kendall's tau {tau:.4f}, on average of the simulations"


def signed(share: float | None) -> str:
    """Return a relative error with its sign, as in ``+1.2 %`` or ``-15 %``."""
    if share is None:
        return "undefined"
    points = 100 * share
    shown = round(points, 1 if abs(points) < _WHOLE else 0)
    return f"{shown:+,g} %" if shown else "0 %"


def learned(service: str, requests: int, out: str | None) -> str:
    """Return what was learned, and where it was written."""
    written = f", written to {out}" if out else ""
    return f"A scenario of {service}, from {counted(requests, 'request')}{written}:"


def estimate(name: str, value_s: float, standard_error_s: float, source: str) -> str:
    """Return an estimated time with its standard error and what identified it."""
    value, error = (show_value(each, "duration") for each in (value_s, standard_error_s))
    known = f", standard error {error}" if standard_error_s else ""
    return f"{name} = {value}{known}: from {source}"


def predicted(name: str, requests: int, mean_error: float | None, p95_error: float | None) -> str:
    """Return how well a scenario predicts other requests, in one verdict."""
    if mean_error is None:
        return f"The measured mean of {counted(requests, 'request')} ({name}) is 0."
    within = max(1, math.ceil(abs(mean_error) * 100 - 1e-9))
    return (
        f"It predicts the mean response time of {counted(requests, 'request')} ({name}) within "
        f"{within} %: {signed(mean_error)}, and their p95 with {signed(p95_error)}."
    )


TOO_LONG = "from the first arrival to the last answer passes more than a year"
TOO_LONG_CURE = "look for wrong times, or give a part of it"

ALL = "all requests"
"""What all classes of requests together are called."""

ONE_BY_ONE = "response times, request by request"
"""What identifies overheads."""

SECOND_HALF = "second half"


def unseen(requests: int, of: int) -> str:
    """Return that some requests of the second half are of classes that the first has none of."""
    return (
        f"{requests:,} of the {counted(of, 'request')} of the second half are of classes that do "
        "not occur in the first: they are not predicted, and missing in its load."
    )


LEAST_PREDICTED = 100
"""From fewer requests, their second half is not predicted from their first."""

UNPREDICTED = (
    "How well it predicts is not known: the second half of the requests is predicted from the "
    f"first only if there are {LEAST_PREDICTED} or more. Measure for longer."
)

RUNS = (
    "95 % of runs: where a run of these requests lies if the scenario is right, and its observed "
    "durations are a fair sample"
)
