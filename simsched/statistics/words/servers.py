"""Sentences on a server by itself: what it does, and what it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simsched.scenario.number_format import show_value, show_values
from simsched.statistics.words.numbers import counted, joined, percent

_WITHIN = {"p50": "half of all", "p95": percent(0.95), "p99": percent(0.99)}


def response_times(
    server: str, mean_s: float, quantiles_s: Mapping[str, float | None], rate: float | None
) -> str:
    """Return how quickly a server answers, by its mean and its *quantiles_s*, in seconds."""
    parts = [
        f"{share} within {show_value(quantiles_s[name], 'duration')}"
        for name, share in _WITHIN.items()
        if quantiles_s.get(name) is not None
    ]
    mean = f"{server} answers in {show_value(mean_s, 'duration')} on average"
    return f"{', '.join([mean, *parts])}; it completes {show_value(rate, 'rate')}"


def cannot_keep_up(server: str, rate: float | None) -> str:
    """Return that a server is overloaded, and how many requests it completes."""
    return f"{server} cannot keep up with the load; it completes {show_value(rate, 'rate')}"


def answered_none(server: str, total: int) -> str:
    """Return that a server answered none of all requests."""
    return f"{server} answered none of its {counted(total, 'request')}"


def answered_none_after_warmup(server: str) -> str:
    """Return that a server answered none of the requests that its figures are of."""
    return f"{server} answered none of its requests after the warm-up"


def no_mean(server: str, reason: str | None) -> str:
    """Return why a server has no mean response time."""
    return f"{server} has no mean response time: {reason}"


WAITS = {"queue": "are spent in the queue", "cpu_wait": "are spent waiting for the CPU"}
"""What is said of a part of the response time, by its name."""


def wait_for_pool(name: str) -> str:
    """Return that requests wait for the slots of a resource."""
    return f"wait for the pool {name}"


def calls_to(name: str) -> str:
    """Return that requests wait for the answers of a service."""
    return f"are spent in calls to {name}"


def cores_of(server: str) -> str:
    """Return what a server computes on."""
    return f"the CPU of {server}"


def amount(part_s: float, mean_s: float) -> str:
    """Return how much of the response time is a part of it, as in ``76 of 118 ms``."""
    part, whole = show_values((part_s, mean_s), "duration")
    number, _, unit = part.rpartition(" ")
    short = number if unit == whole.rpartition(" ")[2] else part
    return f"{short} of {whole}"


def busy(what: str, share: float) -> str:
    """Return how busy something is, as in ``postgres is busy 94 %``."""
    return f"{what} is busy {percent(share)}"


def in_use(pool: str, share: float) -> str:
    """Return how many slots of a resource are taken on average."""
    return f"{percent(share)} of the slots of {pool} are taken"


def bottleneck(servers: Sequence[tuple[str, str]], what: str, used: str) -> str:
    """Return where the time of the requests of *servers* goes, and what is busiest.

    Each has its own amount of time, as in ``a and b: 76 of 118 ms wait for the pool db``.
    """
    names, amounts = [name for name, _ in servers], [text for _, text in servers]
    if len(set(amounts)) == 1:
        spent = f"{amounts[0]} {what}" if what else ""
        return f"{joined(names)}: {'; '.join(filter(None, (spent, used)))}"
    each = joined([f"{text} ({name})" for name, text in servers])
    return "; ".join(filter(None, (f"{each} {what}", used)))


def valid(file: str, scenario: str) -> str:
    """Return that a scenario's file has no faults."""
    return f"{file}: {scenario} is valid"


def offered_load(load: float, excess: str = "") -> str:
    """Return the offered load, and what becomes of the *excess* where it is too much."""
    return f"offered load {percent(load)}{f', {excess}' if excess else ''}"
