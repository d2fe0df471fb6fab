"""The CPU time of processes, from OpenTelemetry metrics: ``process.cpu.time``.

Its points count seconds since the process was started, or since the point before, for each of some
states (user, system). In between, the process is taken to compute evenly.

Source: OpenTelemetry Protocol specification 1.x, ``opentelemetry/proto/metrics/v1/metrics.proto``;
semantic conventions for process metrics 1.27.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simsched.calibrate.otlp_json import Point, ScopeMetrics, Sum, nanoseconds
from simsched.calibrate.reading import LONGEST_NAME
from simsched.units import SECOND

NAMES = ("process.cpu.time", "process.runtime.cpython.cpu_time")
"""What the metric is called, now and before; the first that a service has is used."""

MOST_POINTS = 1_000_000
"""The most points that are read."""

LEAST_COVERED = 0.8
"""What part of a time there have to be points of."""

_DELTA = 1
_MOST_SECONDS = 1e12


@dataclass(eq=False)
class CpuTimes:
    """The CPU times of processes.

    Attributes:
        series: for each service and metric, the points of each process and state: times since 1970
            in nanoseconds, and seconds of CPU time until then.
        read: how many points they are.
    """

    series: dict[tuple[str, str], dict[str, list[tuple[int, float]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    read: int = 0

    def take(self, service: str, process: object, scopes: Sequence[ScopeMetrics]) -> None:
        """Add the points of a process.

        Raises:
            ValueError: a time or value is none, or there are more than :data:`MOST_POINTS`.
        """
        for scope in scopes:
            for metric in scope.metrics or ():
                if metric.name in NAMES and metric.sum is not None and metric.sum.dataPoints:
                    self._take(self.series[service, metric.name], process, metric.sum)

    def _take(
        self, series: dict[str, list[tuple[int, float]]], process: object, found: Sum
    ) -> None:
        is_delta = found.aggregationTemporality in {_DELTA, "AGGREGATION_TEMPORALITY_DELTA"}
        for point in found.dataPoints or ():
            self.read += 1
            if self.read > MOST_POINTS:
                message = f"more than {MOST_POINTS:,} points of CPU times are too many"
                raise ValueError(message)
            points = series[f"{process} {_state(point)}"]
            value = _seconds(point)
            if is_delta:
                before = points[-1][1] if points else 0.0
                if not points:
                    points.append((nanoseconds(point.startTimeUnixNano), 0.0))
                value += before
            points.append((nanoseconds(point.timeUnixNano), value))

    def total_ns(self, service: str, since_ns: int, until_ns: int) -> int | None:
        """Return the CPU time of all processes of a service in a time; None if it is not known."""
        name = next((each for each in NAMES if (service, each) in self.series), None)
        if name is None or until_ns <= since_ns:
            return None
        total, covered = 0.0, []
        for points in self.series[service, name].values():
            times, values = np.array(sorted(points)).T
            # A process that is started again counts from 0 again.
            counted = np.concatenate([[0.0], np.cumsum(np.maximum(0.0, np.diff(values)))])
            first, last = max(since_ns, times[0]), min(until_ns, times[-1])
            covered.append(max(0.0, last - first) / (until_ns - since_ns))
            one, other = np.interp([first, last], times, counted)
            total += max(0.0, float(other - one)) / max(covered[-1], LEAST_COVERED)
        return round(total * SECOND) if min(covered) >= LEAST_COVERED and total > 0 else None


def _state(point: Point) -> str:
    """Return what a point is of, cut to a length that may be kept."""
    about = sorted(f"{each.key}={each.value}" for each in point.attributes or ())
    return " ".join(about)[:LONGEST_NAME]


def _seconds(point: Point) -> float:
    try:
        value = float(point.asInt or 0) if point.asDouble is None else point.asDouble
    except (ValueError, OverflowError):
        value = -1.0
    if not 0 <= value < _MOST_SECONDS:
        given = str(point.asInt if point.asDouble is None else point.asDouble)[:40]
        message = f"the CPU time {given!r} is no number of seconds"
        raise ValueError(message)
    return value
