"""Spans for tests, written in OTLP's JSON."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

EPOCH_NS = 1_700_000_000_000_000_000
MS = 1_000_000
INTERNAL, SERVER, CLIENT = 1, 2, 3

Json = dict[str, Any]


def span(
    trace: int,
    number: int,
    start_ms: float,
    end_ms: float,
    *,
    name: str = "GET /page",
    kind: int | str = SERVER,
    parent: int = 0,
    **attributes: str,
) -> Json:
    """Return a span; ``a__b`` is the attribute ``a.b``."""
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        **({"parentSpanId": f"{parent:016x}"} if parent else {}),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(EPOCH_NS + round(start_ms * MS)),
        "endTimeUnixNano": str(EPOCH_NS + round(end_ms * MS)),
        "attributes": attributes_of({k.replace("__", "."): v for k, v in attributes.items()}),
    }


def attributes_of(values: dict[str, str]) -> list[Json]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def batch(spans: list[Json], service: str = "app", **about: str) -> Json:
    resource = {"service.name": service, **{k.replace("__", "."): v for k, v in about.items()}}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes_of(resource)},
                "scopeSpans": [{"scope": {"name": "tests"}, "spans": spans}],
            }
        ]
    }


def write(path: Path, *batches: Json) -> Path:
    """Write batches, one a line; compressed if the name says so."""
    data = "".join(json.dumps(each) + "\n" for each in batches).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
