"""Lines whose facts have names: JSON of Caddy, Traefik, nginx and others, and labelled text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from simsched.calibrate.logs import entry
from simsched.calibrate.logs.entry import Entry, UnusableLine
from simsched.calibrate.logs.times import UNITS, Stamp, duration_of, stamp_of
from simsched.units import SECOND

Fields = Mapping[str, Any]
"""The facts of a line by name: small letters and digits only, as in ``requesttime``."""

_STARTS = ("startutc", "starttime", "start")
_ENDS = ("msec", "timeiso8601", "timelocal", "ts", "time", "timestamp", "datetime", "t", "timengx")
_TARGETS = ("requesturi", "uri", "requestpath", "path", "url", "urlpath", "target")
_METHODS = ("requestmethod", "method", "verb")
_STATUS = ("status", "downstreamstatus", "statuscode", "responsestatus", "requeststatus", "code")
REQUEST = re.compile(r"([A-Z]{3,16}) (\S+)(?: HTTP/[\d.]+)?")
"""A request line of HTTP."""

_DEEPEST = 3
_NO_FACTS = {"headers", "respheaders", "requestheaders", "responseheaders", "tls"}


def _with_units(*names: str) -> dict[str, int | None]:
    """Return *names*, and each with the units that may end it; None where no unit does."""
    ends = {"s": "s", "sec": "s", "seconds": "s", "ms": "ms", "msec": "ms", "milliseconds": "ms"}
    ends |= {"us": "us", "usec": "us", "microseconds": "us", "ns": "ns", "nanoseconds": "ns"}
    return dict.fromkeys(names) | {
        name + end: UNITS[unit] for name in names for end, unit in ends.items()
    }


_SECONDS = {"requesttime", "upstreamresponsetime", "rt", "urt"}
"""Names of nginx, whose times are in seconds."""

DURATIONS = _with_units(
    *("requesttime", "reqtime", "duration", "responsetime", "rt", "elapsed", "latency"),
    *("requestduration", "timetaken", "took", "totaltime", "processingtime"),
)
UPSTREAMS = _with_units(
    "upstreamresponsetime", "upstreamtime", "upstreamtakentime", "urt", "apptime"
)


def plain(name: str) -> str:
    """Return the *name* of a fact as it is looked up, without its case and signs."""
    return re.sub(r"[^a-z0-9]", "", name.rpartition(".")[2].lower())


def fields_of_json(text: str) -> Fields | None:
    """Return the facts in a JSON object; None if *text* is none.

    Raises:
        UnusableLine: it is nested too deeply.
    """
    try:
        found = json.loads(text)
    except RecursionError:
        raise UnusableLine(entry.TOO_DEEP) from None
    except ValueError:
        return None
    fields: dict[str, Any] = {}
    for name, value in _flat(found) if isinstance(found, dict) else ():
        fields.setdefault(name, value)
    return fields


def _flat(found: Mapping[str, Any], depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield the facts of an object, and then those of the objects in it."""
    inner = []
    for name, value in found.items():
        if isinstance(value, dict):
            inner.append((plain(name), value))
        else:
            yield plain(name), value
    for name, value in inner:
        if depth < _DEEPEST and name not in _NO_FACTS:
            yield from _flat(value, depth + 1)


def entry_of(fields: Fields, unit: int | None, stamp: Stamp | None = None) -> Entry:
    """Return the request that *fields* are about.

    Args:
        fields: what is known of it.
        unit: of a duration without one, in nanoseconds; that of its kind of log if None.
        stamp: when it was answered, if *fields* do not say.

    Raises:
        UnusableLine: they are about none, or lack a time.
    """
    is_traefik = "duration" in fields and bool(fields.keys() & {"originduration", "startutc"})
    method, target = _request(fields)
    start = next(filter(None, (stamp_of(fields.get(name)) for name in _STARTS)), None)
    ends = filter(None, (stamp_of(fields.get(name)) for name in _ENDS))
    moment = start or min(ends, key=lambda each: each.resolution_ns, default=stamp)
    if moment is None:
        raise UnusableLine(entry.NO_TIME)
    name = next((name for name in DURATIONS if fields.get(name) not in (None, "", "-")), None)
    if name is None:
        raise UnusableLine(entry.NO_DURATION)
    known = UNITS["ns"] if is_traefik else DURATIONS[name]
    if known is None and name in _SECONDS:
        known = SECOND
    duration = duration_of(fields[name], known or unit or SECOND)
    if duration is None:
        raise UnusableLine(entry.NO_DURATION)
    return Entry(
        stamp_ns=moment.time_ns,
        is_start=start is not None,
        resolution_ns=moment.resolution_ns,
        duration_ns=duration,
        upstream_ns=_upstream(fields, is_traefik),
        method=method,
        target=target,
        status=_status(fields),
        assumes_unit=known is None and isinstance(fields[name], int),
    )


def _upstream(fields: Fields, is_traefik: bool) -> int | None:
    if is_traefik:
        return duration_of(fields.get("originduration"), 1) or None
    for name, unit_ns in UPSTREAMS.items():
        if name in fields:
            return duration_of(fields[name], unit_ns or SECOND)
    return None


def _request(fields: Fields) -> tuple[str, str]:
    line = fields.get("request") or fields.get("req")
    if isinstance(line, str) and (found := REQUEST.match(line)):
        return found[1], found[2]
    target = next((fields[name] for name in _TARGETS if isinstance(fields.get(name), str)), None)
    if target is None:
        raise UnusableLine(entry.NO_REQUEST)
    method = next((fields[name] for name in _METHODS if isinstance(fields.get(name), str)), "GET")
    return method.upper(), target


def _status(fields: Fields) -> int | None:
    codes = (code_of(fields.get(name)) for name in _STATUS)
    return next((code for code in codes if code is not None), None)


def code_of(value: object) -> int | None:
    """Return the status that *value* is, a number or text; None if it is none."""
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else None
