"""Spans are read as exporters write them, and what is wrong with a file is said."""

from __future__ import annotations

import base64
import json
import os

import pytest
from otlp_examples import CLIENT, INTERNAL, SERVER, batch, span, write

from simsched.calibrate import otlp
from simsched.calibrate.formats import format_of
from simsched.calibrate.otlp import read_spans
from simsched.calibrate.visits import visits_of
from simsched.errors import InputError, ScenarioError


def a_request(trace: int = 1, start: float = 0.0):
    base = 10 * trace
    return [
        span(trace, base, start, start + 30, http__route="/page/{id}"),
        span(trace, base + 1, start + 2, start + 22, name="select", kind=CLIENT, parent=base),
    ]


def visits(tmp_path, *batches, service=None):
    return visits_of(read_spans([write(tmp_path / "spans.jsonl", *batches)]), service)


def test_requests_have_the_calls_that_they_waited_for(tmp_path):
    found = visits(tmp_path, batch([*a_request(1), *a_request(2, 50)]))
    assert [len(visit.calls) for visit in found.visits] == [1, 1]
    first = found.visits[0]
    assert found.labels[first.kind] == "/page/{id}"
    assert (first.calls[0].start_ns - first.start_ns, first.calls[0].end_ns - first.start_ns) == (
        2_000_000,
        22_000_000,
    )


@pytest.mark.parametrize("name", ["spans.jsonl", "spans.jsonl.gz", "spans.data"])
def test_spans_are_recognized_by_what_they_are(tmp_path, name):
    assert format_of(write(tmp_path / name, batch(a_request()))) == "spans"


def test_children_may_come_before_their_parents_and_in_other_files(tmp_path):
    parent, child = a_request()
    files = [
        write(tmp_path / "a.jsonl", batch([child])),
        write(tmp_path / "b.jsonl.gz", batch([parent])),
    ]
    found = visits_of(read_spans(files))
    assert len(found.visits[0].calls) == 1
    assert found.lost == 0


def test_a_document_may_take_several_lines(tmp_path):
    file = tmp_path / "spans.json"
    file.write_text(json.dumps(batch(a_request()), indent=2))
    assert len(read_spans([file])) == 2


def test_identifiers_may_be_base64(tmp_path):
    parent, child = a_request()
    for each in (parent, child):
        for key, length in (("traceId", 16), ("spanId", 8), ("parentSpanId", 8)):
            if key in each:
                each[key] = base64.b64encode(int(each[key], 16).to_bytes(length)).decode()
    assert len(visits(tmp_path, batch([parent, child])).visits[0].calls) == 1


@pytest.mark.parametrize(
    ("name", "attributes", "label"),
    [
        ("GET /a/{x}", {"http__route": "/a/{x}", "http__method": "GET"}, "/a/{x}"),
        ("GET", {"http__request__method": "GET", "url__path": "/a"}, "/a"),
        ("GET", {"http__method": "GET", "http__target": "/a?b=1"}, "/a"),
        ("GET /a", {"http__method": "GET"}, "/a"),
        ("consume", {}, "consume"),
    ],
)
def test_the_class_of_a_request_is_its_route(tmp_path, name, attributes, label):
    found = visits(tmp_path, batch([span(1, 1, 0, 1, name=name, **attributes)]))
    assert found.labels[found.visits[0].kind] == label


@pytest.mark.parametrize(
    "attributes",
    [
        {"db__system": "postgresql", "db__statement": "select a from t where id = 17"},
        {"db__system__name": "postgresql", "db__query__text": "select a from t where id = 8"},
    ],
)
def test_queries_that_differ_in_literals_alone_are_the_same(tmp_path, attributes):
    root = span(1, 1, 0, 9)
    query = span(1, 2, 1, 2, name="select", kind=CLIENT, parent=1, **attributes)
    found = visits(tmp_path, batch([root, query]))
    label = found.visits[0].calls[0].label
    assert found.labels[label] == "select: select a from t where id = ?"
    assert found.databases[label] == "postgresql"


def test_of_calls_inside_a_call_the_outermost_counts(tmp_path):
    root = span(1, 1, 0, 9)
    outer = span(1, 2, 1, 8, name="GET", kind="SPAN_KIND_CLIENT", parent=1)
    inner = span(1, 3, 2, 3, name="connect", kind=CLIENT, parent=2)
    assert len(visits(tmp_path, batch([root, outer, inner])).visits[0].calls) == 1


