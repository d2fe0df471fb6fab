from __future__ import annotations

import base64
import json
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData
from report_results import MS, Story, lecture, load, trace_of

import simsched
from simsched.engine.trace import Status
from simsched.report.export import FORMATS
from simsched.report.export.otlp import EPOCH_NS
from simsched.report.export.perfetto import _us
from simsched.report.export.slices import sample
from simsched.scenario import loads
from simsched.statistics.time_spent import SLOWEST

SCHEMA = json.loads((Path(__file__).parent / "trace_event_format.schema.json").read_text())
RETRIES = """
name: tries
requests: {page: [{cpu: 10ms}, {io: 30ms}, {cpu: 10ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
client: {timeout: 60ms, retries: {max: 2, backoff: {initial: 5ms}, jitter: none}}
servers: {serial: {model: serial}}
"""
BRANCHES = """
name: branches
requests:
  page: [{parallel: [[{cpu: 9ms}], [{cpu: 9ms}], [{io: 9ms}], [{io: 9ms}], [{io: 9ms}],
         [{io: 40ms, label: long}]]}]
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers:
  free: {model: threaded, interpreter_lock: false, cores: 8}
  loop: {model: cooperative}
"""
POOL = """
name: pool
requests: {page: [{io: 5ms, on: pool}]}
resources: {pool: {capacity: 1}}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers: {loop: {model: cooperative}}
"""
TIERS = """
name: tiers
services: {app: {model: serial}, db: {model: serial}}
requests: {page: [{cpu: 1ms}, {call: app, phases: [{cpu: 2ms}, {call: db, phases: [{cpu: 4ms}]}]}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {proxy: {model: cooperative}}
"""
RESULTS = {
    "tiers": lambda: simsched.run(loads(TIERS)),
    "lecture": lecture,
    "load": lambda: load(count=60),
    "retries": lambda: simsched.run(loads(RETRIES)),
    "branches": lambda: simsched.run(loads(BRANCHES)),
    "pool": lambda: simsched.run(loads(POOL)),
}


@pytest.fixture(scope="module", params=RESULTS.values(), ids=RESULTS.keys())
def result(request):
    return request.param()


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


def test_spans_are_those_of_the_protocol_and_show_the_lecture():
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


def test_a_chrome_trace_keeps_to_the_rules_of_its_format(result):
    document = json.loads(FORMATS["perfetto"].render(result))
    Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"ph": "X"}, {"dur": -1}),
        ({"ph": "b"}, {"id2": {}}),
        ({"ph": "C"}, {"args": {"requests": "3"}}),
        ({"name": "thread_name"}, {"args": {}}),
        ({"ph": "e"}, {"ph": "q"}),
    ],
)
def test_what_breaks_a_rule_of_the_format_is_found(old, new):
    document = json.loads(FORMATS["perfetto"].render(lecture()))
    event = next(e for e in document["traceEvents"] if old.items() <= e.items())
    event.update(new)
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_what_a_thread_computes_does_not_overlap_for_a_reader_of_whole_nanoseconds(result):
    """Perfetto's importer multiplies by 1000 and cuts off the rest; what overlaps is misplaced."""
    threads: dict[tuple, list] = defaultdict(list)
    for event in events(result):
        if event["ph"] == "X":
            span = int(event["ts"] * 1000), int(event["dur"] * 1000)
            threads[event["pid"], event["tid"]].append(span)
    assert threads or all(not trace.cpu_ns.any() for t in result.traces.values() for trace in t)
    for found in threads.values():
        for (start, length), (after, _) in pairwise(sorted(found)):
            assert start + length <= after


@given(st.integers(0, 10**15))  # eleven days
def test_a_time_is_whole_nanoseconds_again(time_ns):
    assert int(_us(time_ns) * 1000) == time_ns


def test_every_event_is_what_perfettos_importer_asks_for(result):
    """As its json_trace_parser_impl.cc reads them; what lacks any of it, it drops."""
    for event in events(result):
        assert isinstance(event["pid"], int)
        if event["ph"] in "ben":
            assert event["id2"]["local"]
        if event["name"] in {"thread_name", "process_name"}:
            assert event["args"]["name"]
        if event["ph"] == "C":
            assert all(isinstance(value, int | float) for value in event["args"].values())


def test_asynchronous_slices_nest_and_are_all_closed(result):
    """The format: those of one category and id nest by time, and must not overlap otherwise."""
    open_slices: dict[tuple, list] = defaultdict(list)
    last: dict[tuple, float] = defaultdict(float)
    for event in events(result):
        if event["ph"] not in "ben":
            continue
        track = (event["pid"], event["id2"]["local"])
        assert event["ts"] >= last[track]
        last[track] = event["ts"]
        if event["ph"] == "b":
            open_slices[track].append(event["name"])
        elif event["ph"] == "e":
            assert open_slices[track].pop() == event["name"]
        else:
            assert open_slices[track]
    assert open_slices
    assert not any(open_slices.values())


def test_slices_of_a_thread_do_not_overlap(result):
    busy = defaultdict(list)
    for event in events(result):
        if event["ph"] == "X":
            busy[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for slices in busy.values():
        slices.sort()
        assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(slices))


def test_every_thread_that_computes_has_a_name_of_its_own():
    found = events(simsched.run(loads(BRANCHES)))
    free = [event for event in found if event["pid"] == 1]
    names = {e["tid"]: e["args"]["name"] for e in free if e["name"] == "thread_name"}
    assert names == {1: "worker 1", 2: "worker 1 (2)"}
    assert {e["tid"] for e in free if e["ph"] == "X"} == {1, 2}


