"""What formulas say beside what was simulated."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.report.figures import show, show_value
from simsched.report.metric import metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.theory.known import Figure, Known


@dataclass(frozen=True, slots=True)
class TheoryRow:
    """One figure of a formula beside the simulation's, and how the two go together."""

    server: str
    model: str
    metric: str
    formula: str
    simulated: str
    source: str
    note: str


def theory(result: Result) -> tuple[TheoryRow, ...]:
    """Return what formulas say beside what was simulated, where there are any."""
    return tuple(_row(result, one, figure) for one in result.known for figure in one.figures)


def _row(result: Result, one: Known, figure: Figure) -> TheoryRow:
    shown = metric(figure.metric)
    estimate = _simulated(result, one.server, figure)
    relation = {"<=": "at most ", ">=": "at least "}.get(figure.relation, "")
    of = f" of {figure.request}" if figure.request else ""
    return TheoryRow(
        server=one.server,
        model=one.model,
        metric=f"{shown.title}{of}",
        formula=relation + show_value(figure.value, shown.kind, 4),
        simulated=show(estimate, shown.kind),
        source=one.source,
        note=one.remark or _note(estimate, figure),
    )


def _simulated(result: Result, server: str, figure: Figure) -> Estimate:
    """Return the estimate that goes with *figure*, of a class if it is about one."""
    summary = result.servers.get(server)
    found = summary.classes.get(figure.request) if summary and figure.request else summary
    return found.estimates.get(figure.metric, Estimate(None)) if found else Estimate(None)


def _note(estimate: Estimate, figure: Figure) -> str:
    """Return how the two go together: as of the rates of the scenario, a run may pass a bound."""
    if estimate.value is None or _keeps(estimate.value, figure):
        return ""
    if estimate.low is None or estimate.high is None:
        return "" if figure.relation == "=" else "passed, as one run by chance may"
    if estimate.low <= figure.value <= estimate.high:
        return "formula within the interval"
    return "formula outside of the interval"


def _keeps(value: float, figure: Figure) -> bool:
    """Say whether *value* is on the side of a bound where it should be."""
    if figure.relation == "=":
        return False
    return value <= figure.value if figure.relation == "<=" else value >= figure.value
