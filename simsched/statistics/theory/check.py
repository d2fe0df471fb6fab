"""A simulation held against what formulas say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simsched.scenario.metrics import parse_metric, show_values
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import bounds
from simsched.statistics.summary import ServerSummary
from simsched.statistics.theory.known import Figure, Known
from simsched.statistics.wording import percent


@dataclass(frozen=True)
class _Check:
    """One figure of a model and the server that was simulated."""

    known: Known
    figure: Figure
    server: ServerSummary

    @property
    def measured(self) -> Mapping[str, Measurement]:
        request = self.figure.request
        if request is None:
            return self.server.measurements
        found = self.server.classes.get(request)
        return {} if found is None else found.measurements

    @property
    def is_possible(self) -> bool:
        return self.figure.relation == "=" and self.figure.metric in self.measured

    def estimate(self, confidence: float) -> Estimate:
        metric = self.figure.metric
        return self.measured[metric].estimate(confidence, *bounds(metric))


def disagreements(
    found: Iterable[Known], servers: Mapping[str, ServerSummary], confidence: float = 0.95
) -> tuple[str, ...]:
    """Return a sentence for each exact figure that lies outside of the estimate's interval.

    The intervals are widened so that all hold together (Bonferroni): a page full of figures would
    else disagree in one place by chance alone. Bounds are not checked: where a run is cut off at
    its end, a throughput may exceed them by a request or two.
    """
    pairs = [(one, figure) for one in found if one.server in servers for figure in one.figures]
    possible = (_Check(one, figure, servers[one.server]) for one, figure in pairs)
    checks = [check for check in possible if check.is_possible]
    level = 1 - (1 - confidence) / max(1, len(checks))
    return tuple(text for check in checks if (text := _disagreement(check, level)) is not None)


def _disagreement(check: _Check, confidence: float) -> str | None:
    estimate, figure = check.estimate(confidence), check.figure
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    if estimate.may_be(figure.value):
        return None
    metric = parse_metric(figure.metric)
    value, low, high, known = show_values(
        (estimate.value, estimate.low, estimate.high, figure.value), metric.kind
    )
    of = "" if figure.request is None else f" of {figure.request}"
    return (
        f"{check.server.server}: {metric.text}{of} is {value} ({percent(confidence)} interval "
        f"{low} to {high}), but {check.known.model} says {known}; the run may be too short for its "
        "load"
    )
