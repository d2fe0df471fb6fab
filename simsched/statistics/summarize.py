"""From the traces of one server to its summary."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.statistics import brief, littles_law, occupancy, order, warmup
from simsched.statistics.batch_means import measure_run
from simsched.statistics.estimate import Estimate
from simsched.statistics.growth import Growth
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import (
    QUANTILES,
    bounds,
    is_compared,
    measure,
    refuse_steady_state,
)
from simsched.statistics.share import without_chance
from simsched.statistics.summary import ClassSummary, ServerSummary
from simsched.statistics.time_spent import Part, TimeSpent, grouped
from simsched.statistics.warmup import Cut
from simsched.statistics.window import Window

LONGEST_ORDER = 100
"""A completion order is told for at most this many requests."""


@dataclass(frozen=True)
class Method:
    """How figures are drawn from traces.

    Attributes:
        warmup: what is left out at the start (see :mod:`simsched.statistics.warmup`).
        confidence: of every interval, in (0, 1).
        quantiles: of response time, each in (0, 1).
        parts: the quantiles of parts of it that are asked for.
        batches: whether one long run may stand for many, by batch means; that needs a run without
            trend: random, stationary arrivals to a server that can keep up.
        certain: whether nothing is left to chance.
        orders: by class, how rarely requests need next to nothing (see
            :mod:`simsched.workload.near_zero`); of a class that is not named, never.
        unstable: for a server that cannot keep up, a sentence that says so: what has no steady
            state is refused with it.
        growth: what grows on such a server; classes that have a steady state are told as elsewhere.
    """

    warmup: warmup.Rule = "none"
    confidence: float = 0.95
    quantiles: tuple[float, ...] = QUANTILES
    batches: bool = False
    unstable: str | None = None
    parts: tuple[Part, ...] = ()
    certain: bool = False
    orders: tuple[tuple[str, float], ...] = ()
    growth: Growth = field(default_factory=Growth)

    def of_class(self, request: str) -> Method:
        """Return how the figures of a class are drawn."""
        return replace(self, unstable=None) if self.growth.of(request).is_steady else self

    def told(self, found: Mapping[str, Measurement], request: str | None) -> dict[str, Measurement]:
        """Return what of the figures that were *found* of a class, or of all, can be told."""
        of_class = (order for name, order in self.orders if request in {None, name})
        told = brief.told(found, min(of_class, default=math.inf))
        if self.certain:
            told = without_chance(told)
        return told if self.unstable is None else refuse_steady_state(told, self.unstable)


def summarize(
    server: str,
    traces: Sequence[Trace],
    warmup_ns: warmup.Rule = "none",
    confidence: float = 0.95,
) -> ServerSummary:
    """Return the summary of *server* by the usual method; see :func:`summarize_by`."""
    return summarize_by(Method(warmup_ns, confidence), server, traces)


def summarize_by(
    method: Method, server: str, traces: Sequence[Trace], cuts: Sequence[Cut] | None = None
) -> ServerSummary:
    """Return the summary of *server* from its *traces*, one for each replication.

    *cuts* end the warm-ups in place of those that *method* would find.

    Each trace is observed from the end of its warm-up to the end of the run: throughput counts the
    completions in that window, and response times are of completed requests that arrived in it.

    Raises:
        LittlesLawError: a trace contradicts itself.
        ValueError: there is no trace.
    """
    if not traces:
        raise ValueError("a summary needs at least one trace")
    for trace in traces:
        littles_law.check(trace)
    cuts = cuts or warmup.cuts(traces, method.warmup)
    windows = [Window(trace, cut.time_ns) for trace, cut in zip(traces, cuts, strict=True)]
    measurements = _measurements(windows, method)
    estimates = _estimates(measurements, method.confidence)
    return ServerSummary(
        server=server,
        requests=_by_status(traces),
        estimates=_compared(estimates),
        completion_order=_completion_order(traces),
        measurements=measurements,
        warmup=tuple(cuts),
        time_spent=_time_spent(estimates, method),
        classes=_classes(windows, method),
        unstable=method.unstable,
        attempts=_attempts(traces),
        resource_utilisation=occupancy.of_each(occupancy.UTILISATION, estimates),
        resource_wait=occupancy.of_each(occupancy.WAIT, estimates),
        growth=method.growth,
    )


def _measurements(windows: Sequence[Window], method: Method) -> dict[str, Measurement]:
    if method.batches and len(windows) == 1:
        found = measure_run(windows[0], method.quantiles, method.parts)
    else:
        found = measure(windows, method.quantiles, method.parts)
    class_id = windows[0].class_id
    return method.told(found, None if class_id is None else windows[0].trace.classes[class_id])


def _estimates(measurements: Mapping[str, Measurement], confidence: float) -> dict[str, Estimate]:
    return {
        metric: measurement.estimate(confidence, *bounds(metric))
        for metric, measurement in measurements.items()
    }


def _compared(estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return those of *estimates* that are metrics by themselves."""
    return {metric: one for metric, one in estimates.items() if is_compared(metric)}


def _time_spent(estimates: Mapping[str, Estimate], method: Method) -> TimeSpent:
    """Return where time went; on a server that cannot keep up that has no mean."""
    return {} if method.unstable is not None else grouped(estimates)


def _classes(windows: Sequence[Window], method: Method) -> dict[str, ClassSummary]:
    """Return each class's figures where there are several classes; a single one says it all."""
    names = windows[0].trace.classes
    if len(names) == 1:
        return {}
    return {
        name: _class_summary([window.of_class(i) for window in windows], method.of_class(name))
        for i, name in enumerate(names)
    }


def _class_summary(windows: Sequence[Window], method: Method) -> ClassSummary:
    measurements = _measurements(windows, method)
    estimates = _estimates(measurements, method.confidence)
    return ClassSummary(_compared(estimates), _time_spent(estimates, method), measurements)


def _by_status(traces: Sequence[Trace]) -> dict[str, int]:
    """Return how many requests ended in each status that occurred; completed ones always."""
    blocks = (block for trace in traces for block in trace.requests.blocks())
    found = [np.bincount(block.status, minlength=len(Status)) for block in blocks]
    counts = np.sum(found, axis=0) if found else np.zeros(len(Status))
    return {
        status.name.lower(): int(counts[status])
        for status in Status
        if counts[status] or status is Status.COMPLETED
    }


def _attempts(traces: Sequence[Trace]) -> int | None:
    """Return how many attempts there were, or None if no request was tried again."""
    attempts = sum(len(trace) for trace in traces)
    return attempts if attempts > sum(len(trace.requests) for trace in traces) else None


def _completion_order(traces: Sequence[Trace]) -> tuple[int, ...] | None:
    """Return the request numbers as they were answered, for one replication of few requests."""
    requests = traces[0].requests
    if len(traces) > 1 or len(requests) > LONGEST_ORDER:
        return None
    completed = requests.status == Status.COMPLETED
    answered = order.completion_order(requests.finish_ns[completed])
    return tuple(requests.request[completed][answered].tolist())
