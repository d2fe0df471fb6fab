"""What one server did over all replications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simsched.scenario.metrics import time_spent_name
from simsched.statistics.estimate import Estimate
from simsched.statistics.growth import Growth
from simsched.statistics.measurement import Measurement
from simsched.statistics.time_spent import TimeSpent
from simsched.statistics.warmup import Cut


@dataclass(frozen=True)
class ClassSummary:
    """The figures of one class, or one stream, of requests on one server.

    Attributes:
        estimates: the metrics by dotted name, as a server's. Places in the order of completion are
            those among requests of every class; Kendall's tau is among the class's own.
        time_spent: what the class's requests spent their time on.
        measurements: each metric, and each part of time spent, in each replication.
    """

    estimates: Mapping[str, Estimate]
    time_spent: TimeSpent
    measurements: Mapping[str, Measurement] = field(default_factory=dict, repr=False)

    def figures(self) -> dict[str, Estimate]:
        """Return every estimate by dotted name, as in ``summary.csv``."""
        return {**self.estimates, **_flat(self.time_spent)}


@dataclass(frozen=True, repr=False)
class ServerSummary:
    """The figures of one server.

    Attributes:
        server: its name.
        requests: how many requests ended in each status, over all replications; of a request that
            was tried again, the last attempt counts.
        estimates: the metrics, by dotted name in the order of ``summary.json``:
            ``throughput_per_s``, ``failed_fraction``, ``response_time_s.mean``, ``.p50``, ``.p90``,
            ``.p95``, ``.p99``, ``.max``, ``slowdown``, ``cpu_utilisation``,
            ``order.overtaken_fraction``, ``order.kendall_tau``,
            ``order.largest_displacement``, ``fairness.jain_index``.
        completion_order: request numbers in the order they were answered, for one replication of at
            most 100 requests.
        measurements: each metric, part of time spent and use of a resource, by dotted name, in each
            replication.
        warmup: where the warm-up of each replication ends.
        time_spent: what requests spent their time on.
        classes: the figures of each class, where there are several.
        streams: the figures of each stream, where there are several.
        unstable: for a server that cannot keep up, a sentence on how its queue grows.
        attempts: how many attempts the requests took; None where each took one.
        resource_utilisation: by name, the share of each resource's slots that was in use.
        service_utilisation: by name, the share of each service that was busy.
        service_wait: by name, how many seconds calls waited in the queue of a service, on average.
        service_time: by name, how many seconds a request spends on calls of a service, on average.
        resource_wait: by name, how many seconds those waited who needed a slot of it, on average.
        growth: what grows on a server that cannot keep up.
    """

    server: str
    requests: Mapping[str, int]
    estimates: Mapping[str, Estimate]
    completion_order: tuple[int, ...] | None = None
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    warmup: tuple[Cut, ...] = ()
    time_spent: TimeSpent = field(default_factory=dict)
    classes: Mapping[str, ClassSummary] = field(default_factory=dict)
    streams: Mapping[str, ClassSummary] = field(default_factory=dict)
    unstable: str | None = None
    attempts: int | None = None
    resource_utilisation: Mapping[str, Estimate] = field(default_factory=dict)
    resource_wait: Mapping[str, Estimate] = field(default_factory=dict)
    service_utilisation: Mapping[str, Estimate] = field(default_factory=dict)
    service_wait: Mapping[str, Estimate] = field(default_factory=dict)
    service_time: Mapping[str, Estimate] = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth)

    def __repr__(self) -> str:
        # Its figures, each with its interval, would fill a notebook.
        counts = ", ".join(f"{status}={count}" for status, count in self.requests.items())
        return f"ServerSummary({self.server!r}, {counts})"

    def value(self, metric: str) -> float | None:
        """Return the value of a metric by its dotted name; None where there is none."""
        return self.estimates.get(metric, Estimate(None)).value

    def part(self, request: str | None, stream: str | None = None) -> ServerSummary | ClassSummary:
        """Return the figures of a class, or a stream; all of them where that is all there is."""
        if stream is not None:
            return self.streams.get(stream, self)
        return self if request is None else self.classes.get(request, self)

    def measured(self, metric: str, request: str | None = None) -> Measurement | None:
        """Return *metric* in each replication, of one class if it is named; None without it."""
        if request is None:
            return self.measurements.get(metric)
        found = self.classes.get(request)
        return None if found is None else found.measurements.get(metric)

    def figures(self) -> dict[str, Estimate]:
        """Return every estimate but those of classes by dotted name, as in ``summary.csv``."""
        used = {f"resource_utilisation.{name}": e for name, e in self.resource_utilisation.items()}
        waits = {f"resource_wait_s.{name}": each for name, each in self.resource_wait.items()}
        busy = {f"service_utilisation.{name}": e for name, e in self.service_utilisation.items()}
        waits |= {f"service_wait_s.{name}": each for name, each in self.service_wait.items()}
        waits |= {f"service_time_s.{name}": each for name, each in self.service_time.items()}
        return {**self.estimates, **used, **busy, **waits, **_flat(self.time_spent)}


def _flat(groups: TimeSpent) -> dict[str, Estimate]:
    return {
        time_spent_name(group, part): estimate
        for group, found in groups.items()
        for part, estimate in found.items()
    }


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One figure of one server, as a row of ``summary.csv``; unknown values are None."""

    server: str
    metric: str
    value: float | None
    low: float | None
    high: float | None


def summary_rows(servers: Mapping[str, ServerSummary]) -> Iterator[SummaryRow]:
    """Yield a row for each server and metric, the counts of requests first."""
    for name, server in servers.items():
        for status, count in server.requests.items():
            yield SummaryRow(name, f"requests.{status}", count, None, None)
        if server.attempts is not None:
            yield SummaryRow(name, "attempts", server.attempts, None, None)
        figures = dict(server.figures())
        for kind, parts in (("classes", server.classes), ("streams", server.streams)):
            for part, one in parts.items():
                figures |= {f"{kind}.{part}.{metric}": e for metric, e in one.figures().items()}
        for metric, estimate in figures.items():
            yield SummaryRow(name, metric, estimate.value, estimate.low, estimate.high)


@dataclass(frozen=True)
class Comparison:
    """One metric of a server compared with the baseline's, replication by replication.

    Attributes:
        metric: its dotted name.
        server: the server's name.
        baseline: the baseline's name.
        difference: the server's value minus the baseline's, in the metric's unit.
        ratio: the server's value over the baseline's.
        p_value: how likely so large a difference is by chance alone, adjusted for the number of
            servers that are compared, and of classes; None where it is unknown.
        request: the class of requests that it is about; None is every one.
    """

    metric: str
    server: str
    baseline: str
    difference: Estimate  # server - baseline
    ratio: Estimate  # server / baseline
    p_value: float | None = None
    request: str | None = None
