"""A run as OpenTelemetry spans in OTLP's JSON, which Jaeger and others take in.

Every server is a service, every request a trace: a span for its stay, with a child for each stretch
of one activity; where a client tried again, with a child for each attempt and the stretches below
these. What a request calls is a service, too, with a span for each call below its caller's.
Identifiers follow from what they stand for, so that an export can be repeated.

Source: OpenTelemetry Protocol specification 1.x, "JSON Protobuf Encoding": identifiers in
hexadecimal, 64-bit integers as strings, enumerations as numbers; the definitions are those of
``opentelemetry/proto/trace/v1/trace.proto``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from simsched import __version__
from simsched.engine.trace import Activity, Status, Trace
from simsched.experiment.result import Result
from simsched.report.export.slices import sample, shown_calls, words_of
from simsched.report.lanes import Attempt, Lane, Stretch

EPOCH_NS = 1_577_836_800_000_000_000
"""Simulated time 0 in the spans: the beginning of 2020 in UTC."""

_INTERNAL, _SERVER, _CLIENT = 1, 2, 3
_OK, _ERROR = 1, 2

Json = dict[str, Any]


def render(result: Result) -> bytes:
    """Return the first replication of every server as an OTLP traces document."""
    document = {
        "resourceSpans": [
            each
            for server, traces in result.traces.items()
            for each in _resources(result.name, server, traces[0])
        ]
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _resources(scenario: str, server: str, trace: Trace) -> Iterator[Json]:
    """Yield the spans of a server, and those of each service that its requests call."""
    yield _resource(scenario, server, server, list(_spans(scenario, server, trace)))
    calls = list(_calls(scenario, server, trace))
    for position, one in enumerate(trace.services):
        spans = [span for service, span in calls if service == position]
        yield _resource(scenario, server, one.name, spans)


def _resource(scenario: str, server: str, name: str, spans: list[Json]) -> Json:
    about = {"service.name": name, "simsched.scenario": scenario, "simsched.server": server}
    scope = {"name": "simsched", "version": __version__}
    return {
        "resource": {"attributes": _attributes(about)},
        "scopeSpans": [{"scope": scope, "spans": spans}],
    }


def _spans(scenario: str, server: str, trace: Trace) -> Iterator[Json]:
    for lane in sample(trace):
        about = (scenario, server, lane.request)
        trace_id, root = _identifier(32, *about), _identifier(16, *about, "request")
        yield _root(lane) | {"traceId": trace_id, "spanId": root}
        parents = dict.fromkeys(range(1, len(lane.attempts) + 1), root)
        if len(lane.attempts) > 1:
            parents = {number: _identifier(16, *about, "attempt", number) for number in parents}
            for number, attempt in enumerate(lane.attempts, start=1):
                own = {"spanId": parents[number], "parentSpanId": root}
                yield _attempt(lane, number, attempt) | {"traceId": trace_id, **own}
        for number, stretch in enumerate(lane.stretches):
            own = {
                "spanId": _identifier(16, *about, number),
                "parentSpanId": parents.get(stretch.attempt, root),
            }
            yield _child(stretch) | {"traceId": trace_id, **own}


def _calls(scenario: str, server: str, trace: Trace) -> Iterator[tuple[int, Json]]:
    """Yield the calls for the requests that are shown, each with the position of its service."""
    shown = {lane.request: len(lane.attempts) for lane in sample(trace)}
    for call in shown_calls(trace, shown):
        about = (scenario, server, call.request)
        parent = ("attempt", call.attempt) if shown[call.request] > 1 else ("request",)
        if call.caller >= 0:
            parent = ("call", call.caller)
        yield (
            call.service,
            {
                "name": trace.services[call.service].name,
                "kind": _SERVER,
                **_times(call.arrival_ns, call.finish_ns),
                "status": _status(call.status),
                "attributes": _attributes(
                    {"simsched.request": call.request, "simsched.status": call.status.name.lower()}
                ),
                "traceId": _identifier(32, *about),
                "spanId": _identifier(16, *about, "call", call.number),
                "parentSpanId": _identifier(16, *about, *parent),
            },
        )


def _root(lane: Lane) -> Json:
    return {
        "name": lane.kind,
        "kind": _SERVER,
        **_times(lane.arrival_ns, lane.last_ns),
        "status": _status(lane.status),
        "attributes": _attributes(
            {"simsched.request": lane.request, "simsched.status": lane.status.name.lower()}
        ),
    }


def _attempt(lane: Lane, number: int, attempt: Attempt) -> Json:
    """Return an attempt, to the end of what the server did for it."""
    ends = [each.finish_ns for each in lane.stretches if each.attempt == number]
    ended = attempt.arrival_ns if attempt.finish_ns is None else attempt.finish_ns
    return {
        "name": f"attempt {number}",
        "kind": _SERVER,
        **_times(attempt.arrival_ns, max([ended, *ends])),
        "status": _status(attempt.status),
        "attributes": _attributes(
            {"simsched.attempt": number, "simsched.status": attempt.status.name.lower()}
        ),
    }


def _status(status: Status) -> Json:
    return {"code": _OK if status is Status.COMPLETED else _ERROR}


def _child(stretch: Stretch) -> Json:
    about: dict[str, str | int] = {
        "simsched.activity": stretch.activity.name.lower(),
        "simsched.attempt": stretch.attempt,
    }
    if stretch.worker >= 0:
        about["simsched.worker"] = stretch.worker + 1
    return {
        "name": words_of(stretch),
        "kind": _CLIENT if stretch.activity is Activity.IO else _INTERNAL,
        **_times(stretch.start_ns, stretch.finish_ns),
        "attributes": _attributes(about),
    }


def _times(start_ns: int, finish_ns: int) -> Json:
    return {
        "startTimeUnixNano": str(EPOCH_NS + start_ns),
        "endTimeUnixNano": str(EPOCH_NS + finish_ns),
    }


def _attributes(about: dict[str, Any]) -> list[Json]:
    return [
        {"key": key, "value": {"intValue": str(value)}}
        if isinstance(value, int)
        else {"key": key, "value": {"stringValue": value}}
        for key, value in about.items()
    ]


def _identifier(digits: int, *of: object) -> str:
    """Return an identifier of that many hexadecimal digits, the same for the same things."""
    return hashlib.sha256(repr(of).encode("utf-8", "surrogatepass")).hexdigest()[:digits]
