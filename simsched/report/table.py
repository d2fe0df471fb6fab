"""The tables of a run as data: the page has all of it, a terminal and Markdown the short form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from simsched.experiment.result import Result
from simsched.report.text import clean, truncated
from simsched.report.verdict import best
from simsched.scenario.metrics import Metric, parse_metric
from simsched.scenario.number_format import Kind, show_value
from simsched.statistics import losses
from simsched.statistics.contender import contenders_of
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.theory.known import Figure, Known, agreement
from simsched.statistics.words import theory as theory_words
from simsched.statistics.words.comparison import small_print
from simsched.statistics.words.numbers import show
from simsched.statistics.words.refusals import WAITS_FOR_EVER

MEAN = "response_time_s.mean"
OVERTAKEN = "order.overtaken_fraction"
_OF_CLASS = (MEAN, "response_time_s.p50", "response_time_s.p95", "slowdown")
_OF_STREAM = (MEAN, "response_time_s.p95")
_MOST_NUMBERS = 20
"""A longer order of completion is left to the figure."""


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
    """Return the rows of the comparison, in the order of ``summary.json``, the empty ones last."""
    names = dict.fromkeys(name for one in result.servers.values() for name in one.estimates)
    shown = (each for each in map(parse_metric, names) if is_worth_a_row(result, each))
    rows = _gathered([metric_row(result, each) for each in shown])
    return (
        *sorted(rows, key=lambda row: bool(row.reason)),
        *_gathered([*resource_rows(result)]),
        *_gathered([*service_rows(result)]),
        *_load_row(result),
        *order_row(result, _MOST_NUMBERS),
    )


def is_worth_a_row(result: Result, shown: Metric) -> bool:
    """Return whether a metric has a row: failures have none where there are none."""
    return shown.name != losses.FAILED or any(map(losses.share, result.servers.values()))


class Part(NamedTuple):
    """A class of requests, or a stream: its kind in a word, its name, and its rows."""

    kind: str
    name: str
    rows: tuple[TableRow, ...]


def parts(result: Result) -> tuple[Part, ...]:
    """Return a few metrics of each class and each stream of requests, where there are several."""
    shown = [*map(parse_metric, _OF_CLASS)]
    return tuple(
        Part(kind, name, tuple(_gathered([row(result, name, each) for each in shown])))
        for kind, key, row in (("class", "classes", _class_row), ("stream", "streams", stream_row))
        for name in dict.fromkeys(n for one in result.servers.values() for n in getattr(one, key))
    )


def counts(result: Result) -> tuple[TableRow, ...]:
    """Return how many requests ended in each way, over all replications, and the attempts."""
    rows = [_count_row(f"{words_of(end)} requests", result, end) for end in _ends(result)]
    attempts = [one.attempts for one in result.servers.values()]
    if any(each is not None for each in attempts):
        rows.append(TableRow("attempts", tuple(Cell(show_value(n, "count")) for n in attempts)))
    return tuple(rows)


def _ends(result: Result) -> list[str]:
    """Return the ways in which any request ended."""
    every = (one.requests.items() for one in result.servers.values())
    return list(dict.fromkeys(end for counts in every for end, count in counts if count))


def _count_row(title: str, result: Result, end: str) -> TableRow:
    found = (one.requests.get(end, 0) for one in result.servers.values())
    return TableRow(title, tuple(Cell(show_value(each, "count")) for each in found))


def words_of(end: str) -> str:
    """Return how a request ended, as in ``timed out``."""
    return end.lower().replace("_", " ")


def metric_row(result: Result, shown: Metric) -> TableRow:
    """Return a metric of every server, and how it is to the baseline's."""
    found = {server: one.estimates for server, one in result.servers.items()}
    return _compared_row(shown, found, result.comparisons, best(result, shown))


def _class_row(result: Result, name: str, shown: Metric) -> TableRow:
    of_class = {server: one.classes.get(name) for server, one in result.servers.items()}
    found = {server: one.estimates if one else {} for server, one in of_class.items()}
    comparisons = (each for each in result.class_comparisons if each.request == name)
    return _compared_row(shown, found, comparisons)


