"""How the metrics of a summary are shown, by what the registry says of them."""

from __future__ import annotations

from collections.abc import Iterable

from simsched.scenario.metrics import Kind, Metric, parse_metric

__all__ = ["BRIEF", "Kind", "Metric", "metric", "metrics"]

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
    """Return the metric *name*; one that the registry does not have is shown under its own name."""
    try:
        return parse_metric(name)
    except ValueError:
        return Metric(name, name, _kind_of(name))


def metrics(names: Iterable[str]) -> tuple[Metric, ...]:
    """Return how each of *names* is shown."""
    return tuple(metric(name) for name in names)


def _kind_of(name: str) -> Kind:
    """Return the kind of a metric by the suffix that names carry."""
    if "_per_s" in name:
        return "rate"
    if "_s." in name or name.endswith("_s"):
        return "duration"
    return "share" if "fraction" in name or "utilisation" in name else "number"
