"""The comparison table as cells of text, before a terminal, Markdown or a page draws it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from simsched.experiment.result import Result
from simsched.report.captions import throughput, warmup
from simsched.report.document import Document, Row
from simsched.report.stuck import waits
from simsched.report.text import clean
from simsched.report.timeline import Timeline, timeline
from simsched.report.verdict import change, is_settled, is_worth_a_row, span, verdict
from simsched.scenario.metrics import (
    ABSENT,
    Metric,
    parse_metric,
    parse_quantile,
    quantile_name,
    show_value,
)
from simsched.scenario.model.run import Run
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.theory.known import describe
from simsched.statistics.words.numbers import show

BRIEF = (
    "throughput_per_s",
    "failed_fraction",
    "response_time_s.mean",
    "response_time_s.p50",
    "response_time_s.p95",
    "response_time_s.p99",
    "slowdown",
    "cpu_utilisation",
)
"""The metrics of the short table, in its order."""

_MOST_REQUESTS = 20
"""A run of more requests has no timeline on a terminal."""

_MOST_NUMBERS = 8
_LONGEST_NAME = 24
_MEAN = "response_time_s.mean"
_CALLED = {_MEAN: "the mean response time"}
_QUANTILE = "response_time_s.p"
_USUAL = Run.model_fields["quantiles"].default


def document(result: Result) -> Document:
    """Return what there is to say of a run, or of two that are compared."""
    return Document(
        heading=heading(result),
        sentences=(*verdict(result), *result.notes),
        judgements=result.judgements,
        table=rows(result),
        by_server=True,
        longest_name=_LONGEST_NAME,
        remarks=remarks(result),
        warnings=result.warnings,
        theories=theories(result),
        timeline=_timeline(result),
    )


def _timeline(result: Result) -> Timeline | None:
    """Return the timeline of a run small enough to be read line by line."""
    counts = [len(traces[0]) for traces in result.traces.values() if traces]
    if not 0 < max(counts, default=0) <= _MOST_REQUESTS:
        return None
    return timeline(result, _MOST_REQUESTS)


def heading(result: Result) -> str:
    """Return the scenario's name, how often it was simulated, from which seed, and by what."""
    told = how_often(result)
    if told != "1 replication" or _has_intervals(result):
        told += f", {_percent(result)} intervals"
    engine = result.made_with.get("engine")
    made = "" if engine is None else f", engine {engine}"
    return f"{clean(result.name)}: {told}, seed {seeds(result)}{made}"


def how_often(result: Result) -> str:
    """Return how often its scenarios were simulated, as in ``1 and 5 replications``."""
    times = list(dict.fromkeys(each.run.replications or 1 for each in result.scenarios))
    return "1 replication" if times == [1] else f"{_joined(times)} replications"


def seeds(result: Result) -> str:
    """Return the seeds of its scenarios."""
    return _joined(list(dict.fromkeys(each.run.seed for each in result.scenarios)))


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _joined(numbers: Sequence[int]) -> str:
    return " and ".join(map(str, numbers))


def rows(result: Result) -> tuple[Row, ...]:
    """Return a row a metric and a column a server, under a row of names."""
    servers = tuple(result.servers.values())
    return (
        ("", *(clean(one.server) for one in servers)),
        *(_metric_row(shown, servers) for shown in _shown(result)),
        *_resource_rows(result),
        *_order_rows(servers),
        *_lost_rows(servers),
    )


def remarks(result: Result) -> tuple[str, ...]:
    """Return what stands below the table: what figures leave out, and why some are missing."""
    cut, over = warmup(result), throughput(result)
    return (
        *([f"figures leave out {cut}"] if cut else []),
        *([over] if over else []),
        *refusals(result),
    )


def refusals(result: Result) -> tuple[str, ...]:
    """Return why figures are missing, each reason once.

    They are quantiles that were asked for, intervals, and a slowdown without mean.
    """
    servers = [one for one in result.servers.values() if one.unstable is None]
    shown, asked = list(_shown(result)), _asked(result)
    told = [(one.server, reason) for one in servers for reason in _reasons(one, shown, asked)]
    return tuple(
        f"{', '.join(clean(who) for who, why in told if why == reason)}: {reason}"
        for reason in dict.fromkeys(reason for _, reason in told)
    )


def _reasons(one: ServerSummary, shown: Sequence[Metric], asked: Sequence[str]) -> Iterator[str]:
    yield from _without_interval(one, shown)
    estimates = (_estimate(one, parse_metric(name)) for name in asked)
    yield from dict.fromkeys(
        estimate.reason
        for estimate in estimates
        if estimate.value is None and estimate.reason is not None
    )


def theories(result: Result) -> tuple[str, ...]:
    """Return what formulas say of the servers, but for mere bounds."""
    return tuple(f"Theory: {clean(describe(one))}" for one in result.known if not one.is_bound)


def _without_interval(one: ServerSummary, shown: Sequence[Metric]) -> Iterator[str]:
    """Yield which figures have no interval, by the reasons, unless a run has none at all."""
    bare: dict[str, list[str]] = defaultdict(list)
    for each in shown:
        found = _estimate(one, each)
        if found.value is not None and found.low is None and found.reason is not None:
            bare[found.reason].append(_CALLED.get(each.name, each.title))
    for reason, titles in bare.items():
        if reason != ONE_REPLICATION:
            verb = "has" if len(titles) == 1 else "have"
            yield f"{_listed(titles)} {verb} no interval: {reason}"


