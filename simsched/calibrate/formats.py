"""What kind of measurements a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from simsched.calibrate.reading import fault, opened

DataFormat = Literal["spans", "table", "log"]

_LOOKED_AT = 1 << 16
_SPANS = (b'"resourceSpans"', b'"resourceMetrics"', b'"scopeSpans"', b'"traceId"')
_OTHERS = {"Jaeger": (b'"traceID"', b'"operationName"'), "Zipkin": (b'"localEndpoint"', b'"id"')}
"""Other formats of spans, by keys that their JSON has."""

_EXPORT = (
    "send the spans to an OpenTelemetry Collector (receivers jaeger, zipkin or otlp), and have its "
    "file exporter write them as OTLP/JSON"
)


def format_of(path: Path) -> DataFormat:
    """Return whether the file holds OTLP spans, a table of requests, or an access log.

    Tables are recognized by the ends of their names, spans by what they begin with; anything else
    is taken for a log.

    Raises:
        ScenarioError: the file cannot be read, is empty, or holds spans in another format.
    """
    with opened(path) as (file, _):
        start = file.read1(_LOOKED_AT)
    if not start.strip():
        raise fault(path, "the file is empty")
    if {suffix.lower() for suffix in path.suffixes} & {".csv", ".parquet"}:
        return "table"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_json = text.startswith(b"{")
    for name, keys in _OTHERS.items():
        if text.startswith((b"{", b"[")) and all(key in start for key in keys):
            raise fault(path, f"spans in {name}'s JSON cannot be read", hint=_EXPORT)
    return "spans" if is_json and any(key in start for key in _SPANS) else "log"
