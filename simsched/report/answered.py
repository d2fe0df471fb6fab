"""What is told of each server by itself: how much it answers, and how soon."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.experiment.result import Result
from simsched.report.figures import show_value
from simsched.report.metric import Metric
from simsched.report.stuck import is_stopped
from simsched.report.text import clean
from simsched.report.window import is_cut
from simsched.statistics.summary import ServerSummary
from simsched.statistics.wording import counted

NOTEWORTHY = 0.01
"""A smaller share of requests that were not answered is in the table, but not in the verdict."""

_MOST_SERVERS = 3


def failed(one: ServerSummary) -> float:
    """Return the share of a server's requests that ended without an answer."""
    estimate = one.estimates.get("failed_fraction")
    return (estimate.value if estimate else None) or 0.0


def is_worth_a_row(result: Result, shown: Metric) -> bool:
    """Say whether a table is to have a row for a metric: not for failures where there are none."""
    return shown.name != "failed_fraction" or any(map(failed, result.servers.values()))


def unanswered(result: Result) -> Iterator[str]:
    """Yield a sentence on the requests that got no answer, where they are worth one."""
    shares = {name: failed(one) for name, one in result.servers.items()}
    worst = sorted(shares, key=shares.__getitem__, reverse=True)
    told = list(shares) if len(shares) <= _MOST_SERVERS else worst[:1]
    if shares[worst[0]] < NOTEWORTHY:
        return
    first, *others = told
    rest = "".join(f", {clean(name)} {_share(shares[name])}" for name in others)
    yield (
        f"{clean(first)} leaves {_share(shares[first])} of its requests without an answer{rest}; "
        "response times are of those answered."
    )


def alone(result: Result) -> Iterator[str]:
    """Yield what there is to say of a single server."""
    if len(result.servers) > 1:
        return
    ((name, one),) = result.servers.items()
    mean = _value(one, "response_time_s.mean")
    told = _untold(result, one) if mean is None else _limits(one, mean)
    yield f"{clean(name)} {told}."


def _limits(one: ServerSummary, mean: float) -> str:
    limits = [
        f"{words} within {show_value(value, 'duration')}"
        for metric, words in (("p50", "half of all"), ("p95", "95 %"), ("p99", "99 %"))
        if (value := _value(one, f"response_time_s.{metric}")) is not None
    ]
    told = ", ".join([f"answers in {show_value(mean, 'duration')} on average", *limits])
    return f"{told}; it completes {_rate(one)}"


def _untold(result: Result, one: ServerSummary) -> str:
    """Return what a server does of which no mean response time can be told."""
    if one.unstable is not None:
        return f"cannot keep up with the load; it completes {_rate(one)}"
    if not one.requests.get("completed"):
        stopped = is_stopped(result, one.server)
        why = ": none finished, they wait for each other (deadlock)" if stopped else ""
        return f"answered none of its {counted(sum(one.requests.values()), 'request')}{why}"
    if is_cut(result):
        return "answered none of its requests after the warm-up"
    return f"has no mean response time: {one.estimates['response_time_s.mean'].reason}"


def _rate(one: ServerSummary) -> str:
    return show_value(_value(one, "throughput_per_s"), "rate")


def _value(one: ServerSummary, name: str) -> float | None:
    estimate = one.estimates.get(name)
    return estimate.value if estimate else None


def _share(fraction: float) -> str:
    return show_value(fraction, "fraction", 2) if fraction else "none"
