"""Tables of requests are read by the names of their columns."""

from __future__ import annotations

import gzip
import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import simsched
from simsched.calibrate.classes import Rule
from simsched.calibrate.table import read_table, recorded
from simsched.errors import ScenarioError

MS = 1_000_000
LOOP = {"model": "cooperative"}


def write(path, header, *rows):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_times_have_the_unit_of_their_names(tmp_path):
    seconds = write(tmp_path / "s.csv", "arrival_s,done_s,route", "0.5,0.75,a", "0.25,1,b")
    millis = write(tmp_path / "m.csv", "route,done_ms,arrival_ms", "a,750,500", "b,1000,250")
    for found in (read_table(seconds), read_table(millis)):
        assert found.arrival_ns.tolist() == [0, 250 * MS]
        assert found.response_ns.tolist() == [750 * MS, 250 * MS]
        assert [found.classes[i] for i in found.class_id] == ["b", "a"]


def test_a_parquet_file_is_a_table(tmp_path):
    file = tmp_path / "run.parquet"
    parquet.write_table(pa.table({"arrival_ns": [0, 5], "done_ns": [7, 9]}), file)
    found = read_table(file)
    assert found.response_ns.tolist() == [7, 4]
    assert found.classes == ("request",)


def test_classes_that_are_paths_become_routes(tmp_path):
    rows = [f"{i},{i + 0.5},{path}" for i in range(40) for path in (f"/item/{i}", "POST /cart")]
    file = write(tmp_path / "run.csv", "arrival_s,done_s,path", *rows)
    assert set(read_table(file).classes) == {"/item/{}", "POST /cart"}
    assert set(read_table(file, [Rule.parse("item=thing")]).classes) == {"thing", "POST /cart"}


def test_a_table_of_phases_becomes_a_scenario_that_replays_it(tmp_path):
    header = "i,arrival_s,class,cpu1_s,io_s,cpu2_s,sent_s,done_s"
    rows = [f"{i},{i}.0,{'ab'[i % 2]},0.01,0.02,0.03,0,{i}.06" for i in range(4)]
    found = recorded(write(tmp_path / "run.csv", header, *rows), LOOP)
    assert found.done == "done_s"
    scenario = simsched.load(found.scenario)
    assert list(scenario.requests) == ["a", "b"]
    result = simsched.calibrate.Replay.of(scenario, "server").response_ns(0, 0)
    assert np.array_equal(result, np.full(4, 60.0 * MS))


@pytest.mark.parametrize("header", ["arrival_s,done_s", "arrival_s,done_s,cpu_s", "cpu_s,io_s"])
def test_a_table_without_phases_or_times_replays_nothing(tmp_path, header):
    assert recorded(write(tmp_path / "run.csv", header, "1,2,3"), LOOP) is None


def test_times_in_several_units_are_an_error(tmp_path):
    file = write(tmp_path / "run.csv", "arrival_s,cpu_ms,io_s,done_s", "0,1,2,3")
    with pytest.raises(ScenarioError, match="its times are in several units: arrival_s, done_s"):
        recorded(file, LOOP)


def test_a_request_that_was_done_before_it_came_is_an_error(tmp_path):
    file = write(tmp_path / "run.csv", "arrival_s,done_s", "0,1", "3,2")
    with pytest.raises(ScenarioError, match=r"run.csv:3: it was done before it arrived"):
        read_table(file)


def test_times_may_count_from_1970(tmp_path):
    rows = [f"{1_700_000_000_000 + i}.25,{1_700_000_000_005 + i}.5,a" for i in range(3)]
    found = read_table(write(tmp_path / "run.csv", "arrival_ms,done_ms,class", *rows))
    assert found.arrival_ns.tolist() == [0, MS, 2 * MS]
    assert found.response_ns.tolist() == [5_250_000] * 3


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        ("arrival_s,done_s", "1700000000,1", "it was done before it arrived"),
        ("arrival_s,done_s", "3,1700000000", "passes more than a year; look for wrong times"),
        ("arrival_s,done_s", "3,1e30", "is longer than 145 years"),
        ("arrival_s,done_s,done_s", "1,2,3", "it has several columns done_s; give each a name"),
        ("arrival_s,done_s,class,class", "1,2,3,4", "it has several columns class; give each a"),
    ],
)
def test_times_and_columns_that_cannot_be_used_say_why(tmp_path, header, row, message):
    with pytest.raises(ScenarioError, match=message):
        read_table(write(tmp_path / "run.csv", header, row))


def test_a_compressed_table_is_to_be_unpacked(tmp_path):
    file = tmp_path / "run.csv.gz"
    file.write_bytes(gzip.compress(b"arrival_s,done_s\n1,2\n"))
    with pytest.raises(ScenarioError, match="compressed by gzip; unpack it"):
        read_table(file)


def test_classes_have_no_control_characters(tmp_path):
    file = write(tmp_path / "run.csv", "arrival_s,done_s,class", '1,2,"a\n\x1b[31m"', "2,3,b")
    assert read_table(file).classes == ("a [31m", "b")


def test_a_line_or_header_without_an_end_is_refused_in_bounded_memory(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"arrival_s,done_s\n1,2\n" + b"3" * (2**20 + 1))
    with pytest.raises(ScenarioError, match="line 3 is longer than 1 MiB; end each row with"):
        read_table(file)
    file.write_bytes(b"3" * (2**20 + 1))
    with pytest.raises(ScenarioError, match="its first line has more than 1,048,576 bytes"):
        read_table(file)
    file.write_bytes(b"\x1f\x8b" + b"3" * 2**21)
    with pytest.raises(ScenarioError, match="compressed by gzip; unpack it"):
        read_table(file)


def test_more_requests_than_are_read_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("simsched.calibrate.clients.MOST_REQUESTS", 2)
    file = tmp_path / "a.csv"
    file.write_text("arrival_s,done_s\n" + "1,2\n" * 3)
    with pytest.raises(ScenarioError, match="more than 2 rows are too many; give a part"):
        read_table(file)


def test_the_same_long_text_in_every_row_is_held_once(tmp_path):
    count = 20_000
    rows = pa.array([0] * count, pa.int32())
    names = pa.DictionaryArray.from_arrays(rows, pa.array(["q" * 10**5]))
    times = pa.array([float(i) for i in range(count)])
    table = pa.table({"arrival_s": times, "done_s": times, "class": names})
    parquet.write_table(table, tmp_path / "a.parquet", store_schema=False)
    tracemalloc.start()
    assert read_table(tmp_path / "a.parquet").classes == ("q" * 500,)
    assert tracemalloc.get_traced_memory()[1] < 20 * 10**6
    tracemalloc.stop()


def test_a_column_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("simsched.scenario.file.tables.LONGEST_CHUNK", 2**10)
    times = pa.array([i / 7 for i in range(1_000)])
    parquet.write_table(pa.table({"arrival_s": times, "done_s": times}), tmp_path / "a.parquet")
    with pytest.raises(ScenarioError, match=r"'arrival_s' unpacks to more than .* write smaller"):
        read_table(tmp_path / "a.parquet")
