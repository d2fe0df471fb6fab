"""The comparison table of the page: every metric, the best marked, the change below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simsched.experiment.result import Result
from simsched.report.answered import is_worth_a_row
from simsched.report.figures import show, show_value
from simsched.report.metric import Metric, metric, metrics
from simsched.report.ranking import best
from simsched.report.text import truncated
from simsched.report.verdict import change, is_settled, span
from simsched.statistics.estimate import Estimate
from simsched.statistics.stability import Load
from simsched.statistics.summary import Comparison
from simsched.statistics.theory.known import Figure, Known


@dataclass(frozen=True, slots=True)
class Cell:
    """One server's figure: its text, whether it is the best, and a note on it below.

    Where there is no figure ``reason`` says why, in a footnote.
    """

    text: str
    is_best: bool = False
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A title and a cell for each server, or why there is no figure for any of them."""

    title: str
    cells: tuple[Cell, ...]
    reason: str = ""


def table(result: Result) -> tuple[TableRow, ...]:
    """Return the rows of the comparison, in the order of ``summary.json``."""
    names = dict.fromkeys(name for one in result.servers.values() for name in one.estimates)
    shown = (each for each in metrics(names) if is_worth_a_row(result, each))
    return (
        *_gathered([_metric_row(result, each) for each in shown]),
        *_resource_rows(result),
        *_load_row(result),
        *_order_row(result),
    )


def _gathered(rows: Sequence[TableRow]) -> Iterator[TableRow]:
    """Yield *rows*, those that nothing can be told of for one reason as one."""
    titles: dict[str, list[str]] = {}
    for row in rows:
        titles.setdefault(row.reason, []).append(row.title)
    for row in rows:
        if not row.reason:
            yield row
        elif row.title == titles[row.reason][0]:
            yield replace(row, title="; ".join(titles[row.reason]))


def footnotes(rows: Sequence[TableRow]) -> dict[str, int]:
    """Return the reasons for which figures are missing in *rows*, each with its number from 1."""
    untold = [row.cells for row in rows if not row.reason]
    reasons = dict.fromkeys(cell.reason for cells in untold for cell in cells if cell.reason)
    return {reason: number for number, reason in enumerate(reasons, start=1)}


@dataclass(frozen=True, slots=True)
class TheoryRow:
    """One figure of a formula beside the simulation's."""

    server: str
    model: str
    metric: str
    formula: str
    simulated: str
    source: str


def theory(result: Result) -> tuple[TheoryRow, ...]:
    """Return what formulas say beside what was simulated, where there are any."""
    return tuple(_theory_row(result, one, figure) for one in result.known for figure in one.figures)


def _theory_row(result: Result, one: Known, figure: Figure) -> TheoryRow:
    shown = metric(figure.metric)
    summary = result.servers.get(one.server)
    estimate = summary.estimates.get(figure.metric) if summary else None
    relation = {"<=": "at most ", ">=": "at least "}.get(figure.relation, "")
    return TheoryRow(
        server=one.server,
        model=one.model,
        metric=shown.title,
        formula=relation + show_value(figure.value, shown.kind, 4),
        simulated=show(estimate or Estimate(None), shown.kind),
        source=one.source,
    )


_OF_CLASS = ("response_time_s.mean", "response_time_s.p50", "response_time_s.p95", "slowdown")


def class_tables(result: Result) -> dict[str, tuple[TableRow, ...]]:
    """Return a few metrics of each class of requests, where there are several."""
    names = dict.fromkeys(name for one in result.servers.values() for name in one.classes)
    return {
        name: tuple(_class_row(result, name, shown) for shown in metrics(_OF_CLASS))
        for name in names
    }


def _class_row(result: Result, name: str, shown: Metric) -> TableRow:
    found = [
        one.classes[name].estimates.get(shown.name, Estimate(None))
        if name in one.classes
        else Estimate(None)
        for one in result.servers.values()
    ]
    return TableRow(shown.title, tuple(Cell(show(estimate, shown.kind)) for estimate in found))


def counts(result: Result) -> tuple[TableRow, ...]:
    """Return how many requests ended in each way, over all replications."""
    ends = dict.fromkeys(
        end for one in result.servers.values() for end, count in one.requests.items() if count
    )
    return tuple(
        TableRow(
            f"{end.replace('_', ' ')} requests",
            tuple(
                Cell(show_value(one.requests.get(end, 0), "count"))
                for one in result.servers.values()
            ),
        )
        for end in ends
    ) + tuple(_attempts_row(result))


def _attempts_row(result: Result) -> Iterator[TableRow]:
    """Yield how many attempts the requests took, where clients tried again."""
    found = [one.attempts for one in result.servers.values()]
    if any(attempts is not None for attempts in found):
        yield TableRow("attempts", tuple(Cell(show_value(each, "count")) for each in found))


def _metric_row(result: Result, shown: Metric) -> TableRow:
    winner = best(result, shown)
    held = {c.server: c for c in result.comparisons if c.metric == shown.name}
    cells = [
        _cell(one.estimates.get(shown.name, Estimate(None)), shown, held.get(name), name == winner)
        for name, one in result.servers.items()
    ]
    estimates = [one.estimates.get(shown.name, Estimate(None)) for one in result.servers.values()]
    reasons = {estimate.reason for estimate in estimates if estimate.value is None}
    is_untold = len(reasons) == 1 and all(estimate.value is None for estimate in estimates)
    return TableRow(shown.title, tuple(cells), (reasons.pop() or "") if is_untold else "")


def _cell(estimate: Estimate, shown: Metric, comparison: Comparison | None, is_best: bool) -> Cell:
    note = _note(comparison) if comparison and estimate.value is not None else ""
    reason = estimate.reason if estimate.value is None else None
    return Cell(show(estimate, shown.kind), is_best, note, reason or "")


def _note(comparison: Comparison) -> str:
    """Return how the figure is to the baseline's."""
    difference, ratio = comparison.difference, comparison.ratio
    if difference.low is not None and not is_settled(difference):
        return "no clear difference"
    if ratio.value is None or ratio.value == 1:
        return ""
    if ratio.low is None or ratio.high is None:
        return change(ratio.value)
    return span(ratio.low, ratio.high)


def _resource_rows(result: Result) -> Iterator[TableRow]:
    """Yield how much of each resource was in use."""
    servers = result.servers.values()
    for name in dict.fromkeys(name for one in servers for name in one.resource_utilisation):
        found = (one.resource_utilisation.get(name, Estimate(None)) for one in servers)
        cells = tuple(Cell(show(estimate, "fraction")) for estimate in found)
        yield TableRow(f"{truncated(name)} in use", cells)


def _load_row(result: Result) -> Iterator[TableRow]:
    """Yield the load that is offered to each server's busiest station, where it has a rate."""
    if result.loads:
        loads = (result.loads.get(name) for name in result.servers)
        cells = (
            Cell(show_value(load.utilisation if load else None, "fraction"), note=_station(load))
            for load in loads
        )
        yield TableRow("offered load", tuple(cells))


def _station(load: Load | None) -> str:
    return "" if load is None else f"of its {load.station.name}"


def _order_row(result: Result) -> Iterator[TableRow]:
    """Yield the order of completion where there is one to read."""
    orders = [one.completion_order for one in result.servers.values()]
    if any(orders) and all(order is None or len(order) <= _MOST_NUMBERS for order in orders):
        texts = (" ".join(map(str, order or ())) for order in orders)
        yield TableRow("completion order", tuple(Cell(text) for text in texts))


_MOST_NUMBERS = 20
