"""The comparisons in sentences: which server is better, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.experiment.runner import contenders_of
from simsched.report.captions import is_cut
from simsched.report.stuck import is_stopped
from simsched.report.text import clean, with_short_names
from simsched.scenario.metrics import Metric, parse_metric, show_value
from simsched.statistics import ranking
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.ranking import HARDLY
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.words.numbers import counted
from simsched.units import CLOSE

_MOST_SERVERS = 3
"""Of more servers than these only the one that answers soonest is told of."""

_MOST_OF_TWO_RUNS = 8
"""So it is with two runs of so many servers, each of which is held against its namesake."""

_MOST_DIGITS = 5

_TIMES = 2
"""From this ratio on it is told as "2.3 times" rather than in per cent more."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """How a metric is told: what a server does, and how a second one is held against it."""

    metric: Metric
    ours: str
    theirs: str


_RESPONSE = _Wording(parse_metric("response_time_s.mean"), "answers in {} on average", "in {}")
_THROUGHPUT = _Wording(parse_metric("throughput_per_s"), "completes {}", "{}")


def verdict(result: Result) -> tuple[str, ...]:
    """Return the sentences on each server but the baseline; of a single one, what it does.

    How they stand comes first.
    """
    servers = tuple(dict.fromkeys(c.server for c in result.comparisons))
    most = _MOST_SERVERS if result.ranking else _MOST_OF_TWO_RUNS
    told = servers if len(servers) <= most else _quickest(result, servers)
    wordings = (_THROUGHPUT,) if result.verdicts else (_RESPONSE, _THROUGHPUT)
    sentences = (
        *_ranking(result),
        *(() if result.verdicts else unanswered(result)),
        *alone(result),
        *(f"{clean(sentence)}." for sentence in result.verdicts),
        *(sentence for server in told for sentence in _sentences(result, server, wordings)),
    )
    return tuple(with_short_names(sentence, result.servers) for sentence in sentences)


def is_settled(difference: Estimate) -> bool:
    """Say whether the interval of *difference* leaves out zero; without one nothing is settled."""
    low, high = difference.low, difference.high
    return low is not None and high is not None and (low > 0 or high < 0)


def change(ratio: float) -> str:
    """Return how much a *ratio* to the baseline is, as in ``40% less`` or ``2.3 times``."""
    return " ".join(_amount(ratio))


def span(low: float, high: float) -> str:
    """Return what a ratio between *low* and *high* may be, as in ``30% to 40% less``.

    Ends that four digits do not tell apart are said once.
    """
    for digits in range(2, _MOST_DIGITS):
        told = _span(low, high, digits)
        if told[0] != told[1]:
            break
    else:
        return change(low)
    (least, way), (most, other_way) = told
    return f"{least} to {most} {way}" if way == other_way else f"{change(low)} to {change(high)}"


def _span(low: float, high: float, digits: int) -> list[tuple[str, str]]:
    ends = sorted((low, high), key=lambda ratio: abs(ratio - 1))
    return [_amount(ratio, digits) for ratio in ends]


def _amount(ratio: float, digits: int = 2) -> tuple[str, str]:
    """Return how much and which way."""
    if ratio >= _TIMES:
        return f"{ratio:.{digits + 1}g}", "times"
    return show_value(abs(ratio - 1), "share", digits), "less" if ratio < 1 else "more"


def _quickest(result: Result, servers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one of *servers* that answers soonest on average."""
    means = {server: _value(result, server, _RESPONSE.metric) for server in servers}
    known = {server: mean for server, mean in means.items() if mean is not None}
    return (min(known, key=known.__getitem__),) if known else ()


def _ranking(result: Result) -> Iterator[str]:
    """Yield how more than two servers stand."""
    told = ranked(result)
    if told is not None:
        yield f"{clean(told[:1].upper() + told[1:])}."


def _sentences(result: Result, server: str, wordings: Sequence[_Wording]) -> Iterator[str]:
    own = {c.metric: c for c in result.comparisons if c.server == server}
    for wording in wordings:
        comparison = own.get(wording.metric.name)
        values = _values(result, comparison, wording) if comparison else ""
        if comparison and values:
            yield f"{values}: {_outcome(result, comparison)}."


def _values(result: Result, comparison: Comparison, wording: _Wording) -> str:
    """Return both figures, as in ``quart answers in 69 ms on average, flask in 116 ms``.

    Where one of them is missing there is nothing to tell: "".
    """
    server, baseline, kind = comparison.server, comparison.baseline, wording.metric.kind
    ours, theirs = (_value(result, name, wording.metric) for name in (server, baseline))
    if ours is None or theirs is None or comparison.difference.value is None:
        return ""
    told = (
        wording.ours.format(show_value(ours, kind)),
        wording.theirs.format(show_value(theirs, kind)),
    )
    return f"{clean(server)} {told[0]}, {clean(baseline)} {told[1]}"


def _outcome(result: Result, comparison: Comparison) -> str:
    """Return what the evidence says of the two figures."""
    difference, ratio = comparison.difference, comparison.ratio
    evidence = _evidence(result, comparison)
    if difference.value == 0:
        agree = difference.low == difference.high == 0
        return f"the same{_everywhere(result) if agree else evidence}"
    if difference.low is not None and not is_settled(difference):
        return f"no difference can be told{evidence}"
    if ratio.value is None:
        return f"{'less' if (difference.value or 0) < 0 else 'more'}{evidence}"
    hardly = "hardly a difference, " if abs(ratio.value - 1) < HARDLY else ""
    return f"{hardly}{change(ratio.value)}{evidence}"


