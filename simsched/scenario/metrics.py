"""The metrics that a scenario may name, in ``run.until`` and ``slo``, and limits on them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, assert_never

from simsched import units
from simsched.scenario.number_format import Kind

Better = Literal["higher", "lower"]
"""Which way a metric improves."""


PARTS = ("retries", "queue", "cpu_wait", "cpu", "io_wait", "io")
"""What a request's time divides into, in the order in which it is first met."""

SLOWEST = ("slowest_5_percent", "slowest_1_percent")
"""The groups of slow requests whose time is reported by part."""

RESOURCE_METRICS: dict[str, tuple[str, Kind]] = {
    "resource_utilisation": ("resource_utilisation", "share"),
    "resource_wait": ("resource_wait_s", "duration"),
}
"""The metrics of a resource: name in ``summary.json`` and kind; a dot and its name follow."""

SERVICE_METRICS: dict[str, tuple[str, Kind]] = {
    "service_utilisation": ("service_utilisation", "share"),
    "service_wait": ("service_wait_s", "duration"),
    "service_time": ("service_time_s", "duration"),
}
"""The same of a service."""

_SPENT = "time_spent"
_MEAN = "mean"
_QUANTILE = re.compile(r"response_time(?:_s)?\.(?P<quantile>p[0-9.]+)")
_PROBABILITY = re.compile(r"p(?P<percent>[0-9]{1,2}(?:\.[0-9]{1,6})?)")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Attributes:
        text: as a scenario writes it.
        name: as ``summary.json`` writes it.
        kind: how its values are written.
        quantile: the probability of a quantile: of response time, or, where there is a ``part``
            of it, of that.
        part: what of a request's time it is about, if not about all.
        resource: the resource that it is about, if any,
        service: or the service.
        better: which way it improves; None where neither way is an improvement by itself.
        title: what a table calls it.
        least: its least value.
        most: its greatest value, where it is not a share.
    """

    text: str
    name: str
    kind: Kind
    quantile: float | None = None
    part: str | None = None
    resource: str | None = None
    service: str | None = None
    better: Better | None = None
    title: str = field(default="", compare=False)
    least: float = field(default=0.0, compare=False)
    most: float = field(default=math.inf, compare=False)

    def __post_init__(self) -> None:
        if not self.title:
            plain = self.text.replace("_", " ").replace(".", ", ")
            object.__setattr__(self, "title", plain)

    @property
    def bounds(self) -> tuple[float, float]:
        """Its least and its greatest value."""
        return self.least, 1.0 if self.kind == "share" else self.most


_REGISTRY = (
    Metric("throughput", "throughput_per_s", "rate", better="higher"),
    Metric("failed_fraction", "failed_fraction", "share", better="lower", title="not answered"),
    Metric("response_time.mean", "response_time_s.mean", "duration", better="lower"),
    Metric("response_time.max", "response_time_s.max", "duration", better="lower", title="longest"),
    Metric("slowdown", "slowdown", "number", better="lower", least=1.0),
    # A busy processor is good or bad by what it is paid for, and so is overtaking: a short request
    # that overtakes a long one is what some servers are for.
    Metric("cpu_utilisation", "cpu_utilisation", "share", title="CPU utilisation"),
    Metric("order.overtaken_fraction", "order.overtaken_fraction", "share", title="overtaken"),
    Metric(
        "order.kendall_tau",
        "order.kendall_tau",
        "correlation",
        title="order kept (Kendall's tau)",
        least=-1.0,
        most=1.0,
    ),
    Metric(
        "order.largest_displacement",
        "order.largest_displacement",
        "count",
        title="places moved, at most",
    ),
    Metric(
        "fairness.jain_index",
        "fairness.jain_index",
        "number",
        better="higher",
        title="fairness (Jain's index)",
        most=1.0,
    ),
)

METRICS = {each.text: each for each in _REGISTRY}
"""Each metric by the name a scenario uses.

