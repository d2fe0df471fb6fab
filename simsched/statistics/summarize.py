"""From the traces of one server to its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simsched.engine.trace import Status, Trace
from simsched.statistics import warmup
from simsched.statistics.batch_means import measure_run
from simsched.statistics.estimate import Estimate
from simsched.statistics.growth import Growth
from simsched.statistics.measurement import Measurement, without_chance
from simsched.statistics.metrics import (
    BUSY,
    SERVICE_TIME,
    SERVICE_WAIT,
    UTILISATION,
    WAIT,
    bounds,
    is_compared,
    measure,
    refuse_steady_state,
)
from simsched.statistics.observation import QUANTILES, Asked, Observation
from simsched.statistics.replication import Replication, reduce
from simsched.statistics.summary import ClassSummary, ServerSummary
from simsched.statistics.time_spent import Part, TimeSpent, grouped
from simsched.statistics.warmup import Cut
from simsched.statistics.window import Span


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
        unstable: for a server that cannot keep up, a sentence that says so: what has no steady
            state is refused with it.
        growth: what grows on such a server; classes that have a steady state keep their figures.
        span: what throughput is over (see :mod:`simsched.statistics.window`).
    """

    warmup: warmup.Rule = "none"
    confidence: float = 0.95
    quantiles: tuple[float, ...] = QUANTILES
    batches: bool = False
    unstable: str | None = None
    parts: tuple[Part, ...] = ()
    certain: bool = False
    growth: Growth = field(default_factory=Growth)
    span: Span = "run"

    @property
    def asked(self) -> Asked:
        """The quantiles that are asked for."""
        return Asked(self.quantiles, self.parts)

    def of_class(self, request: str) -> Method:
        """Return how the figures of a class are drawn."""
        return replace(self, unstable=None) if self.growth.of(request).is_steady else self

    def supported(self, found: Mapping[str, Measurement]) -> dict[str, Measurement]:
        """Return what of the figures that were *found* has an honest value."""
        known = without_chance(found) if self.certain else dict(found)
        return known if self.unstable is None else refuse_steady_state(known, self.unstable)


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

    Raises:
        LittlesLawError: a trace contradicts itself.
        ValueError: there is no trace.
    """
    if not traces:
        raise ValueError("a summary needs at least one trace")
    cuts = cuts or warmup.cuts([warmup.settling(trace) for trace in traces], method.warmup)
    in_batches = method.batches and len(traces) == 1
    return summarize_replications(
        method,
        server,
        [
            reduce(trace, cut, method.asked, in_batches=in_batches, span=method.span)
            for trace, cut in zip(traces, cuts, strict=True)
        ],
    )


def summarize_replications(
    method: Method, server: str, runs: Sequence[Replication]
) -> ServerSummary:
    """Return the summary of *server* from its replications, at least one."""
    measurements = _measurements([run.every for run in runs], method)
    estimates = _estimates(measurements, method.confidence)
    return ServerSummary(
        server=server,
        requests=_by_status(runs),
        estimates=_compared(estimates),
        completion_order=runs[0].completion_order if len(runs) == 1 else None,
        measurements=measurements,
        warmup=tuple(run.cut for run in runs),
        time_spent=_time_spent(estimates, method),
        classes=_classes(runs, method),
        streams={
            name: _class_summary([run.streams[name] for run in runs], method)
            for name in runs[0].streams
        },
        unstable=method.unstable,
        attempts=_attempts(runs),
        resource_utilisation=_of_resources(UTILISATION, estimates),
        resource_wait=_of_resources(WAIT, estimates),
        service_utilisation=_of_resources(BUSY, estimates),
        service_wait=_of_resources(SERVICE_WAIT, estimates),
        service_time=_of_resources(SERVICE_TIME, estimates),
        growth=method.growth,
    )


def _measurements(runs: Sequence[Observation], method: Method) -> dict[str, Measurement]:
    alone = method.batches and len(runs) == 1
    found = measure_run(runs[0], method.asked) if alone else measure(runs, method.asked)
    return method.supported(found)


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


def _of_resources(family: str, estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return those of *estimates* of a *family*, by the names of the resources or services."""
    prefix = f"{family}."
    return {
        name.removeprefix(prefix): one for name, one in estimates.items() if name.startswith(prefix)
    }


def _classes(runs: Sequence[Replication], method: Method) -> dict[str, ClassSummary]:
    """Return each class's figures where there are several classes; a single one says it all."""
    return {
        name: _class_summary([run.classes[name] for run in runs], method.of_class(name))
        for name in runs[0].classes
    }


def _class_summary(runs: Sequence[Observation], method: Method) -> ClassSummary:
    measurements = _measurements(runs, method)
    estimates = _estimates(measurements, method.confidence)
    return ClassSummary(_compared(estimates), _time_spent(estimates, method), measurements)


def _by_status(runs: Sequence[Replication]) -> dict[str, int]:
    """Return how many requests ended in each status that occurred; completed ones always."""
    counts = {status: sum(run.statuses[status] for run in runs) for status in Status}
    return {
        status.name.lower(): count
        for status, count in counts.items()
        if count or status is Status.COMPLETED
    }


def _attempts(runs: Sequence[Replication]) -> int | None:
    """Return how many attempts there were, or None if no request was tried again."""
    attempts = sum(run.attempts for run in runs)
    return attempts if attempts > sum(run.requests for run in runs) else None
