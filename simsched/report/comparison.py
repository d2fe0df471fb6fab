"""The comparison table as cells of text, before a terminal or Markdown draws it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from simsched.experiment.result import Result
from simsched.report.answered import is_worth_a_row
from simsched.report.figures import ABSENT, show, show_value
from simsched.report.metric import BRIEF, Metric, metric, metrics
from simsched.report.text import clean
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary

Row = tuple[str, ...]
_MOST_NUMBERS = 8
_OVERVIEW = (
    ("throughput_per_s", "throughput"),
    ("response_time_s.mean", "mean"),
    ("response_time_s.p50", "p50"),
    ("response_time_s.p95", "p95"),
    ("response_time_s.p99", "p99"),
    ("slowdown", "slowdown"),
    ("cpu_utilisation", "CPU"),
    ("order.overtaken_fraction", "overtaken"),
)
DISPENSABLE = ("slowdown", "p50", "CPU", "overtaken", "p99")
"""The columns of an overview that are left out, in this order, until it fits."""


def heading(result: Result) -> str:
    """Return the scenario's name, how often it was simulated, and from which seed."""
    run = result.scenarios[0].run
    times = run.replications or 1
    often = "1 replication" if times == 1 else f"{times} replications, {_percent(result)} intervals"
    return f"{clean(result.name)}: {often}, seed {run.seed}"


def rows(result: Result) -> tuple[Row, ...]:
    """Return a row a metric and a column a server, under a row of names."""
    servers = tuple(result.servers.values())
    return (
        ("", *(clean(one.server) for one in servers)),
        *(_metric_row(shown, servers) for shown in metrics(BRIEF) if is_worth_a_row(result, shown)),
        *_resource_rows(servers),
        *_order_rows(servers),
        *_lost_rows(servers),
    )


def overview(result: Result, without: Collection[str] = ()) -> tuple[Row, ...]:
    """Return a row a server with the values alone, and no column for the titles in *without*."""
    columns = [(metric(name), title) for name, title in _OVERVIEW if title not in without]
    return (
        ("server", *(title for _, title in columns)),
        *(
            (clean(one.server), *(_value_cell(one, shown) for shown, _ in columns))
            for one in result.servers.values()
        ),
    )


def _percent(result: Result) -> str:
    return f"{result.confidence * 100:g} %"


def _metric_row(shown: Metric, servers: tuple[ServerSummary, ...]) -> Row:
    return (shown.title, *(show(_estimate(one, shown), shown.kind) for one in servers))


def _value_cell(one: ServerSummary, shown: Metric) -> str:
    return show_value(_estimate(one, shown).value, shown.kind)


def _estimate(one: ServerSummary, shown: Metric) -> Estimate:
    return one.estimates.get(shown.name, Estimate(None))


def _resource_rows(servers: tuple[ServerSummary, ...]) -> Iterator[Row]:
    """Yield how much of each resource was in use."""
    for name in dict.fromkeys(name for one in servers for name in one.resource_utilisation):
        found = (one.resource_utilisation.get(name, Estimate(None)) for one in servers)
        yield (f"{clean(name)} in use", *(show(estimate, "fraction") for estimate in found))


def _order_rows(servers: tuple[ServerSummary, ...]) -> tuple[Row, ...]:
    """Return the order of completion where it can be read, and otherwise how much was overtaken."""
    orders = [one.completion_order for one in servers]
    if all(order is not None and len(order) <= _MOST_NUMBERS for order in orders):
        return (("completion order", *(_order(order or ()) for order in orders)),)
    return (_metric_row(metric("order.overtaken_fraction"), servers),)


def _order(order: tuple[int, ...]) -> str:
    return " ".join(map(str, order)) or ABSENT


def _lost_rows(servers: tuple[ServerSummary, ...]) -> tuple[Row, ...]:
    """Return a row for each way of not being answered that happened to any request."""
    ends = dict.fromkeys(end for one in servers for end, count in one.requests.items() if count)
    return tuple(
        (end.replace("_", " "), *(show_value(one.requests.get(end, 0), "count") for one in servers))
        for end in ends
        if end != "completed"
    )