def test_internal_spans_are_part_of_the_computing(tmp_path):
    root = span(1, 1, 0, 9)
    render = span(1, 2, 1, 8, name="render", kind=INTERNAL, parent=1)
    call = span(1, 3, 2, 3, name="GET", kind=CLIENT, parent=2)
    found = visits(tmp_path, batch([root, render, call]))
    (visit,) = found.visits
    assert [call.start_ns - visit.start_ns for call in visit.calls] == [2_000_000]


def two_services():
    page = span(1, 1, 0, 30)
    call = span(1, 2, 2, 28, name="GET stock", kind=CLIENT, parent=1)
    stock = span(1, 3, 3, 27, name="GET /stock", parent=2)
    query = span(1, 4, 5, 20, name="select", kind=CLIENT, parent=3)
    return batch([page, call], "shop"), batch([stock, query], "stock")


def test_the_service_that_no_other_calls_is_learned(tmp_path):
    found = visits(tmp_path, *two_services())
    assert (found.service, list(found.called)) == ("shop", ["stock"])
    assert [found.labels[call.label] for call in found.visits[0].calls] == ["stock GET /stock"]
    other = visits(tmp_path, *two_services(), service="stock")
    assert [other.labels[call.label] for call in other.visits[0].calls] == ["select"]
    assert list(other.called) == []
    with pytest.raises(InputError, match="there is no service 'stok' among the spans: shop, stock"):
        visits(tmp_path, *two_services(), service="stok")


def test_what_cannot_be_used_is_counted(tmp_path):
    lost = span(1, 5, 1, 2, kind=CLIENT, parent=4)
    root = span(2, 6, 0, 10)
    background = span(2, 7, 5, 20, kind=CLIENT, parent=6)
    again = dict(root)
    backwards = span(3, 8, 5, 4)
    recorded = batch([lost, root, background, again, backwards])
    spans = read_spans([write(tmp_path / "s.jsonl", recorded)])
    assert (spans.repeated, spans.backwards) == (1, 1)
    found = visits_of(spans)
    assert (found.lost, found.clipped) == (1, 1)


def test_parents_in_a_circle_are_lost(tmp_path):
    one = span(1, 1, 0, 1, kind=INTERNAL, parent=2)
    two = span(1, 2, 0, 1, kind=INTERNAL, parent=1)
    found = visits(tmp_path, batch([one, two, *a_request(3)]))
    assert len(found.visits) == 1


def test_the_share_of_sampled_traces_is_read(tmp_path):
    root = span(1, 1, 0, 1) | {"traceState": "ot=th:8,vendor=x"}
    assert visits(tmp_path, batch([root])).sampled == 0.5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not OTLP/JSON: Input data was truncated"),
        ('{"resourceSpans": [{"scopeSpans": 3}]}', "Expected `array | null`, got `int`"),
        ("[" * 100_000, "not OTLP/JSON"),
        ('{"x":' + "[" * 100_000, "its JSON is nested too deeply"),
        (json.dumps(batch([span(1, 1, 0, 1) | {"spanId": "zz"}])), "spanId is 'zz'"),
        (
            json.dumps(batch([span(1, 1, 0, 1) | {"startTimeUnixNano": "-5"}])),
            "the time '-5' is no number of nanoseconds since 1970",
        ),
    ],
)
def test_a_line_that_is_no_batch_is_refused_with_its_number(tmp_path, line, message):
    file = tmp_path / "spans.jsonl"
    file.write_text(json.dumps(batch(a_request())) + "\n" + line + "\n")
    with pytest.raises(ScenarioError, match=r"spans\.jsonl:2: ") as error:
        read_spans([file])
    assert message in str(error.value)


def test_a_file_without_spans_and_one_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match="there are no spans in it"):
        read_spans([write(tmp_path / "none.jsonl", batch([]))])
    with pytest.raises(ScenarioError, match="no such file"):
        read_spans([tmp_path / "absent.jsonl"])
    with pytest.raises(InputError, match="of app among the spans: none is of kind server; instr"):
        visits(tmp_path, batch([span(1, 1, 0, 1, kind=CLIENT)]))
    with pytest.raises(InputError, match="server, and the parents of 1 of 1 are missing; instr"):
        visits(tmp_path, batch([span(1, 1, 0, 1, kind=INTERNAL, parent=9)]))


def test_of_spans_whose_compression_ends_early_the_lines_before_are_read(tmp_path):
    batches = [batch([span(i, 1, 50 * i, 50 * i + 20)]) for i in range(1, 200)]
    file = write(tmp_path / "spans.jsonl.gz", *batches)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert format_of(file) == "spans"
    found = read_spans([file])
    assert 20 < len(found) < 180
    said = "The last line of spans.jsonl.gz is not complete: it is read up to there."
    assert said in visits_of(found).doubts()


