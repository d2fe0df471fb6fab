"""Reading recorded requests, and refusing what cannot be one."""

from __future__ import annotations

import re

import numpy as np
import pytest

from simsched.errors import ScenarioError
from simsched.workload.recording import MOST_FAULTS, Source, read_recording

CLASSES = ("page", "ping")

GOOD = """\
arrival_s,kind,io_s,comment
0.5,page,0.040,"first, with a
line break"

0.25,ping,0.006,

0.5,page,1e-9,
"""


@pytest.fixture
def csv_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "runs.csv"
        path.write_text(text, encoding=encoding)
        return path

    return write


@pytest.fixture
def parquet_file(tmp_path):
    def write(columns):
        import pyarrow as pa
        from pyarrow import parquet

        path = tmp_path / "runs.parquet"
        parquet.write_table(pa.table(columns), path)
        return path

    return write


def read(path, request="kind", durations=("io_s",), unit="s"):
    return read_recording(Source(path, "arrival_s", request, unit, durations), CLASSES)


def faults_of(path, **wanted):
    with pytest.raises(ScenarioError) as caught:
        read(path, **wanted)
    return [str(fault).removeprefix(f"{path}:").strip() for fault in caught.value.faults]


def test_rows_are_sorted_by_arrival_and_ties_stay_in_the_order_of_the_file(csv_file):
    recording = read(csv_file(GOOD))
    assert recording.arrival_ns.tolist() == [250_000_000, 500_000_000, 500_000_000]
    assert recording.class_id.tolist() == [1, 0, 0]
    assert recording.durations_ns["io_s"].tolist() == [6_000_000, 40_000_000, 1]


def test_a_byte_order_mark_is_not_part_of_the_first_name(csv_file):
    assert len(read(csv_file(GOOD, "utf-8-sig")).arrival_ns) == 3


def test_all_times_are_in_the_unit_of_the_file(csv_file):
    recording = read(csv_file("arrival_s,io_s\n2,3\n"), request=None, unit="ms")
    assert recording.arrival_ns.tolist() == [2_000_000]
    assert recording.durations_ns["io_s"].tolist() == [3_000_000]
    assert recording.class_id is None


def test_parquet_reads_like_csv(csv_file, parquet_file):
    columns = {
        "io_s": [0.04, 0.006, 1e-9],
        "arrival_s": [0.5, 0.25, 0.5],
        "kind": ["page", "ping", "page"],
    }
    one, other = read(csv_file(GOOD)), read(parquet_file(columns))
    assert np.array_equal(one.arrival_ns, other.arrival_ns)
    assert np.array_equal(one.class_id, other.class_id)
    assert np.array_equal(one.durations_ns["io_s"], other.durations_ns["io_s"])


def test_one_column_may_serve_several_purposes(csv_file):
    recording = read(csv_file("arrival_s\n2\n"), request=None, durations=("arrival_s",))
    assert recording.durations_ns["arrival_s"].tolist() == recording.arrival_ns.tolist()


BAD_CELLS = """\
arrival_s,kind,io_s
x,page,0.04
1,pge,0.04
2,page,-0.5
3,page,nan
4,page,inf
5,page,
6,page
1700000000.5,page,0.04
7,nothing,0.04
"""


def test_every_bad_cell_is_told_with_its_line_and_column(csv_file):
    assert faults_of(csv_file(BAD_CELLS)) == [
        "2: arrival_s: 'x' is not a number",
        "3: kind: there is no class of requests 'pge'; did you mean 'page'?",
        "4: io_s: -0.5 is not a time; it must be a number of at least 0",
        "5: io_s: nan is not a time; it must be a number of at least 0",
        "6: io_s: inf is not a time; it must be a number of at least 0",
        "7: io_s: the cell is empty",
        "8: io_s: the cell is empty",
        "9: arrival_s: 1.7e+09 s is longer than a year; count times from the first arrival",
        "10: kind: there is no class of requests 'nothing'; the classes are page, ping",
    ]


def test_a_line_is_counted_as_an_editor_counts_it(csv_file):
    assert faults_of(csv_file(GOOD + "x,page,1,\n")) == ["8: arrival_s: 'x' is not a number"]


def test_a_bad_cell_of_a_parquet_file_is_told_with_its_row(parquet_file):
    columns = {"arrival_s": [1.0, None, -1.0], "io_s": [0.0, 0.0, 0.0]}
    assert faults_of(parquet_file(columns), request=None) == [
        "2: arrival_s: the cell is empty",
        "3: arrival_s: -1 is not a time; it must be a number of at least 0",
    ]


def test_a_hopeless_file_is_not_read_to_its_end(csv_file):
    text = "arrival_s,kind,io_s\n" + "x,page,0\n" * 1000
    assert len(faults_of(csv_file(text))) == MOST_FAULTS


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        ("arrival,kind,io_s", ["there is no column 'arrival_s'; did you mean 'arrival'?"]),
        ("arrival_s,kind,x", ["there is no column 'io_s'; its columns are arrival_s, kind, x"]),
        ("arrival_s,kind,io_s,kind", ["there are several columns 'kind'"]),
        ("", ["there is no column 'arrival_s'; its columns are none"]),
        ("arrival_s,kind,io_s", ["there are no rows"]),
    ],
)
def test_a_file_without_what_is_wanted_is_refused(csv_file, header, faults):
    assert faults_of(csv_file(f"{header}\n"))[: len(faults)] == faults


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert faults_of(tmp_path / "none.csv") == ["cannot be read: No such file or directory"]


def test_a_directory_is_refused(tmp_path):
    assert faults_of(tmp_path) == ["cannot be read: Is a directory"]


def test_text_in_another_encoding_is_refused(csv_file):
    path = csv_file("arrival_s,kind,io_s\n1,pägé,2\n", "latin-1")
    assert faults_of(path) == ["cannot be read: it is not UTF-8 text"]


def test_a_broken_quote_is_refused(csv_file):
    (fault,) = faults_of(csv_file('arrival_s,kind,io_s\n1,"page"x,2\n'))
    assert re.match("2: not CSV: ", fault)


def test_a_broken_parquet_file_is_refused(tmp_path):
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 and nothing behind it")
    (fault,) = faults_of(path)
    assert fault.startswith("not Parquet: ")
