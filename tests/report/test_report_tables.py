from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from report_results import MS, Story, lecture, load, trace_of

from simsched.engine.trace import Status
from simsched.experiment.tables import (
    requests_table,
    requests_tables,
    segments_table,
)
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ClassSummary, summary_rows

COLUMNS = (
    "server, replication, request, class, user, attempt, worker, arrival_ns, start_ns, finish_ns, "
    "queue_ns, cpu_ns, cpu_wait_ns, io_ns, io_wait_ns, status, late_cpu_ns, late_until_ns, "
    "demand_ns"
)


def test_requests_have_exactly_the_promised_columns():
    assert requests_table(lecture()).column_names == COLUMNS.split(", ")


def test_each_request_of_each_server_is_a_row():
    rows = requests_table(lecture()).to_pylist()
    assert [row["finish_ns"] / MS for row in rows] == [85, 170, 184, 94, 108, 98]
    assert [row["server"] for row in rows] == ["serial"] * 3 + ["cooperative"] * 3
    assert [row["class"] for row in rows] == ["page", "page", "ping"] * 2
    assert rows[5]["queue_ns"] == 8 * MS
    assert {row["status"] for row in rows} == {"completed"}
    assert {row["user"] for row in rows} == {None}


def test_the_parts_of_a_response_time_add_up():
    for row in requests_table(load()).to_pylist():
        parts = ("queue_ns", "cpu_ns", "cpu_wait_ns", "io_ns", "io_wait_ns")
        assert sum(row[part] for part in parts) == row["finish_ns"] - row["arrival_ns"]


def test_what_there_is_none_of_is_null():
    stories = (Story(0, "c10"), Story(1, "", status=Status.REFUSED))
    result = replace(lecture(), traces={"serial": (trace_of(stories),)})
    _, refused = requests_table(result).to_pylist()
    assert [refused[name] for name in ("worker", "start_ns", "finish_ns")] == [None] * 3
    assert refused["status"] == "refused"
    assert refused["arrival_ns"] == 1 * MS


def test_replications_count_from_one():
    column = requests_table(load(count=5, replications=3))["replication"].to_pylist()
    assert column == [n for _ in ("serial", "cooperative") for n in (1, 2, 3) for _ in range(5)]


def test_words_are_dictionary_encoded():
    schema = requests_table(lecture()).schema
    for name in ("server", "class", "status"):
        assert pa.types.is_dictionary(schema.field(name).type)


def test_servers_with_different_classes_share_one_table():
    traces = {
        "a": (trace_of((Story(0, "c1", "page"), Story(1, "c1", "ping"))),),
        "b": (trace_of((Story(0, "c1", "ping"), Story(1, "c1", "pong"))),),
    }
    table = requests_table(replace(lecture(), traces=traces))
    assert table["class"].to_pylist() == ["page", "ping", "ping", "pong"]


def test_segments_show_the_lecture():
    rows = segments_table(lecture()).to_pylist()
    third = [row for row in rows if row["server"] == "cooperative" and row["request"] == 3]
    assert [(row["activity"], row["finish_ns"] / MS) for row in third] == [
        ("queue", 80),
        ("cpu", 84),
        ("io", 90),
        ("cpu_wait", 94),
        ("cpu", 98),
    ]
    assert third[0]["worker"] is None
    assert third[1]["worker"] == 0
    first = [row["label"] for row in rows if row["server"] == "serial" and row["request"] == 1]
    assert first == ["framework", "database", "code", "database", "framework"]


def test_summary_rows_hold_counts_and_estimates():
    rows = {(row.server, row.metric): row for row in summary_rows(lecture().servers)}
    assert rows["serial", "requests.completed"].value == 3
    assert rows["cooperative", "response_time_s.mean"].value == (0.094 + 0.088 + 0.026) / 3
    assert rows["cooperative", "response_time_s.p99"].value is None


def test_summary_rows_hold_where_time_went_and_every_class():
    part = {"all": {"queue": Estimate(0.25)}}
    one = replace(
        lecture().servers["serial"],
        time_spent=part,
        classes={"page": ClassSummary({"slowdown": Estimate(3.0)}, part)},
    )
    rows = {row.metric: row.value for row in summary_rows({"a": one})}
    assert rows["time_spent_s.all.queue"] == 0.25
    assert rows["classes.page.slowdown"] == 3.0
    assert rows["classes.page.time_spent_s.all.queue"] == 0.25


@pytest.mark.parametrize("rows", [1, 3, 5, 7, 10, 15, 16])
def test_the_requests_in_parts_are_those_in_one_table(rows):
    result = load(count=5, replications=3)
    parts = list(requests_tables(result, rows))
    whole = requests_table(result)
    assert pa.concat_tables(parts).equals(whole, check_metadata=True)
    assert [len(part) for part in parts[:-1]] == [rows] * (len(parts) - 1)
    assert len(parts) == -(-len(whole) // rows)


def test_a_run_without_requests_has_a_table_without_rows():
    traces = {"serial": (load(count=5).traces["serial"][0].rows(slice(0)),)}
    (table,) = requests_tables(replace(load(count=5), traces=traces))
    assert len(table) == 0
    assert table.column_names == COLUMNS.split(", ")
