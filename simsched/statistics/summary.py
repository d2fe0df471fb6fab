"""What one server did over all replications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement


@dataclass(frozen=True)
class ServerSummary:
    """The figures of one server.

    Attributes:
        server: its name.
        requests: how many requests ended in each status, over all replications.
        estimates: the metrics, by dotted name in the order of ``summary.json``:
            ``throughput_per_s``, ``response_time_s.mean``, ``response_time_s.p50``, ``.p90``,
            ``.p95``, ``.p99``, ``.max``, ``slowdown``, ``cpu_utilisation``,
            ``order.overtaken_fraction``, ``order.kendall_tau``.
        completion_order: request numbers in the order they were answered, for one replication of at
            most 100 requests.
        measurements: each metric in each replication, for comparisons.
    """

    server: str
    requests: Mapping[str, int]
    estimates: Mapping[str, Estimate]
    completion_order: tuple[int, ...] | None = None
    measurements: Mapping[str, Measurement] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Comparison:
    """One metric of a server held against the baseline's, replication by replication."""

    metric: str
    server: str
    baseline: str
    difference: Estimate  # server - baseline
    ratio: Estimate  # server / baseline
