"""The knee: the load up to which a server answers all requests.

Below it as many requests are answered as arrive; beyond it a server works at its limit. So the
rate at which the line of the arrivals meets the highest throughput that was observed is the rate of
saturation, and that throughput's interval is the interval of the knee. In operational analysis it
is 1 / the demand of the busiest station (Denning & Buzen, ACM Computing Surveys 10 (3), 1978).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsched.experiment.sweep.result import RATE, SweepResult
from simsched.statistics.estimate import Estimate
from simsched.statistics.losses import FAILED

THROUGHPUT = "throughput_per_s"


@dataclass(frozen=True, slots=True)
class Knee:
    """Where a server saturates.

    Attributes:
        server: its name.
        rate: its highest throughput, per second; None where it was never saturated.
        kept_up: the highest rate at which it answered all requests, if there is one.
        theory: 1 / the demand of its busiest station, where that is known and the same at all
            points.
        station: the name of that station.
    """

    server: str
    rate: Estimate | None
    kept_up: float | None
    theory: float | None
    station: str | None


def knees(result: SweepResult) -> tuple[Knee, ...]:
    """Return the knee of each server, in a sweep over the arrival rate alone."""
    names = [parameter.name for parameter in result.plan.parameters]
    return tuple(_knees(result)) if names == [RATE] else ()


def _knees(result: SweepResult) -> Iterator[Knee]:
    values = ((point.number, point.values[0]) for point in result.done)
    rates = {number: None if value is None else value.number for number, value in values}
    offered = {number: rate for number, rate in rates.items() if rate is not None}
    for server in result.servers:
        short = [n for n, rate in offered.items() if _is_saturated(result, n, server, rate)]
        done = [result.estimate(number, server, THROUGHPUT) for number in short]
        # A server that falls behind once may seem to keep up at a higher rate, by chance.
        least = min((offered[number] for number in short), default=float("inf"))
        loads = [result.load(point.number, server) for point in result.done]
        theory = {(one.highest_rate_per_s, one.station.name) for one in loads if one is not None}
        yield Knee(
            server,
            max(done, key=lambda one: one.value or 0.0, default=None),
            max((rate for rate in offered.values() if rate < least), default=None),
            *(theory.pop() if len(theory) == 1 else (None, None)),
        )


def _is_saturated(result: SweepResult, number: int, server: str, offered: float) -> bool:
    """Return whether *server* answers fewer requests than arrive, because it cannot do more."""
    done = result.estimate(number, server, THROUGHPUT)
    failed = result.estimate(number, server, FAILED)
    # Fewer completions than arrivals also come from the end of a run, which cuts some off.
    fails = failed.low is not None and failed.low > 0
    grows = fails or result.is_overloaded(number, server)
    return done.high is not None and done.high < offered and grows
