"""Each kind of access log is recognised from its lines, and its facts are found in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.calibrate.logs import entry
from simsched.calibrate.logs.entry import UnusableLine
from simsched.calibrate.logs.formats import parse

MS = 1_000_000
SECOND = 1_000 * MS
NOON = 1_700_049_600 * SECOND
"""15 November 2023, 12:00 UTC."""

COMBINED = (
    '203.0.113.7 - - [15/Nov/2023:12:00:00 +0000] "GET /item/7?q=1 HTTP/1.1" 200 512 '
    '"-" "Mozilla/5.0 (X11) 1.234 99"'
)
ALB = (
    "h2 2023-11-15T12:00:00.250000Z app/web/50dc6c495c0c9188 203.0.113.7:2817 10.0.0.1:80 "
    '0.001 0.048 0.000 200 200 34 366 "GET https://www.example.com:443/item/7 HTTP/2.0" '
    '"curl/7.46.0" - - arn:aws:x "Root=1-58337262" "-" "-" 0 2023-11-15T12:00:00.200000Z "forward"'
)
CADDY = {
    "level": "info",
    "ts": 1700049600.25,
    "logger": "http.log.access",
    "msg": "handled request",
    "request": {
        "method": "GET",
        "uri": "/item/7",
        "headers": {"Date": ["x"], "Duration": ["9"]},
    },
    "duration": 0.0421,
    "size": 4,
    "status": 500,
}
TRAEFIK = {
    "DownstreamStatus": 200,
    "Duration": 45_678_900,
    "OriginDuration": 43_210_000,
    "RequestMethod": "GET",
    "RequestPath": "/item/7",
    "StartUTC": "2023-11-15T12:00:00.123456789Z",
    "time": "2023-11-15T12:00:00Z",
}
NGINX = {
    "time_iso8601": "2023-11-15T13:00:00+01:00",
    "msec": "1700049600.250",
    "request": "GET /item/7 HTTP/1.1",
    "status": "200",
    "request_time": "0.120",
    "upstream_response_time": "0.020, 0.080",
}


@pytest.mark.parametrize(
    ("line", "stamp_ns", "duration_ns", "upstream_ns"),
    [
        (f"{COMBINED} 0.120 0.100", NOON, 120 * MS, 100 * MS),
        (f"{COMBINED} 0.100 0.120", NOON, 120 * MS, 100 * MS),
        (f'{COMBINED} "-" "1498697422-2190034393-4708" "dc7161" 0.390', NOON, 390 * MS, None),
        (f"{COMBINED} 0.005 -", NOON, 5 * MS, None),
        (f"{COMBINED} 0.300 0.100, 0.150", NOON, 300 * MS, 250 * MS),
        (f'{COMBINED} rt=0.390 uct="0.001" uht="0.2" urt="0.380"', NOON, 390 * MS, 380 * MS),
        (f'{COMBINED} rt=0.390 urt="-"', NOON, 390 * MS, None),
        (f"{COMBINED} request time=0.01 upstream response time=0.009;", NOON, 10 * MS, 9 * MS),
        (f"{COMBINED} request_time_ms=12", NOON, 12 * MS, None),
        (f"{COMBINED} 1700049600.250 0.120", NOON + 250 * MS, 120 * MS, None),
        (f"{COMBINED} 120345", NOON, 120_345_000, None),
        (f"{COMBINED} 0.120345", NOON, 120_345_000, None),
        (f"{COMBINED} 12ms", NOON, 12 * MS, None),
        (ALB, NOON + 250 * MS, 49 * MS, 48 * MS),
        (ALB.removeprefix("h2 "), NOON + 250 * MS, 49 * MS, 48 * MS),
        (json.dumps(CADDY), NOON + 250 * MS, 42_100_000, None),
        (json.dumps(CADDY | {"duration": "42.1ms"}), NOON + 250 * MS, 42_100_000, None),
        (json.dumps(NGINX), NOON + 250 * MS, 120 * MS, 100 * MS),
        (json.dumps({"nginx": {"access": NGINX}}), NOON + 250 * MS, 120 * MS, 100 * MS),
        (
            "\t".join(
                ("time:15/Nov/2023:12:00:00 +0000", "method:GET", "uri:/item/7", "reqtime:0.02")
            ),
            NOON,
            20 * MS,
            None,
        ),
    ],
)
def test_the_end_and_the_duration_of_a_request_are_found(line, stamp_ns, duration_ns, upstream_ns):
    found = parse(line)
    assert not found.is_start
    assert (found.stamp_ns, found.duration_ns, found.upstream_ns) == (
        stamp_ns,
        duration_ns,
        upstream_ns,
    )
    assert found.method == "GET"
    assert "/item/7" in found.target


def test_traefik_writes_when_a_request_arrived():
    found = parse(json.dumps(TRAEFIK))
    assert found.is_start
    assert found.stamp_ns == NOON + 123_456_789
    assert (found.duration_ns, found.upstream_ns) == (45_678_900, 43_210_000)
    text = parse(f'{COMBINED} 271 "web@docker" "http://172.19.0.3:5601" 3ms')
    assert text.is_start
    assert (text.stamp_ns, text.duration_ns, text.number) == (NOON, 3 * MS, 271)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda line: f"Nov 15 12:00:00 web caddy[772]: {line}",
        lambda line: f"2023-11-15T12:00:00.3Z stdout F {line}",
        lambda line: json.dumps({"log": f"{line}\n", "stream": "stdout", "time": "2023"}),
    ],
)
def test_what_a_line_is_wrapped_in_does_not_matter(wrap):
    assert parse(wrap(json.dumps(CADDY))) == parse(json.dumps(CADDY))


def test_a_time_before_the_json_is_used_where_there_is_none_in_it():
    caddy = {name: value for name, value in CADDY.items() if name != "ts"}
    console = (
        f"2023/11/15 12:00:00.250\tINFO\thttp.log.access\thandled request\t{json.dumps(caddy)}"
    )
    assert parse(console).stamp_ns == NOON + 250 * MS


@pytest.mark.parametrize(
    ("unit", "duration_ns"), [(None, 120_000), (MS, 120 * MS), (SECOND, 120 * SECOND)]
)
def test_a_whole_number_is_microseconds_unless_said_otherwise(unit, duration_ns):
    found = parse(f"{COMBINED} 120", unit)
    assert found.duration_ns == duration_ns
    assert found.assumes_unit is (unit is None)


def test_the_resolution_of_a_time_is_known():
    assert parse(f"{COMBINED} 0.120").resolution_ns == SECOND
    assert parse(f"{COMBINED} 1700049600.250 0.120").resolution_ns == MS
    assert parse(ALB).resolution_ns == 1_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Starting nginx", entry.NO_REQUEST),
        (COMBINED, entry.NO_DURATION),
        (f"{COMBINED} - -", entry.NO_DURATION),
        (COMBINED.replace("[15/Nov/2023:12:00:00 +0000]", "") + " 0.1", entry.NO_TIME),
        (COMBINED.replace("15/Nov", "45/Foo") + " 0.120", entry.NO_TIME),
        (f"{COMBINED} rt=-0.120", entry.NEGATIVE),
        (f"{COMBINED} rt=99999999", entry.LASTED),
        (COMBINED.replace('" 200', '" 101') + " 61.000", entry.CONNECTION),
        (ALB.replace("0.001 0.048 0.000", "-1 -1 -1"), entry.UNANSWERED),
        (json.dumps({"level": "info", "msg": "serving initial configuration"}), entry.NO_REQUEST),
        (json.dumps(CADDY | {"duration": None}), entry.NO_DURATION),
        (json.dumps(CADDY | {"duration": float("nan")}), entry.NO_DURATION),
        (json.dumps(CADDY | {"ts": None}), entry.NO_TIME),
        ('{"a":' + "[" * 30_000 + "]" * 30_000 + "}", entry.TOO_DEEP),
    ],
)
def test_a_line_that_cannot_be_used_says_why(line, reason):
    with pytest.raises(UnusableLine) as error:
        parse(line)
    assert error.value.reason == reason
    assert reason in entry.CURES


def outcome(line: str) -> str:
    """Return why *line* is not used; "used" if it is, for a possible time."""
    try:
        found = parse(line)
    except UnusableLine as error:
        return error.reason
    return "used" if found.duration_ns >= 0 else ""


@given(st.one_of(st.text(max_size=300), st.text("0123456789.:-[]{}\"' \tGET/", max_size=120)))
def test_any_text_is_a_request_or_has_a_reason(text):
    for line in (text, f"{COMBINED} {text}", f'{{"request": {json.dumps(text)}}}'):
        assert outcome(line) in {"used", *entry.CURES}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*CADDY, *NGINX, *TRAEFIK]), inner, max_size=6)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_request_or_has_a_reason(value):
    for found in ({"request": value}, CADDY | {"duration": value}, NGINX | {"msec": value}):
        assert outcome(json.dumps(found)) in {"used", *entry.CURES}


def test_durations_of_traefik_are_nanoseconds_with_and_without_those_of_the_origin():
    alone = {name: value for name, value in TRAEFIK.items() if name != "OriginDuration"}
    found = parse(json.dumps(alone))
    assert (found.duration_ns, found.upstream_ns) == (45_678_900, None)
