"""What formulas say beside what was simulated."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.experiment.runner import contenders_of
from simsched.report.figures import show, show_value
from simsched.report.metric import metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.theory.known import Figure, Known
from simsched.units import is_close


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
    if not result.known:  # two runs that are compared may have servers of one name
        return ()
    certain = {each.label for each in contenders_of(result.scenarios) if each.is_certain}
    return tuple(
        _row(result, one, figure, one.server in certain)
        for one in result.known
        for figure in one.figures
    )


def _row(result: Result, one: Known, figure: Figure, certain: bool) -> TheoryRow:
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
        note=one.remark or _note(estimate, figure, certain),
    )


def _simulated(result: Result, server: str, figure: Figure) -> Estimate:
    """Return the estimate that goes with *figure*, of a class if it is about one."""
    summary = result.servers.get(server)
    found = summary.classes.get(figure.request) if summary and figure.request else summary
    return found.estimates.get(figure.metric, Estimate(None)) if found else Estimate(None)


def _note(estimate: Estimate, figure: Figure, certain: bool) -> str:
    """Return how the two go together.

    A bound by the rates of the scenario is one for long runs: where nothing is left to chance
    (*certain*), a short one may pass it by what comes first or last.
    """
    if estimate.value is None or _keeps(estimate.value, figure):
        return ""
    within = estimate.may_be(figure.value)
    if within is not None:
        return f"formula {'within' if within else 'outside of'} the interval"
    if figure.relation == "=":
        return ""
    return "passed: a bound for long runs" if certain else "passed, as one run by chance may"


def _keeps(value: float, figure: Figure) -> bool:
    """Say whether *value* is on the side of a bound where it should be."""
    if figure.relation == "=":
        return False
    below = figure.relation == "<="
    return is_close(value, figure.value) or (value < figure.value) == below
