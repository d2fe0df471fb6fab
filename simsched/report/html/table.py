"""The tables of the page as data: comparison, classes, counts, and theory beside simulation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simsched.experiment.result import Result
from simsched.experiment.runner import contenders_of
from simsched.report.comparison import held_against
from simsched.report.stuck import NONE_FINISHED, is_stopped, waits
from simsched.report.text import truncated
from simsched.report.verdict import best, is_worth_a_row
from simsched.scenario.metrics import Kind, Metric, parse_metric, show_value
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.stability import Load
from simsched.statistics.summary import Comparison
from simsched.statistics.theory.known import Figure, Known
from simsched.statistics.words.numbers import show
from simsched.units import is_close


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
    """Return the rows of the comparison, in the order of ``summary.json``, the untold ones last."""
    names = dict.fromkeys(name for one in result.servers.values() for name in one.estimates)
    shown = (each for each in map(parse_metric, names) if is_worth_a_row(result, each))
    rows = _gathered([_metric_row(result, each) for each in shown])
    return (
        *sorted(rows, key=lambda row: bool(row.reason)),
        *_gathered([*_resource_rows(result)]),
        *_load_row(result),
        *_order_row(result),
    )


def _gathered(rows: Sequence[TableRow]) -> Iterator[TableRow]:
    """Yield *rows*, those that nothing can be told of for one reason as one.

    That several quantiles need more requests than there are is told of the one that needs fewest.
    """
    titles: dict[str, list[str]] = {}
    for row in rows:
        titles.setdefault(_fact(row.reason), []).append(row.title)
    for row in rows:
        if not row.reason:
            yield row
        elif row.title == titles[_fact(row.reason)][0]:
            yield replace(row, title="; ".join(titles[_fact(row.reason)]))


def _fact(reason: str) -> str:
    """Return what a reason ends with: there are so many, say."""
    return reason.rpartition("; ")[2]


def footnotes(rows: Sequence[TableRow]) -> dict[str, int]:
    """Return the reasons for which figures are missing in *rows*, each with its number from 1."""
    untold = [row.cells for row in rows if not row.reason]
    reasons = dict.fromkeys(cell.reason for cells in untold for cell in cells if cell.reason)
    return {reason: number for number, reason in enumerate(reasons, start=1)}


_OF_CLASS = ("response_time_s.mean", "response_time_s.p50", "response_time_s.p95", "slowdown")


def class_tables(result: Result) -> dict[str, tuple[TableRow, ...]]:
    """Return a few metrics of each class of requests, where there are several."""
    names = dict.fromkeys(name for one in result.servers.values() for name in one.classes)
    return {
        name: tuple(
            _gathered([_class_row(result, name, shown) for shown in map(parse_metric, _OF_CLASS)])
        )
        for name in names
    }


def _class_row(result: Result, name: str, shown: Metric) -> TableRow:
    of_class = {server: one.classes.get(name) for server, one in result.servers.items()}
    found = {server: one.estimates if one else {} for server, one in of_class.items()}
    comparisons = (each for each in result.class_comparisons if each.request == name)
    return _compared_row(result, shown, found, comparisons)


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
    found = {server: one.estimates for server, one in result.servers.items()}
    return _compared_row(result, shown, found, result.comparisons, best(result, shown))


def _compared_row(
    result: Result,
    shown: Metric,
    found: Mapping[str, Mapping[str, Estimate]],
    comparisons: Iterable[Comparison],
    winner: str | None = None,
) -> TableRow:
    """Return a metric of what was *found* of each server, held against the baseline's."""
    held = {each.server: each for each in comparisons if each.metric == shown.name}
    estimates = {server: _of(result, server, each, shown) for server, each in found.items()}
    cells = (
        _cell(one, shown, held.get(server), is_best=server == winner)
        for server, one in estimates.items()
    )
    return TableRow(shown.title, tuple(cells), _common_reason(estimates.values()))


def _cell(
    estimate: Estimate, shown: Metric, comparison: Comparison | None, *, is_best: bool
) -> Cell:
    note = held_against(comparison, shown) if comparison and estimate.value is not None else ""
    return Cell(show(estimate, shown.kind), is_best, note, _reason(estimate))


def _of(result: Result, server: str, estimates: Mapping[str, Estimate], shown: Metric) -> Estimate:
    """Return the estimate of a metric; of a server that answered nobody, with that as the reason.

    Each quantile would else have a reason of its own: that there were too few requests for it.
    """
    found, mean = (estimates.get(n, Estimate(None)) for n in (shown.name, "response_time_s.mean"))
    if found.value is not None or mean.reason != NOTHING_COMPLETED:
        return found
    stopped = is_stopped(result, server)
    return replace(found, reason=NONE_FINISHED if stopped else NOTHING_COMPLETED)


def _resource_rows(result: Result) -> Iterator[TableRow]:
    """Yield how much of each resource was in use, and how long those waited who needed it."""
    servers = result.servers.values()
    for name in dict.fromkeys(name for one in servers for name in one.resource_utilisation):
        used = [one.resource_utilisation.get(name, Estimate(None)) for one in servers]
        yield _row(f"{truncated(name)} in use", used, "share")
        yield _row(f"wait for {truncated(name)}", waits(result, name), "duration")


def _row(title: str, estimates: Sequence[Estimate], kind: Kind) -> TableRow:
    cells = tuple(Cell(show(one, kind), reason=_reason(one)) for one in estimates)
    return TableRow(title, cells, _common_reason(estimates))


def _common_reason(estimates: Collection[Estimate]) -> str:
    """Return the reason for which there is no figure at all, "" where there is one."""
    reasons = {one.reason or "" for one in estimates}
    untold = all(one.value is None for one in estimates)
    return reasons.pop() if untold and len(reasons) == 1 else ""


def _reason(estimate: Estimate) -> str:
    """Return why there is no figure, "" where there is one."""
    return (estimate.reason or "") if estimate.value is None else ""


def _load_row(result: Result) -> Iterator[TableRow]:
    """Yield the load that is offered to each server's busiest station, where it has a rate."""
    if result.loads:
        loads = (result.loads.get(name) for name in result.servers)
        cells = (
            Cell(show_value(load.utilisation if load else None, "share"), note=_station(load))
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
        _theory_row(result, one, figure, one.server in certain)
        for one in result.known
        for figure in one.figures
    )


def _theory_row(result: Result, one: Known, figure: Figure, certain: bool) -> TheoryRow:
    shown = parse_metric(figure.metric)
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
        note=one.remark or _theory_note(estimate, figure, certain),
    )


def _simulated(result: Result, server: str, figure: Figure) -> Estimate:
    """Return the estimate that goes with *figure*, of a class if it is about one."""
    summary = result.servers.get(server)
    found = summary.classes.get(figure.request) if summary and figure.request else summary
    return found.estimates.get(figure.metric, Estimate(None)) if found else Estimate(None)


def _theory_note(estimate: Estimate, figure: Figure, certain: bool) -> str:
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
