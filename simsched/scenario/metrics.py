"""The metrics that a scenario may name, in ``run.until`` and ``slo``, and limits on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from simsched import units

Kind = Literal["duration", "rate", "share", "number"]
Operator = Literal["<", "<=", ">", ">="]

METRICS: dict[str, tuple[str, Kind]] = {
    "throughput": ("throughput_per_s", "rate"),
    "failed_fraction": ("failed_fraction", "share"),
    "response_time.mean": ("response_time_s.mean", "duration"),
    "response_time.max": ("response_time_s.max", "duration"),
    "slowdown": ("slowdown", "number"),
    "cpu_utilisation": ("cpu_utilisation", "share"),
    "order.overtaken_fraction": ("order.overtaken_fraction", "share"),
    "order.kendall_tau": ("order.kendall_tau", "number"),
    "order.largest_displacement": ("order.largest_displacement", "number"),
    "fairness.jain_index": ("fairness.jain_index", "number"),
}
"""Each metric by the name a scenario uses: its name in ``summary.json``, and its kind.

Quantiles come on top: ``response_time.p99`` and any other.
"""

_QUANTILE = re.compile(r"response_time(?:_s)?\.(?P<quantile>p[0-9.]+)")
_PROBABILITY = re.compile(r"p(?P<percent>[0-9]{1,2}(?:\.[0-9]{1,6})?)")
_LIMIT = re.compile(r"(?P<metric>[\w.]+) *(?P<operator><=|>=|<|>) *(?P<value>[^<>=].*)")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: ``text`` as the scenario writes it, ``name`` as ``summary.json`` does, its kind.

    ``quantile`` is the probability of a quantile of response time, else None.
    """

    text: str
    name: str
    kind: Kind
    quantile: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on a metric; ``value`` is in seconds, per second, or without a unit."""

    metric: Metric
    operator: Operator
    value: float

    def allows(self, value: float) -> bool:
        """Say whether *value* keeps the limit."""
        if self.operator in {"<", "<="}:
            return value < self.value or (self.operator == "<=" and value == self.value)
        return value > self.value or (self.operator == ">=" and value == self.value)


def parse_metric(text: str) -> Metric:
    """Return the metric that *text* names, as in ``response_time.p99``.

    The names of ``summary.json`` (``response_time_s.p99``) are known too.

    Raises:
        ValueError: there is no such metric; the message lists those there are.
    """
    for written, (name, kind) in METRICS.items():
        if text in {written, name}:
            return Metric(written, name, kind)
    match = _QUANTILE.fullmatch(text)
    if match is None:
        known = ", ".join(METRICS)
        raise ValueError(f"{text!r} is not a metric; use one of {known}, response_time.p99")
    quantile = parse_quantile(match["quantile"])
    written = quantile_name(quantile)
    return Metric(f"response_time.{written}", f"response_time_s.{written}", "duration", quantile)


def parse_quantile(text: str) -> float:
    """Return the probability that *text* names, as in ``p95`` or ``p99.9``.

    Raises:
        ValueError: not a quantile between p0 and p100, both left out.
    """
    match = _PROBABILITY.fullmatch(text)
    percent = float(match["percent"]) if match else 0.0
    if percent == 0:
        raise ValueError(f"{text!r} is not a quantile; write one such as p50, p95 or p99.9")
    return round(percent / 100, 10)


def quantile_name(probability: float) -> str:
    """Return a quantile's name, as in ``p99`` or ``p99.9``."""
    return f"p{100 * probability:.10g}"


def parse_share(text: str) -> float:
    """Return the share that *text* names, as in ``2%`` or ``0.02``.

    Raises:
        ValueError: not a share.
    """
    number = text.removesuffix("%").rstrip()
    if _NUMBER.fullmatch(number) is None:
        raise ValueError(f"{text!r} is not a share; write one such as 2% or 0.02")
    return float(number) / (100 if text.endswith("%") else 1)


def parse_limit(text: str) -> Limit:
    """Return the limit that *text* sets, as in ``response_time.p99 < 500ms``.

    Raises:
        ValueError: not a limit, no such metric, or a value of another kind; the message says which.
    """
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is not a limit; write one such as response_time.p99 < 500ms "
            "or throughput >= 80/s"
        )
    metric = parse_metric(match["metric"])
    operator: Operator = match["operator"]  # type: ignore[assignment]  # the pattern admits no other
    return Limit(metric, operator, parse_value(match["value"].strip(), metric.kind))


def parse_value(text: str, kind: Kind) -> float:
    """Return the value of a metric of *kind* that *text* names, in seconds where it is a duration.

    Raises:
        ValueError: not a value of that kind.
    """
    if kind == "duration":
        return units.parse_duration(text) / units.SECOND
    if kind == "rate":
        return units.parse_rate(text)
    if kind == "share":
        return parse_share(text)
    if _NUMBER.fullmatch(text.removeprefix("-")) is None:
        raise ValueError(f"{text!r} is not a number")
    return float(text)


def show_value(value: float, kind: Kind) -> str:
    """Return *value* as people read it: ``412 ms``, ``80.2/s``, ``63.0 %`` or ``3.20``."""
    if kind == "duration":
        return units.format_duration(value)
    if kind == "share":
        return f"{units.format_number(100 * value)} %"
    return f"{units.format_number(value)}{'/s' if kind == 'rate' else ''}"
