"""From the traces of one server to its summary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.statistics import littles_law, order
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import QUANTILES, bounds, measure
from simsched.statistics.summary import ServerSummary
from simsched.statistics.window import Window

LONGEST_ORDER = 100
"""A completion order is told for at most this many requests."""


def summarize(
    server: str,
    traces: Sequence[Trace],
    warmup_ns: int = 0,
    confidence: float = 0.95,
    quantiles: Sequence[float] = QUANTILES,
) -> ServerSummary:
    """Return the summary of *server* from its *traces*, one for each replication.

    Each trace is observed over (*warmup_ns*, end of the run]: throughput counts the completions in
    it, and response times are of completed requests that arrived at or after *warmup_ns*.

    Raises:
        LittlesLawError: a trace contradicts itself.
        ValueError: there is no trace.
    """
    if not traces:
        raise ValueError("a summary needs at least one trace")
    for trace in traces:
        littles_law.check(trace)
    measurements = measure([Window(trace, warmup_ns) for trace in traces], quantiles)
    return ServerSummary(
        server=server,
        requests=_by_status(traces),
        estimates=_estimates(measurements, confidence),
        completion_order=_completion_order(traces),
        measurements=measurements,
    )


def _estimates(measurements: dict[str, Measurement], confidence: float) -> dict[str, Estimate]:
    return {
        metric: measurement.estimate(confidence, *bounds(metric))
        for metric, measurement in measurements.items()
    }


def _by_status(traces: Sequence[Trace]) -> dict[str, int]:
    """Return how many requests ended in each status that occurred; completed ones always."""
    counts = np.bincount(np.concatenate([trace.status for trace in traces]), minlength=len(Status))
    return {
        status.name.lower(): int(counts[status])
        for status in Status
        if counts[status] or status is Status.COMPLETED
    }


def _completion_order(traces: Sequence[Trace]) -> tuple[int, ...] | None:
    """Return the request numbers as they were answered, for one replication of few requests."""
    if len(traces) > 1 or len(traces[0]) > LONGEST_ORDER:
        return None
    completed = traces[0].status == Status.COMPLETED
    answered = order.completion_order(traces[0].finish_ns[completed])
    return tuple(traces[0].request[completed][answered].tolist())
