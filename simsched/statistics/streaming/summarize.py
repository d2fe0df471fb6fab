"""From what was counted of one server's replications to its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsched.engine.trace import Status
from simsched.statistics.batch_means import joined
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement, refused
from simsched.statistics.metrics import bounds, is_compared
from simsched.statistics.occupancy import UTILISATION, WAIT, of_each
from simsched.statistics.streaming import warmup
from simsched.statistics.streaming.measure import Observed, measure
from simsched.statistics.streaming.stream import Stream
from simsched.statistics.streaming.stretches import Stretches
from simsched.statistics.streaming.tally import Tally, merged
from simsched.statistics.summarize import Method
from simsched.statistics.summary import ClassSummary, ServerSummary
from simsched.statistics.time_spent import TimeSpent, grouped
from simsched.statistics.warmup import Cut

NOT_KEPT = "a run that keeps statistics alone does not tell the use of resources"

BATCHES = 20
"""Fewer batches than this make no interval."""


def summarize_streams(
    method: Method,
    server: str,
    streams: Sequence[Stream],
    cuts: Sequence[Cut],
) -> ServerSummary:
    """Return the summary of *server* as :func:`simsched.statistics.summarize.summarize_by` does.

    Counts and means are the same, to the rounding of a float. Quantiles, and the means of the
    slowest requests, are told within :data:`simsched.statistics.streaming.RELATIVE_ERROR`. The
    interval of a single run comes from batches that are whole stretches of it.

    Args:
        method: how figures are drawn.
        server: its name.
        streams: its replications.
        cuts: where the warm-up of each ends.
    """
    found = _measurements(method, streams, cuts, None)
    found |= {name: _untold(len(streams)) for name in _names(streams[0].resources)}
    estimates = _estimates(found, method)
    return ServerSummary(
        server=server,
        requests=_by_status(streams),
        estimates={name: one for name, one in estimates.items() if is_compared(name)},
        measurements=found,
        warmup=tuple(cuts),
        time_spent=_time_spent(estimates, method),
        classes=_classes(method, streams, cuts),
        unstable=method.unstable,
        attempts=_attempts(streams),
        resource_utilisation=of_each(UTILISATION, estimates),
        resource_wait=of_each(WAIT, estimates),
        growth=method.growth,
    )


def _names(resources: Sequence[str]) -> list[str]:
    return [f"{family}.{name}" for family in (UTILISATION, WAIT) for name in resources]


def _untold(replications: int) -> Measurement:
    return refused(np.full(replications, np.nan), NOT_KEPT)


def _classes(
    method: Method, streams: Sequence[Stream], cuts: Sequence[Cut]
) -> dict[str, ClassSummary]:
    classes = streams[0].classes
    if len(classes) == 1:
        return {}
    return {
        name: _class(each, _measurements(each, streams, cuts, position))
        for position, name in enumerate(classes)
        for each in [method.of_class(name)]
    }


def _class(method: Method, found: dict[str, Measurement]) -> ClassSummary:
    estimates = _estimates(found, method)
    compared = {name: one for name, one in estimates.items() if is_compared(name)}
    return ClassSummary(compared, _time_spent(estimates, method), found)


def _measurements(
    method: Method, streams: Sequence[Stream], cuts: Sequence[Cut], class_id: int | None
) -> dict[str, Measurement]:
    retried = _attempts(streams) is not None
    runs = [
        Observed(
            warmup.window(_stretches(stream, class_id), cut),
            max(0, stream.end_ns - cut.time_ns),
            stream.cores,
        )
        for stream, cut in zip(streams, cuts, strict=True)
    ]
    found = measure(runs, method.quantiles, method.parts, retried=retried)
    if method.batches and len(streams) == 1:
        batches = _batches(streams[0], cuts[0], class_id)
        found = _by_batches(method, found, batches, retried=retried)
    return method.told(found, None if class_id is None else streams[0].classes[class_id])


def _stretches(stream: Stream, class_id: int | None) -> Stretches:
    """Return the stretches of one class, or of all."""
    return stream.every if class_id is None or not stream.of_class else stream.of_class[class_id]


def _batches(stream: Stream, cut: Cut, class_id: int | None) -> list[Observed]:
    """Return 20 to 39 batches of whole stretches; none where there are fewer after the cut."""
    stretches = _stretches(stream, class_id)
    whole = stretches.up_to(stream.end_ns)
    tallies = warmup.stretches_after(stretches, cut)
    count = len(tallies) - (len(stretches.tallies) - whole)
    each = count // BATCHES
    return [_batch(stream, stretches, tallies[at : at + each]) for at in _starts(count, each)]


def _starts(count: int, each: int) -> range:
    return range(0, count - each + 1, each) if each else range(0)


def _batch(stream: Stream, stretches: Stretches, tallies: Sequence[Tally]) -> Observed:
    length_ns = len(tallies) * stretches.length_ns
    return Observed(merged(tallies), length_ns, stream.cores, whole=False)


def _by_batches(
    method: Method, whole: dict[str, Measurement], cut: Sequence[Observed], *, retried: bool
) -> dict[str, Measurement]:
    if len(cut) < BATCHES or sum(one.tally.completed for one in cut) < 100 * BATCHES:
        return whole
    pieces = measure(cut, method.quantiles, method.parts, retried=retried)
    return {name: joined(name, one, pieces[name]) for name, one in whole.items()}


def _estimates(found: Mapping[str, Measurement], method: Method) -> dict[str, Estimate]:
    return {name: one.estimate(method.confidence, *bounds(name)) for name, one in found.items()}


def _time_spent(estimates: Mapping[str, Estimate], method: Method) -> TimeSpent:
    return {} if method.unstable is not None else grouped(estimates)


def _by_status(streams: Sequence[Stream]) -> dict[str, int]:
    counts = [sum(stream.count(status) for stream in streams) for status in Status]
    return {
        status.name.lower(): counts[status]
        for status in Status
        if counts[status] or status is Status.COMPLETED
    }


def _attempts(streams: Sequence[Stream]) -> int | None:
    attempts = sum(stream.attempts for stream in streams)
    return attempts if attempts > sum(stream.requests for stream in streams) else None
