"""What a run has found, or two runs that are compared, for a terminal and for Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from simsched.experiment.result import Result
from simsched.report.document import Document, Row
from simsched.report.scope import throughput, warmup
from simsched.report.table import MEAN, TableRow, is_worth_a_row, short
from simsched.report.text import clean
from simsched.report.timeline import Timeline, timeline
from simsched.report.verdict import verdict
from simsched.scenario.metrics import Metric, parse_metric, parse_quantile, quantile_name
from simsched.scenario.model.run import Run
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION
from simsched.statistics.summary import ServerSummary
from simsched.statistics.theory.known import describe
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import percent
from simsched.statistics.words.refusals import no_interval

_QUANTILES = ("response_time_s.p50", "response_time_s.p95", "response_time_s.p99")
_METRICS = ("throughput_per_s", "failed_fraction", MEAN, *_QUANTILES, "slowdown", "cpu_utilisation")
"""The metrics of the short table, in its order."""

_MOST_REQUESTS = 20
"""A run of more requests has no timeline on a terminal."""

_MOST_NUMBERS = 8
_LONGEST_NAME = 24
_CALLED = {MEAN: "the mean response time"}
_USUAL = Run.model_fields["quantiles"].default


def document(result: Result) -> Document:
    """Return what there is to say of a run, or of two that are compared."""
    said = verdict(result)
    return Document(
        heading=heading(result),
        sentences=(*said.headlines, *said.details, *result.notes),
        judgements=result.judgements,
        table=rows(result),
        by_server=True,
        longest_name=_LONGEST_NAME,
        remarks=remarks(result),
        warnings=result.warnings,
        theories=tuple(f"Theory: {clean(describe(o))}" for o in result.known if not o.is_bound),
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
    parts = [how_often(result)]
    if parts != ["1 replication"] or any(map(_has_interval, result.servers.values())):
        parts.append(f"{percent(result.confidence)} intervals")
    parts.append(f"seed {seeds(result)}")
    if engine := result.made_with.get("engine"):
        parts.append(f"engine {engine}")
    return f"{clean(result.name)}: {', '.join(parts)}"


def _has_interval(one: ServerSummary) -> bool:
    """Return whether one run has an interval, from its batches."""
    return one.estimates.get(MEAN, Estimate(None)).low is not None


def how_often(result: Result) -> str:
    """Return how often its scenarios were simulated, as in ``1 and 5 replications``."""
    times = list(dict.fromkeys(str(each.run.replications or 1) for each in result.scenarios))
    return f"{' and '.join(times)} replication{'' if times == ['1'] else 's'}"


def seeds(result: Result) -> str:
    """Return the seeds of its scenarios."""
    return " and ".join(dict.fromkeys(str(each.run.seed) for each in result.scenarios))


def short_rows(result: Result) -> tuple[TableRow, ...]:
    """Return the metrics that a short table has, each of every server."""
    return tuple(short(result, _shown(result), _MOST_NUMBERS))


def rows(result: Result) -> tuple[Row, ...]:
    """Return a row a metric and a column a server, under a row of names."""
    found = short_rows(result)
    names = (clean(one.server) for one in result.servers.values())
    return ("", *names), *((row.title, *(cell.text for cell in row.cells)) for row in found)


def remarks(result: Result) -> tuple[str, ...]:
    """Return what stands below the table: what figures leave out, and why some are missing."""
    cut, over = warmup(result), throughput(result)
    parts = [words.left_out(cut) if cut else "", over, *refusals(result)]
    return tuple(filter(None, parts))


def refusals(result: Result) -> tuple[str, ...]:
    """Return why quantiles or intervals are missing: each reason once."""
    servers = [one for one in result.servers.values() if one.unstable is None]
    shown, asked = list(_shown(result)), _asked(result)
    reasons: dict[str, list[str]] = defaultdict(list)
    for one in servers:
        for reason in dict.fromkeys(_reasons(one, shown, asked)):
            reasons[reason].append(clean(one.server))
    return tuple(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())


def _reasons(one: ServerSummary, shown: Sequence[Metric], asked: Sequence[str]) -> Iterator[str]:
    """Yield which figures have no interval, unless a run has none at all, and missing quantiles.

    Of a server without answers only the quantiles that were *asked* for are explained.
    """
    without: dict[str, list[str]] = defaultdict(list)
    for each in shown:
        found = one.estimates.get(each.name, Estimate(None))
        if found.value is not None and found.low is None:
            without[found.reason or ONE_REPLICATION].append(_CALLED.get(each.name, each.title))
    without.pop(ONE_REPLICATION, None)
    yield from (no_interval(titles, reason) for reason, titles in without.items())
    rows = (each.name for each in shown if each.quantile and one.value(MEAN) is not None)
    estimates = (one.estimates.get(name, Estimate(None)) for name in dict.fromkeys([*asked, *rows]))
    yield from (each.reason for each in estimates if each.value is None and each.reason)


def _asked(result: Result) -> tuple[str, ...]:
    """Return the quantiles that a scenario asks for by itself, by their dotted names."""
    found = [one.run.quantiles for one in result.scenarios if one.run.quantiles != _USUAL]
    probabilities = sorted({parse_quantile(text) for texts in found for text in texts})
    return tuple(f"response_time_s.{quantile_name(each)}" for each in probabilities)


def _shown(result: Result) -> Iterator[Metric]:
    """Yield the metrics that have a row: those that are asked for, or that anything is known of."""
    asked = _asked(result)
    servers = result.servers.values()
    any_answer = any(one.requests.get("completed") for one in servers)
    for name in _with_quantiles(asked):
        known = any(one.value(name) is not None for one in servers)
        is_expected = name in asked or (any_answer and name not in _QUANTILES)
        if is_worth_a_row(result, shown := parse_metric(name)) and (known or is_expected):
            yield shown


def _with_quantiles(asked: Sequence[str]) -> Iterator[str]:
    """Yield the metrics of the short table, with the quantiles that are *asked* for if any are."""
    for name in _METRICS:
        if name == _QUANTILES[0]:
            yield from asked or _QUANTILES
        elif name not in _QUANTILES:
            yield name