def _asked(result: Result) -> tuple[str, ...]:
    """Return the quantiles that a scenario asks for by itself, by their dotted names."""
    found = [one.run.quantiles for one in result.scenarios if one.run.quantiles != _USUAL]
    probabilities = sorted({parse_quantile(text) for texts in found for text in texts})
    return tuple(f"response_time_s.{quantile_name(each)}" for each in probabilities)


def _shown(result: Result) -> Iterator[Metric]:
    """Yield the metrics that have a row: those that are asked for, or that anything is known of."""
    asked = _asked(result)
    nobody = not any(one.requests.get("completed") for one in result.servers.values())
    for shown in map(parse_metric, _with_quantiles(asked)):
        known = any(_estimate(one, shown).value is not None for one in result.servers.values())
        is_quantile = shown.name.startswith(_QUANTILE)
        worthy = known or shown.name in asked or not (is_quantile or nobody)
        if is_worth_a_row(result, shown) and worthy:
            yield shown


def _with_quantiles(asked: Sequence[str]) -> Iterator[str]:
    """Yield the metrics of the short table, with the quantiles that are *asked* for if any are."""
    usual = [name for name in BRIEF if name.startswith(_QUANTILE)]
    for name in BRIEF:
        if name not in usual:
            yield name
        elif name == usual[0]:
            yield from asked or usual


def _has_intervals(result: Result) -> bool:
    """Say whether one run has intervals, from its batches."""
    servers = result.servers.values()
    return any(_estimate(one, parse_metric(_MEAN)).low is not None for one in servers)


def _percent(result: Result) -> str:
    return f"{result.confidence * 100:g} %"


def _metric_row(shown: Metric, servers: tuple[ServerSummary, ...]) -> Row:
    return (shown.title, *(show(_estimate(one, shown), shown.kind) for one in servers))


def _estimate(one: ServerSummary, shown: Metric) -> Estimate:
    return one.estimates.get(shown.name, Estimate(None))


def _resource_rows(result: Result) -> Iterator[Row]:
    """Yield how much of each resource was in use, and how long those waited who needed it."""
    servers = result.servers.values()
    for name in dict.fromkeys(name for one in servers for name in one.resource_utilisation):
        used = (one.resource_utilisation.get(name, Estimate(None)) for one in servers)
        yield (f"{clean(name)} in use", *(show(estimate, "share") for estimate in used))
        waited = waits(result, name)
        if any(one.value is not None for one in waited):
            yield (f"wait for {clean(name)}", *(show(estimate, "duration") for estimate in waited))


def _order_rows(servers: tuple[ServerSummary, ...]) -> tuple[Row, ...]:
    """Return the order of completion where it can be read, and otherwise how much was overtaken."""
    orders = [one.completion_order for one in servers]
    if all(order == () for order in orders):
        return ()
    if all(order is not None and len(order) <= _MOST_NUMBERS for order in orders):
        return (("completion order", *(_order(order or ()) for order in orders)),)
    return (_metric_row(parse_metric("order.overtaken_fraction"), servers),)


def _order(order: tuple[int, ...]) -> str:
    return " ".join(map(str, order)) or ABSENT


def _lost_rows(servers: tuple[ServerSummary, ...]) -> tuple[Row, ...]:
    """Return a row for each way of not being answered that happened to any request.

    Requests are counted in the whole run, also where a warm-up is left out of the other figures.
    """
    ends = dict.fromkeys(end for one in servers for end, count in one.requests.items() if count)
    cut = any(each.requests for one in servers for each in one.warmup)
    whole = ", whole run" if cut else ""
    return tuple(
        (
            f"{end.replace('_', ' ')}{whole}",
            *(show_value(one.requests.get(end, 0), "count") for one in servers),
        )
        for end in ends
        if end != "completed"
    )


_HARDLY = 0.001
"""A smaller change has no figure of its own."""


def held_against(comparison: Comparison, shown: Metric) -> str:
    """Return how a figure is to the baseline's, as in ``30 % to 40 % less``; "" if it is the same.

    Shares are held against each other in percentage points, which go together with the figures.
    """
    difference, ratio = comparison.difference, comparison.ratio
    if difference.low is not None and not is_settled(difference):
        return "no clear difference"
    if shown.kind == "share":
        return _points(difference)
    if ratio.value is None or ratio.value == 1:
        return ""
    if all(abs(end - 1) < _HARDLY for end in (ratio.low, ratio.value, ratio.high) if end):
        return "hardly a difference"
    if ratio.low is None or ratio.high is None:
        return change(ratio.value)
    return span(ratio.low, ratio.high)


def _points(difference: Estimate) -> str:
    """Return a difference of shares in percentage points; it is no more than all there is."""
    if not difference.value:
        return ""
    way = "less" if difference.value < 0 else "more"
    ends = sorted(abs(end) for end in (difference.low, difference.high) if end is not None)
    least, *most = [_in_percent(min(end, 1.0)) for end in ends or [abs(difference.value)]]
    told = f"{least} to {most[0]}" if most and most[0] != least else least
    return f"{told} points {way}"


def _in_percent(share: float) -> str:
    return show_value(share, "share", 2).removesuffix(" %")