def test_attempts_are_named_and_say_when_the_client_gave_up():
    found = [e for e in events(simsched.run(loads(RETRIES))) if e["ph"] in "bn"]
    ours = [e for e in found if e["id2"]["local"].startswith("2")]
    titles = [(e["id2"]["local"], e["name"]) for e in ours if e.get("args")]
    assert titles == [
        ("2", "2 page"),
        ("2.1", "2 page, attempt 1"),
        ("2.2", "2 page, attempt 2"),
        ("2.3", "2 page, attempt 3"),
    ]
    lost = [(e["name"], e["ts"]) for e in ours if e["ph"] == "n"]
    assert lost == [("timed_out", 60_000), ("timed_out", 125_000), ("timed_out", 195_000)]


def test_branches_at_once_are_tracks_of_their_own_and_alike_ones_are_counted():
    found = [e for e in events(simsched.run(loads(BRANCHES))) if e["ph"] == "b" and e["pid"] == 2]
    tracks = defaultdict(list)
    for event in found:
        tracks[event["id2"]["local"]].append(event["name"])
    assert tracks["1"] == ["1 page", "CPU", "CPU", "3 x I/O"]
    assert tracks["1/2"] == ["1 page, branch 2", "waiting for the CPU"]
    assert tracks["1/3"] == ["1 page, branch 3", "4 x waiting for the CPU", "I/O: long"]


def test_counters_show_the_use_of_resources():
    found = [e for e in events(simsched.run(loads(POOL))) if e["ph"] == "C"]
    counted = {
        name: [(e["ts"], *e["args"].values()) for e in found if e["name"] == name]
        for name in ("pool: in use", "pool: waiting")
    }
    assert counted["pool: in use"] == [(0, 1), (5_000, 1), (10_000, 0)]
    assert counted["pool: waiting"] == [(0, 1), (5_000, 0)]


def test_spans_of_attempts_stand_between_a_request_and_what_it_did():
    found = spans(simsched.run(loads(RETRIES)))["serial"]
    by_id = {span.span_id: span for span in found}
    attempts = [span for span in found if span.name.startswith("attempt ")]
    assert [span.name for span in attempts[:2]] == ["attempt 1", "attempt 2"]
    assert attempts[0].status.code == 2
    children = [span for span in found if by_id.get(span.parent_span_id) in attempts]
    assert children
    for child in children:
        assert attribute(child, "simsched.attempt") == attribute(
            by_id[child.parent_span_id], "simsched.attempt"
        )
    assert {attribute(span, "simsched.attempt") for span in children} == {1, 2, 3}


def attribute(span: Span, key: str) -> int:
    return next(a.value.int_value for a in span.attributes if a.key == key)


def test_a_worker_computes_for_one_request_at_a_time():
    busy = defaultdict(list)
    for event in events(lecture()):
        if event["ph"] == "X":
            busy[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    assert len(busy) == 2
    for slices in busy.values():
        slices.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(slices))


def test_counters_show_how_many_are_there():
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


def test_a_long_run_is_represented_by_its_first_and_its_slowest_requests():
    trace = load(count=400).traces["serial"][0]
    shown = list(sample(trace))
    assert [lane.request for lane in shown[:50]] == list(range(1, 51))
    response = trace.finish_ns - trace.arrival_ns
    slowest = np.argsort(-response, kind="stable")[:SLOWEST] + 1
    late = sorted(slowest[slowest > 50])
    assert late
    assert [lane.request for lane in shown[50:]] == late
    assert [lane.response_ns for lane in shown[50:]] == [response[n - 1] for n in late]
    assert all(lane.stretches == () for lane in shown[50:])


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_can_be_repeated(name):
    assert FORMATS[name].render(lecture()) == FORMATS[name].render(lecture())


def test_a_call_is_a_span_of_its_service_below_the_one_that_calls():
    document = json.loads(FORMATS["otlp"].render(RESULTS["tiers"]()))
    names, spans = [], []
    for each in document["resourceSpans"]:
        about = {one["key"]: one["value"]["stringValue"] for one in each["resource"]["attributes"]}
        names.append(about["service.name"])
        spans.append(each["scopeSpans"][0]["spans"])
    assert names == ["proxy", "app", "db"]
    (app,), (db,) = spans[1:]
    assert app["parentSpanId"] == spans[0][0]["spanId"]
    assert db["parentSpanId"] == app["spanId"]
    assert {app["traceId"], db["traceId"]} == {spans[0][0]["traceId"]}
    assert int(db["startTimeUnixNano"]) - EPOCH_NS == 3 * MS
    assert int(db["endTimeUnixNano"]) - EPOCH_NS == 7 * MS


def test_a_call_is_a_track_of_its_service_where_it_queues_and_is_served():
    tiers = simsched.run(loads(TIERS.replace("request: page}", "request: page, times: 2}")))
    found = events(tiers)
    names = {each["pid"]: each["args"]["name"] for each in found if each["name"] == "process_name"}
    assert list(names.values()) == ["proxy", "proxy: app", "proxy: db"]
    started = [
        (names[each["pid"]], each["id2"]["local"], each["name"], each["ts"] / 1000)
        for each in found
        if each["ph"] == "b" and each["cat"] == "call"
    ]
    assert started == [
        ("proxy: app", "0", "1 page", 1),
        ("proxy: app", "0", "served", 1),
        ("proxy: app", "1", "2 page", 2),
        ("proxy: app", "1", "queue", 2),
        ("proxy: app", "1", "served", 7),
        ("proxy: db", "2", "1 page", 3),
        ("proxy: db", "2", "served", 3),
        ("proxy: db", "3", "2 page", 9),
        ("proxy: db", "3", "served", 9),
    ]
    assert "call of app" in {each["name"] for each in found if each.get("cat") == "request"}
