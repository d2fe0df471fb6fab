"""Service level objectives: limits on metrics, judged by what the evidence carries.

A limit is kept if the whole interval keeps it, missed if none of it does, and otherwise the run was
too short to decide. Where nothing is left to chance a value speaks for itself. A limit on
how late answers may be is about all requests: one that is never answered is later than any limit.
On a server that cannot keep up that is in the end what becomes of those whose wait grows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from simsched.scenario.metrics import Metric
from simsched.scenario.model.objectives import Limit, LimitValue
from simsched.statistics import losses
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import objectives as words

Outcome = Literal["pass", "fail", "inconclusive"]

EXIT_FAIL = 3
"""What the command line ends with where an objective is missed."""

EXIT_INCONCLUSIVE = 4
"""What it ends with under ``--strict`` where none is missed and one is inconclusive."""


MAXIMA = ("response_time_s.max", "order.largest_displacement")
"""The metrics that have no interval, but that a single request is enough to prove large."""

ROUNDING = 1e-9
"""A share this much smaller than a quantile leaves is as large: 0.05 is what p95 leaves."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A named limit.

    Attributes:
        name: what the scenario calls it.
        text: the limit as the scenario writes it.
        limit: what it says.
        servers: the servers that it holds for; empty is every one.
        request: the class of requests that it is about; None is every one.
        stream: the stream of requests that it is about; None is every one.
        is_change: whether it limits the ratio to an earlier run, and not the metric itself.
    """

    name: str
    text: str
    limit: LimitValue
    servers: tuple[str, ...] = ()
    request: str | None = None
    stream: str | None = None
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one server stands to one objective.

    Attributes:
        objective: the limit.
        server: the server that is judged.
        outcome: whether the limit is kept.
        sentence: the same in words, with the evidence.
        estimate: the metric that is limited, with its interval.
    """

    objective: Objective
    server: str
    outcome: Outcome
    sentence: str
    estimate: Estimate


def judge(
    objectives: Iterable[Objective],
    servers: Sequence[ServerSummary],
    certain: bool = False,
    confidence: float = 0.95,
) -> tuple[Judgement, ...]:
    """Return how each server stands to each objective that holds for it.

    Args:
        objectives: the limits.
        servers: the servers' figures.
        certain: whether nothing in the scenario is left to chance, so that values need no interval.
        confidence: of the intervals, for the sentences.
    """
    return tuple(
        _judgement(objective, server, certain, confidence)
        for objective in objectives
        for server in servers
        if not objective.servers or server.server in objective.servers
    )


def exit_code(judgements: Iterable[Judgement], strict: bool = False) -> int:
    """Return what the command line ends with: 3 on a fail, 4 on inconclusive if *strict*, or 0.

    Every command that prints judgements ends by this rule, and JUnit has a failure for each
    judgement that is not 0 by itself.
    """
    codes = {code_of(judgement.outcome, strict) for judgement in judgements}
    return min(codes - {0}, default=0)


def code_of(outcome: Outcome, strict: bool = False) -> int:
    """Return the exit code that one *outcome* asks for."""
    match outcome:
        case "pass":
            return 0
        case "fail":
            return EXIT_FAIL
        case "inconclusive":
            return EXIT_INCONCLUSIVE if strict else 0
        case _:
            assert_never(outcome)


def overall(outcomes: Iterable[Outcome]) -> Outcome:
    """Return what several *outcomes* come to: a fail if there is one, a pass if all are."""
    found = set(outcomes)
    return "fail" if "fail" in found else "inconclusive" if "inconclusive" in found else "pass"


def outcome(limit: Limit, estimate: Estimate, certain: bool = False) -> Outcome:
    """Return what *estimate* says of *limit*.

    A maximum has no interval, but one that is above a limit is a proof that it can be.
    """
    if estimate.value is None:
        return "inconclusive"
    if certain:
        return "pass" if limit.allows(estimate.value) else "fail"
    if limit.metric.name in MAXIMA:
        above = limit.operator in {">", ">="}
        proven: Outcome = "pass" if above else "fail"
        return proven if limit.allows(estimate.value) == above else "inconclusive"
    if estimate.low is None or estimate.high is None:
        return "inconclusive"
    ends = {limit.allows(estimate.low), limit.allows(estimate.high)}
    return "inconclusive" if len(ends) > 1 else "pass" if True in ends else "fail"