def stream_row(result: Result, name: str, shown: Metric) -> TableRow:
    """Return a metric of one stream on every server."""
    of_stream = {server: one.streams.get(name) for server, one in result.servers.items()}
    found = {server: one.estimates if one else {} for server, one in of_stream.items()}
    return _compared_row(shown, found, ())


def _compared_row(
    shown: Metric,
    found: Mapping[str, Mapping[str, Estimate]],
    comparisons: Iterable[Comparison],
    winner: str | None = None,
) -> TableRow:
    to_baseline = {each.server: each for each in comparisons if each.metric == shown.name}
    estimates = {server: _estimate(each, shown) for server, each in found.items()}
    cells = (
        _cell(one, shown, to_baseline.get(server), is_best=server == winner)
        for server, one in estimates.items()
    )
    return TableRow(shown.title, tuple(cells), _common_reason(estimates.values()))


def _cell(
    estimate: Estimate, shown: Metric, comparison: Comparison | None, *, is_best: bool
) -> Cell:
    note = ""
    if comparison is not None and estimate.value is not None:
        note = small_print(comparison.difference, comparison.ratio, shown.kind)
    return Cell(show(estimate, shown.kind), is_best, note, _reason(estimate))


def _estimate(estimates: Mapping[str, Estimate], shown: Metric) -> Estimate:
    """Return the estimate of a metric; where no request was answered, with that as the reason."""
    found, mean = (estimates.get(name, Estimate(None)) for name in (shown.name, MEAN))
    if found.value is None and mean.reason == NOTHING_COMPLETED:
        return replace(found, reason=NOTHING_COMPLETED)
    return found


def resource_rows(result: Result) -> Iterator[TableRow]:
    """Yield how much of each resource was in use, and how long requests waited for it."""
    servers = result.servers.values()
    for name in dict.fromkeys(name for one in servers for name in one.resource_utilisation):
        used = [one.resource_utilisation.get(name, Estimate(None)) for one in servers]
        waits = [_wait(result, one, name) for one in servers]
        yield _row(f"{truncated(name)} in use", used, "share")
        yield _row(f"wait for {truncated(name)}", waits, "duration")


def service_rows(result: Result) -> Iterator[TableRow]:
    """Yield how busy each service was, its queue, and the time that requests spend on calls."""
    servers = result.servers.values()
    for name in dict.fromkeys(name for one in servers for name in one.service_utilisation):
        busy = [one.service_utilisation.get(name, Estimate(None)) for one in servers]
        waits = [one.service_wait.get(name, Estimate(None)) for one in servers]
        yield _row(f"{truncated(name)} busy", busy, "share")
        spent = [one.service_time.get(name, Estimate(None)) for one in servers]
        yield _row(f"queue of {truncated(name)}", waits, "duration")
        yield _row(f"calls to {truncated(name)}", spent, "duration")


def _wait(result: Result, one: ServerSummary, resource: str) -> Estimate:
    # After a deadlock the mean would be of the lucky requests alone.
    if any(trace.deadlock is not None for trace in result.traces.get(one.server, ())):
        return Estimate(None, reason=WAITS_FOR_EVER)
    return one.resource_wait.get(resource, Estimate(None))


def _row(title: str, estimates: Sequence[Estimate], kind: Kind) -> TableRow:
    cells = tuple(Cell(show(one, kind), reason=_reason(one)) for one in estimates)
    return TableRow(title, cells, _common_reason(estimates))


def _common_reason(estimates: Collection[Estimate]) -> str:
    """Return the reason for which there is no figure at all, "" where there is one."""
    reasons = {_reason(one) for one in estimates}
    is_empty = all(one.value is None for one in estimates)
    return reasons.pop() if is_empty and len(reasons) == 1 else ""


def _reason(estimate: Estimate) -> str:
    return (estimate.reason or "") if estimate.value is None else ""


def _load_row(result: Result) -> Iterator[TableRow]:
    """Yield the load that is offered to each server's busiest station, where it has a rate."""
    if result.loads:
        loads = [result.loads.get(name) for name in result.servers]
        cells = (
            Cell(show_value(each.utilisation, "share"), note=f"of its {each.station.name}")
            if each
            else Cell(show_value(None, "share"))
            for each in loads
        )
        yield TableRow("offered load", tuple(cells))


