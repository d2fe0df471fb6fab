"""The comparisons put in sentences: who wins, by how much, and whether the evidence carries it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.report.answered import alone, unanswered
from simsched.report.figures import show_value
from simsched.report.metric import Metric, metric
from simsched.report.ranking import ranked
from simsched.report.text import clean, with_short_names
from simsched.statistics.estimate import Estimate
from simsched.statistics.ranking import HARDLY
from simsched.statistics.summary import Comparison
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


_RESPONSE = _Wording(metric("response_time_s.mean"), "answers in {} on average", "in {}")
_THROUGHPUT = _Wording(metric("throughput_per_s"), "completes {}", "{}")


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
    return show_value(abs(ratio - 1), "fraction", digits), "less" if ratio < 1 else "more"


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
    kind = metric(comparison.metric).kind
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