def _judgement(
    objective: Objective, server: ServerSummary, certain: bool, confidence: float
) -> Judgement:
    estimate = estimate_of(objective, server, certain)
    request, stream = objective.request, objective.stream
    found = outcome(objective.limit, estimate, certain)
    lost = losses.share(server, request, stream) if _is_time(objective.limit) else 0.0
    # The run was too short to show it, but a longer one would: the queue grows.
    grown = found != "fail" and _grows_beyond(objective, server)
    found = "fail" if grown else found
    found = _with_losses(found, objective.limit, lost)
    evidence = (
        f"{server.unstable}" if grown else words.measured(objective.limit, estimate, confidence)
    )
    if found == "inconclusive" and None not in {estimate.value, estimate.reason}:
        evidence += f" ({estimate.reason})"
    if lost > losses.MATERIAL:
        evidence += words.unanswered(lost, is_missed=found == "fail")
    title = words.objective(objective.name, objective.text, request or stream)
    sentence = words.judgement(server.server, found, title, evidence)
    return Judgement(objective, server.server, found, sentence, estimate)


def _grows_beyond(objective: Objective, server: ServerSummary) -> bool:
    """Say whether it is missed in a run that is long enough, since *server* cannot keep up.

    Of all requests the mean response time grows, and the greatest one, whichever it is that waits.
    """
    metric, late = objective.limit.metric, server.growth.of(objective.request)
    if server.unstable is None or objective.limit.operator not in {"<", "<="}:
        return False
    if is_growing(metric) and metric.quantile is None and objective.request is None:
        return True
    share = late.share if is_growing(metric) else late.waits.get(metric.part or metric.name, 0.0)
    least = 0.0 if metric.quantile is None else 1 - metric.quantile - ROUNDING
    return share > 0 and share >= least


def _with_losses(found: Outcome, limit: Limit, lost: float) -> Outcome:
    """Return *found* as it stands if a share *lost* of the requests is later than any limit."""
    quantile = limit.metric.quantile
    # With so many unanswered the quantile itself is of a request that never got an answer.
    later = lost == 1 or (quantile is not None and lost >= 1 - quantile - ROUNDING)
    if later and is_delay(limit):
        return "fail"
    return "inconclusive" if found == "pass" and lost > losses.MATERIAL else found


def _is_time(limit: Limit) -> bool:
    """Say whether it is a time, or a part of one, of answered requests alone."""
    return is_delay(limit) or (limit.metric.part is not None and limit.operator in {"<", "<="})


def is_delay(limit: Limit) -> bool:
    """Say whether it bounds a time that grows without end on a server that cannot keep up."""
    return is_growing(limit.metric) and limit.operator in {"<", "<="}


def is_growing(metric: Metric) -> bool:
    """Say whether *metric* is a time that grows without end on a server that cannot keep up."""
    return metric.name.startswith("response_time_s.") or metric.name == "slowdown"


def estimate_of(objective: Objective, server: ServerSummary, certain: bool = False) -> Estimate:
    """Return what *server* shows of the metric, and the class of requests, of *objective*.

    Where nothing is left to chance (*certain*) a quantile is that of a single run, of however many
    requests: other runs are its copies.
    """
    metric, request = objective.limit.metric, objective.request
    one = server.part(request, objective.stream)
    refused = server.unstable is not None and not server.growth.of(request).is_steady
    if (found := one.figures().get(metric.name)) is not None:
        is_exact = certain and not refused and metric.quantile is not None
        return _of_one_run(found, one.measurements.get(metric.name)) if is_exact else found
    if refused:
        return Estimate(None, reason=server.unstable)
    if metric.part == "retries":
        return Estimate(0.0, 0.0, 0.0)  # no request was tried again
    return Estimate(None, reason=words.NOT_MEASURED)


def _of_one_run(found: Estimate, measurement: Measurement | None) -> Estimate:
    """Return a figure as the first replication has it, or what was *found* if that has none."""
    value = math.nan if measurement is None else float(measurement.replications[0])
    if math.isnan(value):
        return found
    return Estimate(value) if found.low is None else Estimate(value, value, value)
