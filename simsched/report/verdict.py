"""The verdict of a run: which server is better, by how much, and how sure that is.

The sentences on each pair of servers come with the result; what is added here is how more than two
servers rank, what a single one does, and how many requests each completes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.report.scope import is_cut
from simsched.report.text import clean, with_short_names
from simsched.scenario.metrics import Metric
from simsched.statistics import bottleneck, ranking
from simsched.statistics.contender import contenders_of
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.verdict import NEGLIGIBLE
from simsched.statistics.words import comparison as words
from simsched.statistics.words import servers as of_one

MANY = 6
"""Of more servers than these only the foremost is compared with the baseline in a sentence."""

_MOST_SERVERS = 3
"""With more servers than these, throughput is left to the table."""

_THROUGHPUT = "throughput_per_s"
_MEAN = "response_time_s.mean"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences: those that say which server is better, and *details* on classes and throughput.

    Of many servers *pairs* has one for each beside the baseline, of which one is a headline.
    """

    headlines: tuple[str, ...]
    details: tuple[str, ...]
    pairs: tuple[str, ...] = ()


def verdict(result: Result) -> Verdict:
    """Return what there is to say first of a run, or of two that are compared."""
    # The sentences on pairs come first in the result, those on classes of requests after them.
    servers = dict.fromkeys((one.server, one.baseline) for one in result.comparisons)
    pairs, others = result.verdicts[: len(servers)], result.verdicts[len(servers) :]
    is_many = len(servers) >= MANY
    said = _foremost(result, [name for name, _ in servers], pairs) if is_many else pairs
    changed = () if result.changes is None else (words.changed(result.changes),)
    headlines = (*changed, *_ranking(result), *_alone(result), *said)
    details = (*others, *_throughputs(result), *_bottlenecks(result))
    every = (headlines, details, pairs if is_many else ())
    return Verdict(*(_sentences(result, facts) for facts in every))


def _foremost(result: Result, servers: Sequence[str], pairs: Sequence[str]) -> tuple[str, ...]:
    """Return the sentence of *pairs* on the first of *servers* in the ranking."""
    ranked = [place.server for place in result.ranking if place.server in servers]
    return tuple(pairs[servers.index(name)] for name in (ranked or servers)[:1])


def _sentences(result: Result, facts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(with_short_names(f"{clean(each)}.", result.servers) for each in facts)


def _ranking(result: Result) -> Iterator[str]:
    """Yield how more than two servers rank."""
    silent = {name for name, one in result.servers.items() if _is_silent(one)}

    def are_equal(names: Sequence[str]) -> bool:
        known = [result.servers[name] for name in names if name in result.servers]
        return len(known) == len(names) and ranking.are_equal(known, confidence=result.confidence)

    sentence = ranking.sentence(result.ranking, silent, are_equal)
    if sentence is not None:
        yield sentence


def _is_silent(one: ServerSummary) -> bool:
    """Return whether a server answered no request."""
    # The mean of an overloaded server is missing too, for another reason.
    mean = one.estimates.get(_MEAN)
    return mean is not None and mean.reason == NOTHING_COMPLETED


def _throughputs(result: Result) -> Iterator[str]:
    """Yield which servers complete more requests, or fewer, than the baseline."""
    found = [one for one in result.comparisons if one.metric == _THROUGHPUT]
    for one in found if len(found) <= _MOST_SERVERS else []:
        servers = (one.server, one.baseline)
        ours, theirs = (_value(result, name, _THROUGHPUT) for name in servers)
        if _is_noteworthy(one) and ours is not None and theirs is not None:
            yield words.throughputs(servers, (ours, theirs), one.ratio, result.confidence)


def _bottlenecks(result: Result) -> Iterator[str]:
    """Yield where the time goes of requests that call services or need resources."""
    servers = result.servers.values() if len(result.servers) <= _MOST_SERVERS else ()
    yield from bottleneck.sentences(servers)


def _value(result: Result, server: str, metric: str) -> float | None:
    found = result.servers.get(server)
    return None if found is None else found.value(metric)


def _is_noteworthy(one: Comparison) -> bool:
    ratio = one.ratio.value
    return ratio is not None and abs(ratio - 1) >= NEGLIGIBLE and not one.difference.may_be(0.0)


def _alone(result: Result) -> Iterator[str]:
    """Yield what a single server does."""
    if len(result.servers) > 1:
        return
    ((name, one),) = result.servers.items()
    mean, rate = one.value(_MEAN), one.value(_THROUGHPUT)
    if mean is not None:
        quantiles = {last: one.value(f"response_time_s.{last}") for last in ("p50", "p95", "p99")}
        yield of_one.response_times(name, mean, quantiles, rate)
    elif one.unstable is not None:
        yield of_one.cannot_keep_up(name, rate)
    elif not one.requests.get("completed"):
        yield of_one.answered_none(name, sum(one.requests.values()))
    elif is_cut(result):
        yield of_one.answered_none_after_warmup(name)
    else:
        yield of_one.no_mean(name, one.estimates[_MEAN].reason)


def best(result: Result, metric: Metric) -> str | None:
    """Return the server that is best in a metric; None where there is none, or none is proven.

    Servers that were not simulated together have no ranking, and no best.
    """
    if metric.better is None or not result.ranking:
        return None
    return ranking.best(
        tuple(result.servers.values()),
        metric.name,
        higher=metric.better == "higher",
        confidence=result.confidence,
        certain=all(each.is_certain for each in contenders_of(result.scenarios)),
    )
