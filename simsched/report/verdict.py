"""The comparisons put in sentences: who wins, by how much, and whether the evidence carries it."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.experiment.result import Result
from simsched.report.figures import show_value
from simsched.report.metric import Metric, metric
from simsched.report.text import clean
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison

_TIMES = 2
"""From this ratio on it is told as "2.3 times" rather than in per cent more."""

_TOLD = ("response_time_s.mean", "throughput_per_s")


def verdict(result: Result) -> tuple[str, ...]:
    """Return a sentence for each server but the baseline, none where there is no other."""
    servers = dict.fromkeys(c.server for c in result.comparisons)
    return tuple(sentence for server in servers for sentence in _sentences(result, server))


def is_settled(difference: Estimate) -> bool:
    """Say whether the interval of *difference* leaves out zero; without one nothing is settled."""
    low, high = difference.low, difference.high
    return low is not None and high is not None and (low > 0 or high < 0)


def _sentences(result: Result, server: str) -> Iterator[str]:
    own = {c.metric: c for c in result.comparisons if c.server == server}
    told = [_told(result, own[name]) for name in _TOLD if name in own]
    clauses = [clause for clause in told if clause]
    if clauses:
        yield f"{clean(server)}: {'; '.join(clauses)}."


def _told(result: Result, comparison: Comparison) -> str:
    """Return what one comparison says, or "" where there is no figure on either side."""
    shown = metric(comparison.metric)
    ours = _value(result, comparison.server, shown)
    theirs = _value(result, comparison.baseline, shown)
    difference = comparison.difference
    if ours is None or theirs is None or difference.value is None:
        return ""
    subject = f"{shown.title} {show_value(ours, shown.kind)}"
    against = f"{clean(comparison.baseline)}'s {show_value(theirs, shown.kind)}"
    if difference.low is not None and not is_settled(difference):
        return f"{subject}, not told apart from {against}{_evidence(result, comparison, shown)}"
    return f"{subject}, {_how(comparison, shown)} {against}{_evidence(result, comparison, shown)}"


def _how(comparison: Comparison, shown: Metric) -> str:
    """Return how the two differ, as in ``40 % less than``."""
    difference, ratio = comparison.difference.value or 0.0, comparison.ratio.value
    if difference == 0:
        return "the same as"
    less, more = ("shorter", "longer") if shown.kind == "duration" else ("less", "more")
    if ratio is None:
        return f"{less if difference < 0 else more} than"
    if ratio >= _TIMES:
        return f"{ratio:.1f} times"
    return f"{show_value(abs(ratio - 1), 'fraction', 2)} {less if ratio < 1 else more} than"


def _evidence(result: Result, comparison: Comparison, shown: Metric) -> str:
    """Return the interval of the difference, in brackets, or "" where there is none."""
    low, high = comparison.difference.low, comparison.difference.high
    if low is None or high is None:
        return ""
    ends = " to ".join(_signed(end, shown) for end in (low, high))
    return f" ({result.confidence * 100:g}% interval of the difference {ends})"


def _signed(value: float, shown: Metric) -> str:
    text = show_value(value, shown.kind)
    return text if value <= 0 else f"+{text}"


def _value(result: Result, server: str, shown: Metric) -> float | None:
    summary = result.servers.get(server)
    estimate = summary.estimates.get(shown.name) if summary else None
    return estimate.value if estimate else None