def _evidence(result: Result, comparison: Comparison) -> str:
    """Return the interval in brackets, of the ratio if there is one, and "" without any."""
    level = f"{result.confidence * 100:g} % interval"
    ratio, difference = comparison.ratio, comparison.difference
    if difference.low is None or difference.high is None:
        return ""
    if ratio.low is not None and ratio.high is not None:
        told = span(ratio.low, ratio.high)
        if ratio.high - ratio.low < CLOSE * ratio.high:
            return _everywhere(result)
        return f" ({level}: {told})"
    kind = parse_metric(comparison.metric).kind
    ends = " to ".join(show_value(end, kind) for end in (difference.low, difference.high))
    return f" ({level} of the difference: {ends})"


def _everywhere(result: Result) -> str:
    """Return that all replications agree, where there are several."""
    alone = (result.scenarios[0].run.replications or 1) == 1
    return "" if alone else " in every replication"


def _value(result: Result, server: str, shown: Metric) -> float | None:
    summary = result.servers.get(server)
    estimate = summary.estimates.get(shown.name) if summary else None
    return estimate.value if estimate else None


NOTEWORTHY = 0.01
"""A smaller share of requests that were not answered is in the table, but not in the verdict."""

_MOST_NAMED = 3


def failed(one: ServerSummary) -> float:
    """Return the share of a server's requests that ended without an answer."""
    estimate = one.estimates.get("failed_fraction")
    return (estimate.value if estimate else None) or 0.0


def is_worth_a_row(result: Result, shown: Metric) -> bool:
    """Say whether a table is to have a row for a metric: not for failures where there are none."""
    return shown.name != "failed_fraction" or any(map(failed, result.servers.values()))


def unanswered(result: Result) -> Iterator[str]:
    """Yield a sentence on the requests that got no answer, where they are worth one."""
    shares = {name: failed(one) for name, one in result.servers.items()}
    worst = sorted(shares, key=shares.__getitem__, reverse=True)
    told = list(shares) if len(shares) <= _MOST_NAMED else worst[:1]
    if shares[worst[0]] < NOTEWORTHY:
        return
    first, *others = told
    rest = "".join(f", {clean(name)} {_share(shares[name])}" for name in others)
    yield (
        f"{clean(first)} leaves {_share(shares[first])} of its requests without an answer{rest}; "
        "response times are of those answered."
    )


def alone(result: Result) -> Iterator[str]:
    """Yield what there is to say of a single server."""
    if len(result.servers) > 1:
        return
    ((name, one),) = result.servers.items()
    mean = _figure(one, "response_time_s.mean")
    told = _untold(result, one) if mean is None else _limits(one, mean)
    yield f"{clean(name)} {told}."


def _limits(one: ServerSummary, mean: float) -> str:
    limits = [
        f"{words} within {show_value(value, 'duration')}"
        for metric, words in (("p50", "half of all"), ("p95", "95 %"), ("p99", "99 %"))
        if (value := _figure(one, f"response_time_s.{metric}")) is not None
    ]
    told = ", ".join([f"answers in {show_value(mean, 'duration')} on average", *limits])
    return f"{told}; it completes {_rate(one)}"


def _untold(result: Result, one: ServerSummary) -> str:
    """Return what a server does of which no mean response time can be told."""
    if one.unstable is not None:
        return f"cannot keep up with the load; it completes {_rate(one)}"
    if not one.requests.get("completed"):
        stopped = is_stopped(result, one.server)
        why = ": none finished, they wait for each other (deadlock)" if stopped else ""
        return f"answered none of its {counted(sum(one.requests.values()), 'request')}{why}"
    if is_cut(result):
        return "answered none of its requests after the warm-up"
    return f"has no mean response time: {one.estimates['response_time_s.mean'].reason}"


def _rate(one: ServerSummary) -> str:
    return show_value(_figure(one, "throughput_per_s"), "rate")


def _figure(one: ServerSummary, name: str) -> float | None:
    estimate = one.estimates.get(name)
    return estimate.value if estimate else None


def _share(fraction: float) -> str:
    return show_value(fraction, "share", 2) if fraction else "none"


def best(result: Result, shown: Metric) -> str | None:
    """Return the server that is best in a metric; None where there is no best, or none is proven.

    Servers that were not simulated together have no ranking, and no best.
    """
    if shown.better is None or not result.ranking:
        return None
    servers = tuple(result.servers.values())
    higher = shown.better == "higher"
    certain = all(each.is_certain for each in contenders_of(result.scenarios))
    return ranking.best(
        servers, shown.name, higher=higher, confidence=result.confidence, certain=certain
    )


def ranked(result: Result) -> str | None:
    """Return how more than two servers stand, in a sentence; None where that cannot be told."""
    silent = {name for name, one in result.servers.items() if _is_silent(one)}
    return ranking.sentence(result.ranking, silent)


def _is_silent(one: ServerSummary) -> bool:
    """Say whether a server answered nobody; of one that cannot keep up there are no means."""
    mean = one.estimates.get("response_time_s.mean")
    return mean is not None and mean.reason == NOTHING_COMPLETED
