from __future__ import annotations

import base64
import csv
import json
from collections import defaultdict
from dataclasses import replace
from io import StringIO
from itertools import pairwise

import pytest
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData
from report_results import MS, Story, lecture, load, trace_of

from simsched.engine.trace import Status
from simsched.experiment.tables import requests_table
from simsched.report.export import FORMATS
from simsched.report.export.otlp import EPOCH_NS
from simsched.report.export.sample import SLOWEST, sample


def events(result) -> list[dict]:
    return json.loads(FORMATS["perfetto"].render(result))["traceEvents"]


def spans(result) -> dict[str, list]:
    """Return each service's spans, read by OTLP's own protobuf definitions."""
    document = json.loads(FORMATS["otlp"].render(result))
    for resource in document["resourceSpans"]:
        for span in resource["scopeSpans"][0]["spans"]:
            for key in {"traceId", "spanId", "parentSpanId"} & set(span):
                # OTLP writes identifiers in hexadecimal where plain protobuf writes base64
                span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    read = json_format.ParseDict(document, TracesData())
    return {
        resource.resource.attributes[0].value.string_value: list(resource.scope_spans[0].spans)
        for resource in read.resource_spans
    }


def test_spans_are_those_of_the_protocol_and_tell_the_lecture():
    found = spans(lecture())
    assert list(found) == ["serial", "cooperative"]
    roots = [span for span in found["cooperative"] if not span.parent_span_id]
    assert [(s.end_time_unix_nano - EPOCH_NS) / MS for s in roots] == [94, 108, 98]
    assert {span.kind for span in roots} == {Span.SPAN_KIND_SERVER}
    assert [span.name for span in roots] == ["page", "page", "ping"]


def test_every_span_has_identifiers_of_its_own_and_lies_within_its_parent():
    for found in spans(lecture()).values():
        by_id = {span.span_id: span for span in found}
        assert len(by_id) == len(found)
        for span in found:
            assert (len(span.trace_id), len(span.span_id)) == (16, 8)
            if span.parent_span_id:
                parent = by_id[span.parent_span_id]
                assert parent.trace_id == span.trace_id
                assert parent.start_time_unix_nano <= span.start_time_unix_nano
                assert span.end_time_unix_nano <= parent.end_time_unix_nano


def test_children_cover_their_request_without_a_gap():
    children = defaultdict(int)
    total = {}
    for span in spans(lecture())["serial"]:
        length = span.end_time_unix_nano - span.start_time_unix_nano
        if span.parent_span_id:
            children[span.trace_id] += length
        else:
            total[span.trace_id] = length
    assert children == total


def test_io_calls_out_and_a_lost_request_is_an_error():
    stories = (Story(0, "c10 i5"), Story(1, "", status=Status.REFUSED))
    (found,) = spans(replace(lecture(), traces={"a": (trace_of(stories),)})).values()
    assert [span.kind for span in found if span.name == "I/O"] == [Span.SPAN_KIND_CLIENT]
    assert [span.status.code for span in found if not span.parent_span_id] == [1, 2]


def test_chrome_events_have_the_fields_that_their_phase_needs():
    needed = {
        "M": {"name", "pid", "tid", "args"},
        "X": {"name", "cat", "ts", "dur", "pid", "tid"},
        "b": {"name", "cat", "id2", "ts", "pid", "tid"},
        "e": {"name", "cat", "id2", "ts", "pid", "tid"},
        "C": {"name", "ts", "pid", "args"},
    }
    for event in events(lecture()):
        assert needed[event["ph"]] <= set(event)
        assert isinstance(event["pid"], int)
        assert event.get("ts", 0) >= 0


def test_asynchronous_slices_nest_and_are_all_closed():
    open_slices: dict[tuple, list] = defaultdict(list)
    last: dict[tuple, float] = defaultdict(float)
    for event in events(load(count=60)):
        if event["ph"] not in "be":
            continue
        track = (event["pid"], event["id2"]["local"])
        assert event["ts"] >= last[track]
        last[track] = event["ts"]
        if event["ph"] == "b":
            open_slices[track].append(event["name"])
        else:
            assert open_slices[track].pop() == event["name"]
    assert open_slices
    assert not any(open_slices.values())


def test_a_worker_computes_for_one_request_at_a_time():
    busy = defaultdict(list)
    for event in events(lecture()):
        if event["ph"] == "X":
            busy[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    assert len(busy) == 2
    for slices in busy.values():
        slices.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(slices))


def test_counters_tell_how_many_are_there():
    counted = [
        (event["ts"], event["args"]["requests"])
        for event in events(lecture())
        if event["ph"] == "C" and event["name"] == "in the system" and event["pid"] == 1
    ]
    assert counted == [(0, 1), (20_000, 2), (72_000, 3), (85_000, 2), (170_000, 1), (184_000, 0)]


@pytest.mark.parametrize("name", ["perfetto", "otlp"])
def test_servers_and_workers_carry_their_names_whatever_they_are(name):
    hostile = '</script>"\\ 🚀\n'
    result = replace(lecture(), traces={hostile: lecture().traces["serial"]})
    assert hostile in json.dumps(
        json.loads(FORMATS[name].render(result)), ensure_ascii=False
    ).replace('\\"', '"').replace("\\\\", "\\").replace("\\n", "\n")


def test_a_long_run_is_told_by_its_first_and_its_slowest_requests():
    trace = load(count=400).traces["serial"][0]
    shown = list(sample(trace))
    assert [lane.request for lane in shown[:50]] == list(range(1, 51))
    assert len(shown) == 50 + SLOWEST
    slowest = sorted((trace.finish_ns - trace.arrival_ns)[50:])[-SLOWEST:]
    assert sorted(lane.response_ns for lane in shown[50:]) == slowest
    assert all(lane.stretches == () for lane in shown[50:])


def test_the_csv_holds_every_request_and_nothing_for_null():
    rows = list(csv.DictReader(StringIO(FORMATS["csv"].render(load(count=20)).decode())))
    table = requests_table(load(count=20))
    assert list(rows[0]) == table.column_names
    assert len(rows) == len(table)
    assert {row["user"] for row in rows} == {""}
    assert [int(row["finish_ns"]) for row in rows] == table["finish_ns"].to_pylist()
    assert rows[0]["status"] == "completed"


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_can_be_repeated(name):
    assert FORMATS[name].render(lecture()) == FORMATS[name].render(lecture())
