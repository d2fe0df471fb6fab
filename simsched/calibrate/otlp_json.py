"""OTLP's JSON, as far as it is read: what is not named here is skipped, however large."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct):
    """A value of an attribute; other kinds are skipped."""

    stringValue: str | None = None  # noqa: N815  the names of the format
    intValue: str | int | None = None  # noqa: N815


class Attribute(msgspec.Struct):
    """An attribute."""

    key: str
    value: Value | None = None


class Span(msgspec.Struct):
    """A span."""

    traceId: str  # noqa: N815
    spanId: str  # noqa: N815
    startTimeUnixNano: str | int  # noqa: N815
    endTimeUnixNano: str | int = 0  # noqa: N815
    parentSpanId: str | None = ""  # noqa: N815
    name: str = ""
    kind: int | str = 0
    traceState: str | None = ""  # noqa: N815
    attributes: list[Attribute] | None = None


class Scope(msgspec.Struct):
    """The spans of an instrumentation."""

    spans: list[Span] | None = None


class Resource(msgspec.Struct):
    """What spans or metrics are of."""

    attributes: list[Attribute] | None = None


class ResourceSpans(msgspec.Struct):
    """The spans of a resource."""

    resource: Resource | None = None
    scopeSpans: list[Scope] | None = None  # noqa: N815
    instrumentationLibrarySpans: list[Scope] | None = None  # noqa: N815  before OTLP 0.19


class Point(msgspec.Struct):
    """A value at a time."""

    timeUnixNano: str | int  # noqa: N815  the names of the format
    startTimeUnixNano: str | int = 0  # noqa: N815
    asDouble: float | None = None  # noqa: N815
    asInt: str | int | None = None  # noqa: N815
    attributes: list[Attribute] | None = None


class Sum(msgspec.Struct):
    """The points of a metric that counts."""

    dataPoints: list[Point] | None = None  # noqa: N815
    aggregationTemporality: int | str = 2  # noqa: N815


class Metric(msgspec.Struct):
    """A metric; those that count have a sum."""

    name: str = ""
    sum: Sum | None = None


class ScopeMetrics(msgspec.Struct):
    """The metrics of an instrumentation."""

    metrics: list[Metric] | None = None


class ResourceMetrics(msgspec.Struct):
    """The metrics of a resource."""

    resource: Resource | None = None
    scopeMetrics: list[ScopeMetrics] | None = None  # noqa: N815


class Batch(msgspec.Struct):
    """A line of a file."""

    resourceSpans: list[ResourceSpans] | None = None  # noqa: N815
    resourceMetrics: list[ResourceMetrics] | None = None  # noqa: N815


DECODER = msgspec.json.Decoder(Batch)


def nanoseconds(given: str | int) -> int:
    """Return a time, in nanoseconds since 1970.

    Raises:
        ValueError: it is none.
    """
    time = int(given) if str(given).isascii() and str(given).isdigit() else -1
    if not 0 <= time < 2**63:
        message = f"the time {str(given)[:40]!r} is no number of nanoseconds since 1970"
        raise ValueError(message)
    return time
