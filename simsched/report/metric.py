"""How each metric is called, in which unit it reads, and which way is better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simsched.scenario.metrics import Better, parse_metric

Kind = Literal["rate", "duration", "fraction", "count", "plain"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as people read it.

    Attributes:
        name: its dotted name in ``summary.json``.
        title: what a table calls it.
        kind: ``rate`` per second, ``duration`` in seconds, ``fraction`` of 1 (shown in per
            cent), ``count`` (whole), or ``plain``.
    """

    name: str
    title: str
    kind: Kind

    @property
    def better(self) -> Better | None:
        """Which way it improves; None where neither way is an improvement."""
        try:
            return parse_metric(self.name).better
        except ValueError:  # such as a share of a class, which is in no scenario
            return None


_METRICS = (
    Metric("throughput_per_s", "throughput", "rate"),
    Metric("failed_fraction", "not answered", "fraction"),
    Metric("response_time_s.mean", "response time, mean", "duration"),
    Metric("response_time_s.p50", "p50", "duration"),
    Metric("response_time_s.p90", "p90", "duration"),
    Metric("response_time_s.p95", "p95", "duration"),
    Metric("response_time_s.p99", "p99", "duration"),
    Metric("response_time_s.max", "longest", "duration"),
    Metric("slowdown", "slowdown", "plain"),
    Metric("cpu_utilisation", "CPU utilisation", "fraction"),
    Metric("order.overtaken_fraction", "overtaken", "fraction"),
    Metric("order.kendall_tau", "order kept (Kendall's tau)", "plain"),
    Metric("order.largest_displacement", "places moved, at most", "count"),
    Metric("fairness.jain_index", "fairness (Jain's index)", "plain"),
)

_QUANTILE = "response_time_s.p"
_RESOURCE = "resource_utilisation."

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
"""The metrics of the short comparison table, in its order."""


def metric(name: str) -> Metric:
    """Return how the metric *name* is shown: an unknown one under its own name."""
    known = next((one for one in _METRICS if one.name == name), None)
    if known is None and name.startswith(_RESOURCE):
        return Metric(name, f"{name.partition('.')[2]} in use", "fraction")
    if known is None and name.startswith(_QUANTILE):
        return Metric(name, name.partition(".")[2], "duration")
    return known or Metric(name, name.replace("_", " ").replace(".", ", "), _kind_of(name))


def metrics(names: Iterable[str]) -> tuple[Metric, ...]:
    """Return how each of *names* is shown."""
    return tuple(metric(name) for name in names)


def _kind_of(name: str) -> Kind:
    """Tell the unit from the suffix that names carry."""
    if "_per_s" in name:
        return "rate"
    if "_s." in name or name.endswith("_s"):
        return "duration"
    return "fraction" if "fraction" in name or "utilisation" in name else "plain"