On top come quantiles, as in ``response_time.p99``; what requests spent their time on, as in
``time_spent.queue`` (the mean), ``time_spent.cpu_wait.p99`` or
``time_spent.io_wait.slowest_5_percent``; and the use of a resource or a service, as in
``resource_utilisation.db``, ``resource_wait.db`` and ``service_wait.stock``.
"""


def parse_metric(text: str) -> Metric:
    """Return the metric that *text* names, as in ``response_time.p99``.

    The names of ``summary.json`` (``response_time_s.p99``) are known too.

    Raises:
        ValueError: there is no such metric; the message lists those there are.
    """
    for known in _REGISTRY:
        if text in {known.text, known.name}:
            return known
    if match := _QUANTILE.fullmatch(text):
        quantile = parse_quantile(match["quantile"])
        last = quantile_name(quantile)
        text, name = f"response_time.{last}", f"response_time_s.{last}"
        return Metric(text, name, "duration", quantile, better="lower", title=last)
    family, _, rest = text.partition(".")
    if family.removesuffix("_s") == _SPENT and rest:
        return _time_spent(text, family, rest)
    if rest and (found := _used(family, rest)):
        return found
    longer = f"response_time.{text}"
    if _PROBABILITY.fullmatch(text) or longer in METRICS:
        raise ValueError(f"{text!r} is not a metric; did you mean {longer!r}?")
    names = ", ".join(METRICS)
    families = ", ".join(f"{family}.NAME" for family in (*RESOURCE_METRICS, *SERVICE_METRICS))
    raise ValueError(
        f"{text!r} is not a metric; use one of {names}, response_time.p99, time_spent.queue, "
        f"{families}"
    )


def _used(family: str, rest: str) -> Metric | None:
    """Return the metric of a *family* about the use of the resource or the service *rest*."""
    for written, (name, kind) in RESOURCE_METRICS.items():
        if family in {written, name}:
            title = f"{rest} in use" if kind == "share" else ""
            text, full = f"{written}.{rest}", f"{name}.{rest}"
            return Metric(text, full, kind, resource=rest, title=title)
    for written, (name, kind) in SERVICE_METRICS.items():
        if family in {written, name}:
            title = f"{rest} busy" if kind == "share" else ""
            text, full = f"{written}.{rest}", f"{name}.{rest}"
            return Metric(text, full, kind, service=rest, title=title)
    return None


def time_spent_name(group: str, part: str) -> str:
    """Return the name in ``summary.json`` of the time that a *group* of requests spent on *part*.

    A group is ``all``, one of :data:`SLOWEST`, or a quantile such as ``p99``.
    """
    return f"{_SPENT}_s.{group}.{part}"


def _time_spent(text: str, family: str, rest: str) -> Metric:
    """Return the metric *text*: a part of the time of requests, written in one of two orders."""
    if family == _SPENT:
        part, _, of = rest.partition(".")
        of = of or _MEAN
    else:
        of, _, part = rest.rpartition(".")
    if part not in PARTS:
        raise ValueError(f"{text!r} is not a metric; time_spent is of one of {', '.join(PARTS)}")
    if of in {_MEAN, "all"}:
        return Metric(f"{_SPENT}.{part}", time_spent_name("all", part), "duration", part=part)
    if of in SLOWEST:
        return Metric(f"{_SPENT}.{part}.{of}", time_spent_name(of, part), "duration", part=part)
    quantile = _quantile_of_part(text, of)
    last = quantile_name(quantile)
    name = time_spent_name(last, part)
    return Metric(f"{_SPENT}.{part}.{last}", name, "duration", quantile, part)


def _quantile_of_part(text: str, of: str) -> float:
    try:
        return parse_quantile(of)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a metric; behind the part of time_spent stands one of {_MEAN}, "
            f"{', '.join(SLOWEST)}, or a quantile such as p99"
        ) from None


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
    # In decimals: 99.9 / 100 is 0.9990000000000001 in floats.
    return float(Decimal(number).scaleb(-2 if text.endswith("%") else 0))


def parse_value(text: str, kind: Kind) -> float:
    """Return the value of a metric of *kind* that *text* names, in seconds where it is a duration.

    Raises:
        ValueError: not a value of that kind.
    """
    match kind:
        case "duration":
            return units.parse_duration(text) / units.SECOND
        case "rate":
            return units.parse_rate(text)
        case "share":
            return parse_share(text)
        case "count" | "number" | "correlation":
            if _NUMBER.fullmatch(text.removeprefix("-")) is None:
                raise ValueError(f"{text!r} is not a number")
            return float(text)
        case _:
            assert_never(kind)
