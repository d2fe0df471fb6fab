"""Reading OpenTelemetry spans: OTLP's JSON, a batch a line, as the Collector's exporter writes it.

Only what a fit needs is decoded; all else is skipped, however large. Identifiers may be hexadecimal
(as the specification has it) or base64 (as plain protobuf JSON has it), attributes those of the old
and of the new semantic conventions of HTTP and databases.

Source: OpenTelemetry Protocol specification 1.x, "JSON Protobuf Encoding"; semantic conventions
1.20 and 1.27 (``http.*``, ``url.*``, ``db.*``).
"""

from __future__ import annotations

import base64
import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from simsched.calibrate.cpu_metrics import CpuTimes
from simsched.calibrate.otlp_json import (
    DECODER,
    Attribute,
    Batch,
    Resource,
    ResourceSpans,
    Span,
    nanoseconds,
)
from simsched.calibrate.reading import LONGEST_NAME, CutShortError, fault, lines, printable

LONGEST_LINE = 2**26
"""The most bytes of a line or document; a batch of 512 spans has some 300 kB."""

MOST_SPANS = 5_000_000
"""The most spans that are read; they take about 150 bytes each."""

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
"""The kinds of spans that matter; 1 is internal."""

_KINDS = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3}
_KINDS |= {"SPAN_KIND_PRODUCER": 4, "SPAN_KIND_CONSUMER": 5}
_LITERAL = re.compile(r"'[^']*'|\b\d+(?:\.\d+)?\b")
_STATEMENT = 200
_SAMPLED = re.compile(r"(?:^|[;,=])th:([0-9a-f]{1,14})(?:$|[;,])")
"""The sampling threshold of a trace state: what share of 2^56 is left out, in hexadecimal."""


