"""Access logs become requests; what is not used of them is counted, and nothing is lost."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from simsched.calibrate.access_log import read_access_log
from simsched.calibrate.classes import Rule
from simsched.calibrate.formats import format_of
from simsched.errors import ScenarioError

MS = 1_000_000
SECOND = 1_000 * MS


def line(second: int, tail: str, target: str = "/page", status: int = 200) -> str:
    clock = f"12:{second // 60:02}:{second % 60:02}"
    request = f'"GET {target} HTTP/1.1" {status} 5 "-" "curl"'
    return f"10.0.0.1 - - [15/Nov/2023:{clock} +0000] {request} {tail}"


def exact(at_ms: int, duration_ms: int, target: str = "/page") -> str:
    msec = f"{1_700_049_600 + at_ms // 1000}.{at_ms % 1000:03}"
    return line(at_ms // 1000, f"{msec} {duration_ms / 1000:.3f}", target)


def write(path, lines):
    path.write_text("".join(f"{each}\n" for each in lines))
    return path


def test_a_request_arrived_its_duration_before_it_was_logged(tmp_path):
    log = write(tmp_path / "access.log", [exact(500, 100), exact(700, 650), exact(900, 20)])
    found = read_access_log([log])
    assert found.arrival_ns.tolist() == [0, 350 * MS, 830 * MS]
    assert found.response_ns.tolist() == [650 * MS, 100 * MS, 20 * MS]
    assert found.upstream_ns is None
    assert found.about.remarks == ()


def test_rotated_files_are_read_in_any_order_and_compressed(tmp_path):
    older = write(tmp_path / "access.log.1", [exact(at, 10) for at in range(100, 2000, 100)])
    newer = write(tmp_path / "access.log", [exact(at, 10) for at in range(2000, 4000, 100)])
    packed = tmp_path / "access.log.2.gz"
    packed.write_bytes(gzip.compress(older.read_bytes()))
    plain = read_access_log([older, newer])
    for files in ([newer, older], [newer, packed]):
        other = read_access_log(files)
        assert np.array_equal(other.arrival_ns, plain.arrival_ns)
        assert np.array_equal(other.response_ns, plain.response_ns)


def test_lines_of_one_second_are_spread_over_it_in_their_order(tmp_path):
    log = write(tmp_path / "access.log", [line(second, "0.000") for second in [1, 1, 1, 1, 2, 2]])
    found = read_access_log([log])
    assert len(set(found.arrival_ns.tolist())) == 6
    assert (np.diff(found.arrival_ns) > 0).all()
    assert found.arrival_ns[3] < SECOND < found.arrival_ns[3] + SECOND
    assert "exact to 1.00 s only" in found.about.remarks[0]
    again = read_access_log([log])
    assert np.array_equal(found.arrival_ns, again.arrival_ns)


def test_what_is_not_used_is_counted_with_its_first_place_and_a_cure(tmp_path):
    lines = [
        "# a comment",
        "",
        *(exact(at, 10) for at in range(1000, 3000, 100)),
        "worker started",
        line(5, "-"),
        "x" * 70_000,
        line(5, "61.000", status=101),
        "worker stopped",
    ]
    log = write(tmp_path / "access.log", lines)
    found = read_access_log([log])
    assert len(found) == 20
    assert found.about.remarks == (
        f"Not used: 2 lines without a request (the first is {log}:23); those of an access log are "
        "in a format that is not known.",
        f"Not used: 1 line without a duration (the first is {log}:24); log how long each request "
        "took: $request_time (nginx), %(D)s (gunicorn).",
        f"Not used: 1 line of more than 64 KiB (the first is {log}:25); leave headers and bodies "
        "out of the log.",
        f"Not used: 1 line about a connection (WebSocket or CONNECT), not a request (the first is "
        f"{log}:26); it lasts as long as its client wants.",
    )


def test_a_clock_that_goes_back_is_noticed_and_all_lines_are_used(tmp_path):
    log = write(tmp_path / "access.log", [exact(60_000, 5), exact(61_000, 5), exact(1_000, 5)])
    found = read_access_log([log])
    assert len(found) == 3
    assert f"1 line (the first is {log}:3) is more than 5 s earlier" in found.about.remarks[0]


def test_clients_that_left_and_assumed_units_are_noticed(tmp_path):
    log = write(tmp_path / "a.log", [line(1, "1500", status=499), line(2, "2500")])
    remarks = " ".join(read_access_log([log]).about.remarks)
    assert f"1 line (the first is {log}:1) is of clients that left before the answer" in remarks
    assert f"2 lines (the first is {log}:1) are without a unit" in remarks
    assert "--duration-unit" in remarks


def test_requests_that_a_server_counted_but_did_not_log_are_noticed(tmp_path):
    tail = '"web@docker" "http://10.0.0.2:80" 3ms'
    log = write(tmp_path / "a.log", [line(at, f"{10 * at} {tail}") for at in range(1, 51)])
    assert "The log has 50 of the 491 requests that the server counted" in " ".join(
        read_access_log([log]).about.remarks
    )
    whole = write(tmp_path / "b.log", [line(at, f"{at % 40 + 1} {tail}") for at in range(50)])
    assert "counted" not in " ".join(read_access_log([whole]).about.remarks)


def test_classes_are_routes_and_rules_come_first(tmp_path):
    targets = ["/item/1", "/item/2?x=1", "/cart"] * 20
    log = write(tmp_path / "a.log", [exact(100 * i, 5, each) for i, each in enumerate(targets)])
    found = read_access_log([log])
    assert found.classes == ("/item/{}", "/cart")
    ruled = read_access_log([log], [Rule.parse("/item/=thing")])
    assert ruled.classes == ("thing", "/cart")
    assert np.bincount(ruled.class_id).tolist() == [40, 20]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there are no lines"),
        (b"\x7fELF\x00\x01", "this is the first of 1 line of binary data; give the log itself"),
        (
            gzip.compress(b"x" * 100, mtime=0)[:-9],
            "its gzip data is damaged: .*; copy it again",
        ),
        (b"worker started\n", "no line can be used; this is the first of 1 line without a request"),
        (line(1, "").encode(), "log how long each request took"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(tmp_path, content, message):
    log = tmp_path / "access.log"
    log.write_bytes(content)
    with pytest.raises(ScenarioError, match=message) as error:
        read_access_log([log])
    assert str(log) in str(error.value)


def test_of_a_log_whose_compression_ends_early_the_lines_before_are_read(tmp_path):
    log = write(tmp_path / "a.log", [exact(100 * i, 5, f"/{7919 * i}") for i in range(2000)])
    packed = tmp_path / "access.log.gz"
    whole = gzip.compress(log.read_bytes())
    packed.write_bytes(whole[: len(whole) // 2])
    assert format_of(packed) == "log"
    found = read_access_log([packed])
    assert 200 < len(found) < 1800
    said = "The last line of access.log.gz is not complete: it is read up to there."
    assert said in found.about.remarks


def test_no_such_file_is_an_error(tmp_path):
    with pytest.raises(ScenarioError, match="no such file"):
        read_access_log([tmp_path / "nowhere.log"])


def test_a_hole_of_zeros_costs_the_lines_in_it_alone(tmp_path):
    log = write(tmp_path / "a.log", [exact(100 * i, 5, "/a") for i in range(30)])
    text = log.read_bytes()
    log.write_bytes(b"\0" * 2**17 + text)  # after the log was cut while its server wrote on
    assert len(read_access_log([log])) == 29
    log.write_bytes(b"\0" * 2**10 + text + b"\x01\0\x02\n")
    found = read_access_log([log])
    assert len(found) == 30
    assert any("1 line of binary data" in each for each in found.about.remarks)