def order_row(result: Result, most: int) -> Iterator[TableRow]:
    """Yield the order of completion where it can be read: of at most so many requests."""
    orders = [one.completion_order for one in result.servers.values()]
    if any(orders) and all(order is None or len(order) <= most for order in orders):
        texts = (" ".join(map(str, order or ())) or show_value(None, "count") for order in orders)
        yield TableRow("completion order", tuple(Cell(text) for text in texts))


def _gathered(rows: Sequence[TableRow]) -> Iterator[TableRow]:
    """Yield *rows*, those that are empty for one reason as one.

    Several quantiles may need more requests than there are: the reason is then that of the first.
    """
    # A row a quantile that says the same of each would push the figures off the screen.
    titles: dict[str, list[str]] = {}
    for row in rows:
        titles.setdefault(_fact(row.reason), []).append(row.title)
    for row in rows:
        if not row.reason:
            yield row
        elif row.title == titles[_fact(row.reason)][0]:
            yield replace(row, title="; ".join(titles[_fact(row.reason)]))


def _fact(reason: str) -> str:
    """Return what a reason ends with: how many requests there are, say."""
    return reason.rpartition("; ")[2]


def footnotes(rows: Sequence[TableRow]) -> dict[str, int]:
    """Return the reasons for which figures are missing in *rows*, each with its number from 1."""
    cells = (cell for row in rows if not row.reason for cell in row.cells)
    reasons = dict.fromkeys(cell.reason for cell in cells if cell.reason)
    return {reason: number for number, reason in enumerate(reasons, start=1)}


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
        _theory_row(result, one, figure, certain=one.server in certain)
        for one in result.known
        for figure in one.figures
    )


def _theory_row(result: Result, one: Known, figure: Figure, *, certain: bool) -> TheoryRow:
    metric = parse_metric(figure.metric)
    estimate = _simulated(result.servers.get(one.server), figure)
    return TheoryRow(
        server=one.server,
        model=one.model,
        metric=theory_words.of(metric.title, figure.request),
        formula=theory_words.value(metric, figure.relation, figure.value),
        simulated=show(estimate, metric.kind),
        source=one.source,
        note=one.remark or agreement(figure, estimate, certain=certain),
    )


def _simulated(summary: ServerSummary | None, figure: Figure) -> Estimate:
    """Return the estimate that goes with *figure*, of a class if it is about one."""
    found = summary.classes.get(figure.request) if summary and figure.request else summary
    return found.estimates.get(figure.metric, Estimate(None)) if found else Estimate(None)


def short(result: Result, metrics: Iterable[Metric], most_numbers: int) -> list[TableRow]:
    """Return the rows that a terminal has: *metrics*, resources, order, and requests lost."""
    rows = [*(metric_row(result, each) for each in metrics), *_used(result)]
    orders = [*order_row(result, most_numbers)]
    if not orders and any(one.completion_order != () for one in result.servers.values()):
        orders = [metric_row(result, parse_metric(OVERTAKEN))]
    return [*rows, *orders, *_streams(result), *_lost(result)]


def _streams(result: Result) -> Iterator[TableRow]:
    """Yield how long the requests of each stream take, on average and at worst."""
    for name in dict.fromkeys(name for one in result.servers.values() for name in one.streams):
        for metric in map(parse_metric, _OF_STREAM):
            row = stream_row(result, name, metric)
            title = metric.title.removeprefix("response time, ")
            yield replace(row, title=f"{clean(truncated(name))}: {title}")


def _used(result: Result) -> Iterator[TableRow]:
    used = (*resource_rows(result), *service_rows(result))
    rows = (replace(row, title=clean(row.title)) for row in used)
    return (row for row in rows if not row.reason)


def _lost(result: Result) -> Iterator[TableRow]:
    """Yield how many requests ended in each way but with an answer.

    Requests are counted in the whole run, also where figures leave a warm-up out.
    """
    is_cut = any(cut.requests for one in result.servers.values() for cut in one.warmup)
    for end in _ends(result):
        if end != "completed":
            yield _count_row(f"{words_of(end)}{', whole run' * is_cut}", result, end)