@dataclass(eq=False)
class Spans:
    """The spans of one or several files, as columns in the order in which they were read.

    Attributes:
        start_ns: when each began, since 1970.
        end_ns: when it ended; not before its start.
        kind: its kind, as OTLP numbers them.
        parent: the row of its parent; -1 if it has none, -2 if the parent is not among the spans.
        service: its service, by position in ``services``.
        instance: the process it ran in, by position in ``instances``.
        label: what it does, by position in ``labels``.
        services: the names of services.
        instances: the processes that spans came from: service, instance and process identifiers.
        labels: what spans do: the route of a request, the name and statement of a query.
        databases: the system of the labels that are those of calls of a database.
        sampled: the share of traces that were kept, if their state says so; 1 otherwise.
        backwards: how many ended before they began, and count as points.
        repeated: how many were in the files more than once, and count once.
        cut: the files whose last line is not complete.
        cpu: the CPU times of the processes.
    """

    start_ns: array[int] = field(default_factory=lambda: array("q"))
    end_ns: array[int] = field(default_factory=lambda: array("q"))
    kind: array[int] = field(default_factory=lambda: array("b"))
    parent: array[int] = field(default_factory=lambda: array("q"))
    service: array[int] = field(default_factory=lambda: array("i"))
    instance: array[int] = field(default_factory=lambda: array("i"))
    label: array[int] = field(default_factory=lambda: array("i"))
    services: list[str] = field(default_factory=list)
    instances: list[tuple[str, ...]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    databases: dict[int, str] = field(default_factory=dict)
    sampled: float = 1.0
    backwards: int = 0
    repeated: int = 0
    cut: list[str] = field(default_factory=list)
    cpu: CpuTimes = field(default_factory=CpuTimes)

    def __len__(self) -> int:
        return len(self.start_ns)


def read_spans(paths: Iterable[Path]) -> Spans:
    """Read the spans of files of OTLP/JSON, compressed with gzip or not.

    Raises:
        ScenarioError: a file cannot be read, a line of it is not OTLP/JSON, or there is no span or
            there are more than :data:`MOST_SPANS`.
    """
    reader = _Reader()
    paths = list(paths)
    for path in paths:
        reader.read(path)
    spans = reader.finished()
    if not len(spans):
        raise fault(paths[0], "there are no spans in it", hint="record some requests first")
    return spans


class _Reader:
    """Reads file after file; spans refer to each other across all of them."""

    def __init__(self) -> None:
        self.spans = Spans()
        self._rows: dict[tuple[bytes, bytes], int] = {}
        self._parents: list[tuple[bytes, bytes] | None] = []
        self._names: dict[str, int] = {}
        self._instances: dict[tuple[str, ...], int] = {}
        self._labels: dict[str, int] = {}

    def read(self, path: Path) -> None:
        try:
            self._read(path)
        except CutShortError:
            self.spans.cut.append(path.name)

    def _read(self, path: Path) -> None:
        for number, line in lines(path, LONGEST_LINE, documents=True):
            if line is None:
                raise fault(
                    path,
                    f"it is longer than {LONGEST_LINE // 2**20} MiB in one line or document",
                    number,
                    hint="write a batch a line, as the Collector does",
                )
            try:
                self._take_batch(DECODER.decode(line))
            except RecursionError:
                raise fault(path, "its JSON is nested too deeply", number) from None
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                if number > 1 and not line.endswith(b"\n"):  # its writer was stopped
                    self.spans.cut.append(path.name)
                    break
                raise fault(path, f"not OTLP/JSON: {_plain(error)}", number, _FORMAT) from None
            except ValueError as error:
                raise fault(path, str(error), number) from None
            if len(self.spans) > MOST_SPANS:
                raise fault(path, f"more than {MOST_SPANS:,} spans are too many", number, _LESS)

    def _take_batch(self, batch: Batch) -> None:
        for each in batch.resourceSpans or ():
            self._take(each)
        for metrics in batch.resourceMetrics or ():
            name, process = _process(metrics.resource)
            self.spans.cpu.take(name, process, metrics.scopeMetrics or ())

    def _take(self, part: ResourceSpans) -> None:
        scopes = (part.scopeSpans or part.instrumentationLibrarySpans) or ()
        if not any(scope.spans for scope in scopes):
            return
        name, process = _process(part.resource)
        service = self._names.setdefault(name, len(self._names))
        instance = self._instances.setdefault(process, len(self._instances))
        for scope in scopes:
            for span in scope.spans or ():
                self._add(span, service, instance)

    def _add(self, span: Span, service: int, instance: int) -> None:
        spans, trace = self.spans, _identifier(span.traceId, 16, "traceId")
        own = trace, _identifier(span.spanId, 8, "spanId")
        if own in self._rows:
            spans.repeated += 1
            return
        self._rows[own] = len(spans)
        above = span.parentSpanId
        parent = _identifier(above, 8, "parentSpanId") if above else b""
        self._parents.append((trace, parent) if parent.strip(b"\0") else None)
        start, end = nanoseconds(span.startTimeUnixNano), nanoseconds(span.endTimeUnixNano)
        spans.backwards += end < start
        known = _known(span.attributes, _WANTED) if span.attributes else {}
        kind = _KINDS.get(span.kind, 0) if isinstance(span.kind, str) else span.kind
        text = _request(span.name, known) if kind in {SERVER, CONSUMER} else _call(span.name, known)
        spans.start_ns.append(start)
        spans.end_ns.append(max(start, end))
        spans.kind.append(kind if 0 <= kind <= CONSUMER else 0)
        spans.service.append(service)
        spans.instance.append(instance)
        label = self._labels.setdefault(printable(text), len(self._labels))
        spans.label.append(label)
        if system := known.get("db.system.name") or known.get("db.system"):
            spans.databases[label] = printable(system)
        if span.traceState and (threshold := _SAMPLED.search(span.traceState)):
            left_out = int(threshold[1].ljust(14, "0"), 16) / 2**56
            spans.sampled = min(spans.sampled, 1 - left_out)

    def finished(self) -> Spans:
        rows = self._rows
        self.spans.parent.extend(
            -1 if parent is None else rows.get(parent, -2) for parent in self._parents
        )
        self.spans.services, self.spans.labels = list(self._names), list(self._labels)
        self.spans.instances = list(self._instances)
        return self.spans


_FORMAT = "the Collector's file exporter writes it: a JSON object a line, with resourceSpans"
_LESS = "fit a shorter part"
_ABOUT = frozenset({"service.name", "service.instance.id", "process.pid"})
_WANTED = frozenset(
    {
        "http.route",
        "http.target",
        "url.path",
        "http.url",
        "url.full",
        "http.method",
        "http.request.method",
        "db.system",
        "db.system.name",
        "db.statement",
        "db.query.text",
        "db.query.summary",
    }
)


def _known(attributes: list[Attribute] | None, wanted: frozenset[str]) -> dict[str, str]:
    found = {}
    for each in attributes or ():
        if each.key in wanted and each.value is not None:
            value = each.value.stringValue or each.value.intValue
            if value is not None:
                found[each.key] = str(value)[:LONGEST_NAME]
    return found


def _process(resource: Resource | None) -> tuple[str, tuple[str, str, str]]:
    """Return the service of a resource, and what identifies the process."""
    about = _known(resource.attributes if resource else None, _ABOUT)
    name = printable(about.get("service.name") or "service")
    return name, (name, about.get("service.instance.id", ""), about.get("process.pid", ""))


def _request(name: str, known: Mapping[str, str]) -> str:
    """Return the class of a request: its route, if instrumented; otherwise the span's name."""
    if route := known.get("http.route"):
        return route
    method = known.get("http.request.method") or known.get("http.method") or ""
    path = known.get("url.path") or known.get("http.target") or ""
    # Old conventions name the span after the method alone where there is no route.
    if path and name in {"", method, f"HTTP {method}"}:
        return path.partition("?")[0]
    return name.removeprefix(f"{method} ") or "request"


def _call(name: str, known: Mapping[str, str]) -> str:
    """Return what a call does: its name and, of a query, the statement without its literals."""
    statement = known.get("db.query.summary") or known.get("db.query.text")
    statement = statement or known.get("db.statement")
    if not statement:
        return name
    text = " ".join(_LITERAL.sub("?", statement[:_STATEMENT]).split())
    return f"{name}: {text}"


def _identifier(text: str, length: int, key: str) -> bytes:
    """Return an identifier of that many bytes, written as hexadecimal or base64."""
    try:
        if len(text) == 2 * length:
            return bytes.fromhex(text)
        found = base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    if len(found) != length:
        message = f"{key} is {text[:40]!r}, which is no identifier of {length} bytes"
        raise ValueError(message)
    return found


def _plain(error: Exception) -> str:
    """Return what a decoder says, in one line and with the path of the value."""
    return " ".join(str(error).split())[:200]
