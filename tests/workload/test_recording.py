"""Reading recorded requests, and refusing what cannot be one."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, localcontext

import numpy as np
import pytest

from simsched.errors import ScenarioError
from simsched.units import DURATION_UNITS
from simsched.workload.recording import MOST_FAULTS, Source, read_recording

CLASSES = ("page", "ping")
COMMAS = "separate them by commas"

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
    source = Source(path, "arrival_s", request, unit)
    return read_recording(source, dict.fromkeys(CLASSES, durations), dict.fromkeys(CLASSES, 0.5))


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
        "5: io_s: 'nan' is not a number",
        "6: io_s: 'inf' is not a number",
        "7: io_s: the cell is empty",
        "8: the row has 2 cells, but the header 3 columns; an empty cell needs its comma, too",
        "9: arrival_s: 1700000000.5 s is longer than a year; count times from the first arrival",
        "10: kind: there is no class of requests 'nothing'; the classes are page, ping",
    ]


def test_a_line_is_counted_as_an_editor_counts_it(csv_file):
    assert faults_of(csv_file(GOOD + "x,page,1,\n")) == ["8: arrival_s: 'x' is not a number"]


def test_a_bad_cell_of_a_parquet_file_is_told_with_its_row(parquet_file):
    columns = {"arrival_s": [1.0, None, -1.0], "io_s": [0.0, 0.0, 0.0]}
    assert faults_of(parquet_file(columns), request=None) == [
        "2: arrival_s: the cell is empty",
        "3: arrival_s: -1.0 is not a time; it must be a number of at least 0",
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
        ("", ["its first line names no columns"]),
        ("arrival_s,kind,io_s", ["there are no rows"]),
    ],
)
def test_a_file_without_what_is_wanted_is_refused(csv_file, header, faults):
    assert faults_of(csv_file(f"{header}\n"))[: len(faults)] == faults


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert faults_of(tmp_path / "none.csv") == ["no such file"]


def test_a_directory_is_refused(tmp_path):
    assert faults_of(tmp_path) == ["a directory, not a file"]


def test_text_in_another_encoding_is_refused(csv_file):
    path = csv_file("arrival_s,kind,io_s\n1,pägé,2\n", "latin-1")
    assert faults_of(path) == ["byte 23 is not UTF-8 text; save the file with the encoding UTF-8"]


def test_text_in_another_encoding_is_refused_far_down_too(csv_file):
    text = "arrival_s,kind,io_s\n" + "1,page,2\n" * 200_000 + "1,pägé,2\n"
    (fault,) = faults_of(csv_file(text, "latin-1"))
    assert re.match(r"not UTF-8 text behind line \d{6}; save the file with", fault)


def test_a_broken_quote_is_refused(csv_file):
    (fault,) = faults_of(csv_file('arrival_s,kind,io_s\n1,"page"x,2\n'))
    assert re.match("2: not CSV: ", fault)


def test_a_broken_parquet_file_is_refused(tmp_path):
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 and nothing behind it")
    assert faults_of(path) == ["it is not a Parquet file"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "arrival_s,io_s\n0,012,0,041\n",
            "2: the row has 4 cells, but the header 2 columns; if 0,012 is one number, write 0.012",
        ),
        (
            "arrival_s,io_s\n-1,5,0.041\n",
            "2: the row has 3 cells, but the header 2 columns; if -1,5 is one number, write -1.5",
        ),
        (
            "arrival_s,io_s\n1,0.5,slow\n",
            "2: the row has 3 cells, but the header 2 columns; "
            "put text that holds a comma in quotes",
        ),
        (
            "arrival_s,io_s\n1,0.5,\n",
            "2: the row has 3 cells, but the header 2 columns; "
            "put text that holds a comma in quotes",
        ),
        (
            "arrival_s,io_s\n1;0.5\n",
            "2: the row has 1 cell, but the header 2 columns; "
            "if semicolons separate its cells, write commas",
        ),
        ('arrival_s,io_s\n"0,012",0.1\n', "2: arrival_s: '0,012' is not a number; write 0.012"),
        ("arrival_s;io_s\n0,012;0,041\n", "its cells are separated by semicolons; " + COMMAS),
        ("arrival_s\tio_s\n0.012\t0.041\n", "its cells are separated by tabs; " + COMMAS),
        ("\ufeffarrival_s;io_s\n1;2\n", "its cells are separated by semicolons; " + COMMAS),
        ("sep=;\narrival_s;io_s\n1;2\n", "its cells are separated by semicolons; " + COMMAS),
        ("arrival_s,io_s\n1_000,1\n", "2: arrival_s: '1_000' is not a number"),
        ("arrival_s,io_s\n1,\uff11\n", "2: io_s: '\uff11' is not a number"),
    ],
)
def test_a_file_that_is_not_separated_by_commas_is_refused(csv_file, text, fault):
    assert faults_of(csv_file(text), request=None) == [fault]


def test_all_faults_of_a_row_are_reported(csv_file):
    assert len(faults_of(csv_file("arrival_s,kind,io_s\nx,pge,1\n-1,page,y\n"))) == 4


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True], "bool"),
        (["0.5"], "string"),
        ([b"1"], "binary"),
        ([dt.datetime(2020, 1, 1, tzinfo=dt.UTC)], "timestamp[us, tz=UTC]"),
        ([dt.timedelta(1)], "duration[us]"),
        ([dt.time(1)], "time64[us]"),
        ([dt.date(2020, 1, 1)], "date32[day]"),
    ],
)
def test_a_parquet_column_that_holds_no_numbers_is_refused(parquet_file, values, kind):
    path = parquet_file({"arrival_s": [1.0], "io_s": values})
    assert faults_of(path, request=None) == [
        f"io_s: the column is of type {kind}, which is no time; store numbers of the unit"
    ]


def test_an_empty_cell_is_fine_where_the_class_does_not_use_the_column(csv_file, parquet_file):
    columns = {"arrival_s": [0, 1, 2], "kind": ["page", "ping", "page"], "io_s": [1, None, 3]}
    rows = zip(*columns.values(), strict=True)
    lines = (f"{a},{b},{'' if c is None else c}\n" for a, b, c in rows)
    text = "".join(["arrival_s,kind,io_s\n", *lines])
    uses = {"page": ("io_s",), "ping": ()}
    for path in (csv_file(text), parquet_file(columns)):
        source = Source(path, "arrival_s", "kind")
        found = read_recording(source, uses, dict.fromkeys(CLASSES, 0.5))
        assert found.durations_ns["io_s"].tolist() == [10**9, 0, 3 * 10**9]
        # Where the mix decides, any row may be of a class that uses it, unless its weight is 0.
        source = Source(path, "arrival_s")
        with pytest.raises(ScenarioError, match="io_s: the cell is empty"):
            read_recording(source, uses, dict.fromkeys(CLASSES, 0.5))
        assert len(read_recording(source, uses, {"page": 0.0, "ping": 1.0}).arrival_ns) == 3


LATE = [31_000_000_000_000_001, 31_000_000_000_000_002, 31_000_000_000_000_003]


def test_nanoseconds_beyond_2_to_the_53_are_exact(csv_file):
    text = "arrival_s,io_s\n" + "".join(f"{late},{late}\n" for late in LATE)
    found = read(csv_file(text), request=None, unit="ns")
    assert found.arrival_ns.tolist() == found.durations_ns["io_s"].tolist() == LATE


@pytest.mark.parametrize("unit", ["ns", "us", "µs", "ms", "s", "min", "h"])
def test_decimals_are_exact_in_every_unit(csv_file, unit):
    with localcontext(prec=80):
        cells = [Decimal(late) / DURATION_UNITS[unit] for late in LATE]
    found = read(csv_file("arrival_s\n" + "".join(f"{c}\n" for c in cells)), None, (), unit)
    assert found.arrival_ns.tolist() == LATE


def test_a_fraction_of_a_nanosecond_is_rounded_once(csv_file):
    cells = ["2.5", "3.5", "2.50000000000000000000000000000000000000001", "1e-300", "25e-1"]
    found = read(csv_file("arrival_s\n0\n" + "\n".join(cells)), None, (), "ns")
    assert found.arrival_ns.tolist() == [0, 0, 2, 2, 3, 4]


def test_parquet_numbers_of_every_type_are_exact(parquet_file):
    import pyarrow as pa

    for kind in (pa.int64(), pa.uint64(), pa.decimal128(20, 0), pa.decimal256(40, 3)):
        path = parquet_file({"arrival_s": pa.array(map(Decimal, LATE)).cast(kind)})
        assert read(path, None, (), "ns").arrival_ns.tolist() == LATE
    seconds = pa.array([Decimal(late).scaleb(-9) for late in LATE])
    assert read(parquet_file({"arrival_s": seconds}), None, ()).arrival_ns.tolist() == LATE
    floats = parquet_file({"arrival_s": pa.array([0.1, 2.5e-9, 3e-9])})
    assert read(floats, None, ()).arrival_ns.tolist() == [2, 3, 10**8]
    coded = parquet_file({"arrival_s": pa.array([7, 7]).dictionary_encode()})
    assert read(coded, None, (), "ns").arrival_ns.tolist() == [7, 7]
