"""What kind of measurements a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from simsched.calibrate.reading import fault, opened

DataFormat = Literal["spans", "table", "log"]

_LOOKED_AT = 1 << 16
_SPANS = (b'"resourceSpans"', b'"scopeSpans"', b'"traceId"')


def format_of(path: Path) -> DataFormat:
    """Return whether the file holds OTLP spans, a table of requests, or an access log.

    Tables are recognized by the ends of their names, spans by what they begin with; anything else
    is taken for a log.

    Raises:
        ScenarioError: the file cannot be read, or is empty.
    """
    with opened(path) as file:
        start = file.read(_LOOKED_AT)
    if not start.strip():
        raise fault(path, "the file is empty")
    if {suffix.lower() for suffix in path.suffixes} & {".csv", ".parquet"}:
        return "table"
    is_json = start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return "spans" if is_json and any(key in start for key in _SPANS) else "log"
