"""The knee: the load up to which a server answers all that comes.

Below it as many requests are answered as arrive; beyond it a server does what it can. So the rate
at which the line of what arrives meets the most that the server was seen to do is the rate of
saturation, and that throughput's interval is the interval of the knee. In operational analysis it
is 1 / the demand of the busiest station (Denning & Buzen, ACM Computing Surveys 10 (3), 1978).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.series import RATE, Series
from simsched.statistics.estimate import Estimate

FAILED, THROUGHPUT = "failed_fraction", "throughput_per_s"


@dataclass(frozen=True, slots=True)
class Knee:
    """Where a server saturates.

    Attributes:
        server: its name.
        rate: the most that it was seen to do, per second; None where it was never saturated.
        kept_up: the highest rate at which it answered all that came, if it ever did.
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
    """Return the knee of each server, in a sweep over the rate of arrivals alone."""
    names = [parameter.name for parameter in result.plan.parameters]
    return tuple(_knees(Series(result))) if names == [RATE] else ()


def _knees(series: Series) -> Iterator[Knee]:
    rates = {p.number: v.number for p in series.result.done if (v := p.values[0]) is not None}
    offered = {number: rate for number, rate in rates.items() if rate is not None}
    for server in series.result.servers:
        short = [
            number for number, rate in offered.items() if _is_short(series, number, server, rate)
        ]
        done = [series.estimate(number, server, THROUGHPUT) for number in short]
        least = min((offered[number] for number in short), default=float("inf"))
        theory, station = _theory(series, server)
        yield Knee(
            server,
            max(done, key=lambda one: one.value or 0.0, default=None),
            max((rate for rate in offered.values() if rate < least), default=None),
            theory,
            station,
        )


def _is_short(series: Series, number: int, server: str, offered: float) -> bool:
    """Return whether *server* is told to do less than arrives, and not for want of arrivals."""
    done = series.estimate(number, server, THROUGHPUT)
    return done.high is not None and done.high < offered and _loses(series, number, server)


def _loses(series: Series, number: int, server: str) -> bool:
    """Return whether its queue grows, so that no mean is told, or requests fail."""
    failed = series.estimate(number, server, FAILED)
    fails = failed.low is not None and failed.low > 0
    return fails or series.is_overloaded(number, server)


def _theory(series: Series, server: str) -> tuple[float | None, str | None]:
    found = [series.load(point.number, server) for point in series.result.done]
    loads = {(one["highest_rate_per_s"], one["station"]) for one in found if one is not None}
    return loads.pop() if len(loads) == 1 else (None, None)