def test_damaged_compression_is_refused(tmp_path):
    file = write(tmp_path / "spans.jsonl.gz", batch(a_request()))
    file.write_bytes(file.read_bytes()[:-12])
    with pytest.raises(ScenarioError, match="its gzip data is damaged"):
        read_spans([file])


def test_what_unpacks_to_an_endless_line_is_refused_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(otlp, "LONGEST_LINE", 2**20)
    file = tmp_path / "bomb.jsonl"
    file.write_bytes(b'{"resourceSpans":"' + b"x" * 2**21)
    with pytest.raises(ScenarioError, match="it is longer than 1 MiB in one line or document"):
        read_spans([file])


def test_long_names_are_cut(tmp_path):
    root = span(1, 1, 0, 1, name="n" * 10**6)
    found = read_spans([write(tmp_path / "s.jsonl", batch([root], "s" * 10**6))])
    assert [len(name) for name in (*found.labels, *found.services)] == [500, 500]
    assert max(len(each) for each in found.instances[0]) == 500


def test_huge_attributes_are_skipped(tmp_path):
    root = span(1, 1, 0, 1, big="x" * 10**6)
    root["events"] = [{"name": "e", "attributes": [{"key": "k", "value": {"arrayValue": {}}}]}]
    root["attributes"].append({"key": "list", "value": {"arrayValue": {"values": []}}})
    assert len(read_spans([write(tmp_path / "s.jsonl", batch([root]))])) == 1


def test_every_kind_of_span_that_serves_is_a_request(tmp_path):
    found = visits(tmp_path, batch([span(1, 1, 0, 1, kind=SERVER), span(2, 2, 3, 4, kind=5)]))
    assert len(found.visits) == 2


def test_a_byte_order_mark_is_skipped(tmp_path):
    file = write(tmp_path / "spans.jsonl", batch(a_request()))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(read_spans([file])) == 2


def test_a_pipe_is_refused(tmp_path):
    pipe = tmp_path / "spans.jsonl"
    os.mkfifo(pipe)
    with pytest.raises(ScenarioError, match="not a regular file"):
        format_of(pipe)


@pytest.mark.parametrize("far", [366 * 24 * 3600 * 1000, -366 * 24 * 3600 * 1000])
def test_requests_over_more_than_a_year_are_refused(tmp_path, far):
    with pytest.raises(InputError, match=r"app: from the first arrival .* more than a year; look"):
        visits(tmp_path, batch([*a_request(1), *a_request(2, far)]))


def test_requests_that_take_no_time_are_refused(tmp_path):
    with pytest.raises(InputError, match="all requests take 0 s; record when each began and ended"):
        visits(tmp_path, batch([span(1, 1, 5, 5), span(2, 2, 9, 9)]))


def test_names_have_no_control_characters(tmp_path):
    request = span(1, 1, 0, 9, name="a\n\x1b[31m b")
    call = span(1, 2, 2, 8, name="\x07", kind=CLIENT, parent=1)
    found = visits(tmp_path, batch([request, call], "my\tshop"))
    assert (found.service, list(found.labels)) == ("my shop", ["a [31m b", "unnamed"])


def test_a_line_that_its_writer_did_not_end_is_left_out_and_said(tmp_path):
    file = write(tmp_path / "spans.jsonl", batch(a_request(1)), batch(a_request(2)))
    file.write_bytes(file.read_bytes()[:-30])
    found = visits_of(read_spans([file]))
    assert len(found.visits) == 1
    said = "The last line of spans.jsonl is not complete: it is read up to there."
    assert list(found.doubts()) == [said]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"data": [{"traceID": "a1", "spans": [{"operationName": "GET"}], "processes": {}}]}',
            "spans in Jaeger's JSON cannot be read; send the spans to an OpenTelemetry Collector",
        ),
        (
            '[{"traceId": "a1", "id": "b2", "localEndpoint": {"serviceName": "shop"}}]',
            "spans in Zipkin's JSON cannot be read; send the spans to an OpenTelemetry Collector",
        ),
        ("\x00\x00\x01\x02(\udcb5/\udcfd", "it is compressed with zstd; unpack it, or use gzip"),
    ],
)
def test_of_other_formats_it_is_said_what_to_export_instead(tmp_path, text, message):
    file = tmp_path / "spans.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ScenarioError) as error:
        format_of(file)
    assert message in str(error.value)
